// The library's door, `fencepost/winrm`: a remote command shell for Node programs. The command line goes through connect.ts instead.
// It composes the real clock and randomness, so it is, with http.ts, one of the two files here that touch the world.
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../model/failure.ts';
import type { AuthMethod, Target, Timeouts } from '../model/target.ts';
import type { Answer, Session } from '../model/world.ts';
import { createConnector } from './connect.ts';
import type { TraceSink } from './trace.ts';

export { Failure };
export type { Answer, Timeouts, TraceSink };
export type { TraceEntry } from './trace.ts';

export interface ConnectOptions {
  /** Name or IP address, without brackets. */
  readonly host: string;
  /** Default `http`: with NTLM, whose messages are sealed. */
  readonly scheme?: 'http' | 'https';
  /** Default 5985 for http, 5986 for https. */
  readonly port?: number;
  /** Default `/wsman`. */
  readonly path?: string;
  /** Default `ntlm`. `basic` only over https. */
  readonly auth?: AuthMethod;
  /** `DOMAIN\\user`, `.\\user` (an account of the host itself), `user@realm` or `user`. */
  readonly username: string;
  readonly password: string;
  /** PEM file of the CAs to trust for https instead of the system's. There is no switch that turns verification off. */
  readonly caFile?: string;
  /** The name the certificate must bear when it isn't `host`. */
  readonly tlsServerName?: string;
  /** In milliseconds; defaults: connect 10 s, operation 20 s, request 30 s. Limit the whole with `signal`. */
  readonly timeouts?: Partial<Omit<Timeouts, 'hostMs'>>;
  readonly signal?: AbortSignal;
  /** Called for each HTTP request; the entries hold no secret and no body. */
  readonly trace?: TraceSink;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  /**
   * Default false: the line is sent at most once, and when its answer is lost, `run` rejects with a Failure whose `effect` is
   * `unknown`. True: the line changes nothing, so it may be run again after a lost connection.
   */
  readonly repeatable?: boolean;
}

export interface RemoteShell {
  /** Runs a line in cmd.exe and resolves with all it left behind, whatever its exit code. Lines wait for each other. */
  run(line: string, options?: RunOptions): Promise<Answer>;
  /** Deletes the shell on the host and closes the connection. Never rejects. */
  close(): Promise<void>;
}

/** Connects, authenticates and opens a shell. Rejects with a Failure: its `code` is stable, its `hint` says what to do. */
export async function connect(options: ConnectOptions): Promise<RemoteShell> {
  const startedMs = performance.now();
  const connector = createConnector({
    readSecret: () => Promise.resolve(options.password),
    random: randomBytes,
    clock: {
      now: () => new Date().toISOString(),
      elapsedMs: () => performance.now() - startedMs,
      sleep: (durationMs, signal) =>
        wait(durationMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
    },
    trace: options.trace,
  });
  const session = await connector.connect(
    targetOf(options),
    options.signal === undefined ? {} : { signal: options.signal },
  );
  return shellOver(session);
}

function shellOver(session: Session): RemoteShell {
  return {
    run(line, { repeatable = false, signal } = {}) {
      const sessionOptions = signal === undefined ? {} : { signal };
      return repeatable ? session.ask(line, sessionOptions) : session.change(line, sessionOptions);
    },
    close: () => session.close(),
  };
}

function targetOf(options: ConnectOptions): Target {
  const scheme = options.scheme ?? 'http';
  const timeouts = { connectMs: 10_000, operationMs: 20_000, requestMs: 30_000, hostMs: 0, ...options.timeouts };
  return {
    name: options.host,
    connection: {
      address: options.host,
      port: options.port ?? (scheme === 'https' ? 5986 : 5985),
      scheme,
      path: options.path ?? '/wsman',
      auth: options.auth ?? 'negotiate',
      username: options.username,
      password: { kind: 'prompt' },
      caFile: options.caFile ?? null,
      tlsServerName: options.tlsServerName ?? null,
      timeouts,
    },
    groups: [],
    variables: {},
    origin: { file: '', line: 0, column: 0 },
  };
}
