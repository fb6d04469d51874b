// The shapes that a user of the library holds: a client for one host, and a shell on it. Types only; client.ts and shell/remote-shell.ts
// make them. They stand in one file because each leads to the other.
import type { CimObject } from '../model/cim.ts';
import type { Answer } from '../model/seams.ts';
import type { CimInput, EnumerateOptions, InvokeOptions, QueryOptions, ResourceOptions } from './cim/cim-client.ts';
import type { RemoteCommand } from './shell/remote-command.ts';
import type { ShellSettings } from './shell/shell-messages.ts';
import type { Identity } from './soap/responses.ts';

export interface SignalOption {
  readonly signal?: AbortSignal;
}

/** One host. Nothing is sent before the first call that needs it, and CIM needs no shell. All failures are a `Failure`. */
export interface WinRmClient extends AsyncDisposable {
  /** Opens a shell on the host. Several may be open at once; each counts against MaxShellsPerUser. */
  openShell(settings?: ShellSettings & SignalOption): Promise<RemoteShell>;
  /** The instance that the selectors name, `winrm/config` and the like included: `resource` is a class or a whole resource URI. */
  get(resource: string, options?: ResourceOptions): Promise<CimObject>;
  /** All instances of a class, fetched as they are read; the first ones come with the first answer. */
  enumerate(resource: string, options?: EnumerateOptions): AsyncGenerator<CimObject, void, undefined>;
  /** What a WQL query selects. Put names into it with `quoteWql`. */
  query(wql: string, options?: QueryOptions): AsyncGenerator<CimObject, void, undefined>;
  /** Calls a method of a class or instance, at most once; resolves with its output, `ReturnValue` included. */
  invoke(resource: string, method: string, input?: CimInput, options?: InvokeOptions): Promise<CimObject>;
  /** Who answers: vendor and version of the WinRM service. */
  identify(options?: SignalOption): Promise<Identity>;
  /** Closes every shell and connection. Never rejects. */
  close(): Promise<void>;
}

export interface RunOptions {
  /** Aborted: the command is terminated on the host, and `run` rejects with `interrupted` or the Failure that is the reason. */
  readonly signal?: AbortSignal;
  /**
   * Default false: the line is sent at most once, and when its answer is lost, `run` rejects with a Failure whose `effect` is
   * `unknown`. True: the line changes nothing, so it may be run again after a lost connection.
   */
  readonly repeatable?: boolean;
  /** All of the command's input, text as UTF-8, and its end. Left out: it gets none. */
  readonly stdin?: string | Uint8Array;
}

export interface StartOptions {
  /** Aborted: the command is terminated on the host and its streams end with the Failure. */
  readonly signal?: AbortSignal;
  /** True: input will be written to `stdin`, which must be ended. Default false: there is no `stdin`. */
  readonly stdin?: boolean;
}

export interface RemoteShell extends AsyncDisposable {
  /** The host's client, for CIM over the same connections. */
  readonly client: WinRmClient;
  /** Runs a line in cmd.exe and resolves with all it left behind, whatever its exit code. Lines wait for each other. */
  run(line: string, options?: RunOptions): Promise<Answer>;
  /** Starts a line in cmd.exe, beside whatever else runs, and gives its output as it comes. At most once. */
  start(line: string, options?: StartOptions): Promise<RemoteCommand>;
  /**
   * Runs a script in Windows PowerShell, as `run` does a line. The script must fit a command line: about 3000 characters. Throws
   * Failure `command/too-long`.
   */
  powershell(script: string, options?: RunOptions): Promise<Answer>;
  /** Deletes the shell on the host, which ends what runs in it. Never rejects. */
  close(): Promise<void>;
}
