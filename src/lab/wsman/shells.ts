// The shells of one server and the commands in them, as a WinRM service keeps them: ids, quotas, idle time, output that
// waits to be fetched. It knows nothing of SOAP or HTTP, and runs nothing itself. An idle shell costs no timer.
// Source: MS-WSMV 3.1.4.1 and 3.1.4.10-14; facts wsman.md sections 2.4-2.10 and 8.
import { PendingOutput } from './command-output.ts';
import { usualQuirks, type Quirks } from '../machine/quirks.ts';
import type { LabClock } from '../lab-clock.ts';

/** The quotas of winrm/config that a client can run into (wsman.md section 2.10). */
export interface ShellQuotas {
  readonly maxShellsPerUser: number;
  /** Commands started and never given back: a Signal does not lower the count (MS-WSMV note 118). */
  readonly maxOperationsPerUser: number;
}

export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
}

export interface ShellOptions {
  readonly owner: string;
  readonly clientAddress: string;
  readonly codePage: number;
  readonly idleTimeoutMs: number;
  readonly workingDirectory: string | null;
  readonly inputStreams: string;
  readonly outputStreams: string;
  /** As the client wrote them; names compare without regard to case. */
  readonly environment: readonly EnvironmentVariable[];
}

export interface OpenShell extends ShellOptions {
  readonly id: string;
  readonly commands: Map<string, ShellCommand>;
  lastUsedMs: number;
  /** Every command ever started here; it counts against the user's operations until the shell is gone. */
  operations: number;
}

export interface ShellCommand {
  readonly id: string;
  readonly line: string;
  readonly output: PendingOutput;
  /** Parts of stdin so far; null once its end has been seen, or when the program reads none. */
  stdin: Buffer[] | null;
}

export interface ShellTable {
  readonly count: number;
  /** Null: the user already has as many shells as the quota allows. */
  create(options: ShellOptions): OpenShell | null;
  /** Ids are GUIDs and compare without regard to case. Null: unknown, deleted, or idle for too long. */
  find(id: string): OpenShell | null;
  /** Starts a command. Null: the user's operations are used up. `'taken'`: the client's own id is in use already. */
  start(shell: OpenShell, line: string, wantedId: string | null): ShellCommand | 'taken' | null;
  /** Ends every command of the shell; a Receive that waits in it is aborted (wsman.md section 8, item 10). */
  delete(shell: OpenShell): void;
  /** All shells at once, as when the service stops. */
  deleteAll(): void;
}

export function createShellTable(
  quotas: ShellQuotas,
  clock: LabClock,
  newGuid: () => string,
  lostOutput: Quirks['lostOutput'] = usualQuirks.lostOutput,
): ShellTable {
  const shells = new Map<string, OpenShell>();

  function forgetIdle(): void {
    for (const shell of shells.values()) {
      const waiting = [...shell.commands.values()].some((command) => command.output.isAwaited);
      if (!waiting && clock.elapsedMs() - shell.lastUsedMs > shell.idleTimeoutMs) remove(shell);
    }
  }

  function remove(shell: OpenShell): void {
    shells.delete(shell.id);
    for (const command of shell.commands.values()) command.output.abort();
  }

  return {
    get count() {
      forgetIdle();
      return shells.size;
    },
    create(options) {
      forgetIdle();
      const own = [...shells.values()].filter((shell) => shell.owner === options.owner);
      if (own.length >= quotas.maxShellsPerUser) return null;
      const shell = { ...options, id: newGuid(), commands: new Map(), lastUsedMs: clock.elapsedMs(), operations: 0 };
      shells.set(shell.id, shell);
      return shell;
    },
    find(id) {
      forgetIdle();
      const shell = shells.get(id.toUpperCase()) ?? null;
      if (shell !== null) shell.lastUsedMs = clock.elapsedMs();
      return shell;
    },
    start(shell, line, wantedId) {
      let operations = 0;
      for (const one of shells.values()) if (one.owner === shell.owner) operations += one.operations;
      if (operations >= quotas.maxOperationsPerUser) return null;
      const id = (wantedId ?? newGuid()).toUpperCase();
      if (shell.commands.has(id)) return 'taken';
      const command: ShellCommand = { id, line, output: new PendingOutput(clock, lostOutput), stdin: null };
      shell.commands.set(id, command);
      shell.operations += 1;
      return command;
    },
    delete: remove,
    deleteAll() {
      for (const shell of [...shells.values()]) remove(shell);
    },
  };
}
