// One simulated Windows server as mutable state: port tables, sockets, processes, services. It holds the truth and no
// text; port-table.ts and service-control.ts alter it, console.ts prints it. It knows nothing of WinRM.
import type { ExchangeVersion, ServiceState, StartType, WindowsVersion } from '../../model/facts.ts';
import { families, protocols } from '../../model/host-state.ts';
import type { Exclusion, Family, Protocol, Store } from '../../model/host-state.ts';
import { sameRange, type PortRange } from '../../model/port-range.ts';
import type { Quirks } from './quirks.ts';
import type { Language, WindowsRelease } from './releases.ts';
import { restartTasks, type ScheduledTask } from './scheduled-task.ts';

export const socketStates = ['LISTENING', 'ESTABLISHED', 'TIME_WAIT', 'BOUND'] as const;
type SocketState = (typeof socketStates)[number];

/** One row of netstat; `BOUND` ones, which do not listen, only `-q` shows (windows.md section 5). UDP sockets have no state: `state` is null and `remote` is `*:*`. */
export interface MachineSocket {
  readonly family: Family;
  readonly protocol: Protocol;
  readonly localAddress: string;
  readonly localPort: number;
  /** As netstat prints it: `0.0.0.0:0`, `[::]:0`, `127.0.0.1:2027`, `*:*`. */
  readonly remote: string;
  readonly state: SocketState | null;
  readonly processId: number;
}

export interface MachineProcess {
  readonly processId: number;
  readonly imageName: string;
  services: readonly string[];
}

export interface MachineService {
  readonly name: string;
  readonly displayName: string;
  readonly imageName: string;
  readonly startType: StartType;
  /** TCP ports it binds on 0.0.0.0 and [::] when it runs (windows.md section 4: exactly these two sockets). */
  ports: readonly number[];
  state: ServiceState;
  /** Null while it doesn't run. */
  processId: number | null;
  /** The last WIN32_EXIT_CODE: 0, or 1067 after its process ended unexpectedly, 1077 when never started since boot. */
  exitCode: number;
  /** The last SERVICE_EXIT_CODE: the service's own, with WIN32_EXIT_CODE 1066. */
  specificExitCode: number;
  /** Stops refused because of `quirks.refuseStop` busy-once. */
  stopsRefused: number;
  /** Status queries that will still see the pending state. */
  pendingQueries: number;
  /** Status queries until it binds [::] too; 0: it has. */
  ipv4OnlyQueries: number;
}

/**
 * What the token of the account that logs on over the network may do. `user`: no administrator, but of Remote Management Users, so it
 * gets a shell (console-samples/whoami-groups-en-1-nonadmin-over-winrm). `filtered`: an administrator whose token UAC has filtered, and
 * of Remote Management Users (LocalAccountTokenFilterPolicy = 0, wsman.md). A person at the console is an administrator.
 */
export const accountRights = ['administrator', 'filtered', 'user'] as const;
export type AccountRights = (typeof accountRights)[number];

/**
 * A file by its full path. Whoever made it, and every administrator, may read, overwrite and delete it, as in C:\Windows\Temp, where
 * everybody may make files and nobody may touch another's.
 */
interface MachineFile {
  readonly text: string;
  readonly madeByAdministrator: boolean;
}

/** Exclusions by store; the row order is by port. A change makes another list: what was printed of one stays true of it. */
export type ExclusionStores = Record<Store, readonly Exclusion[]>;

export interface Machine {
  readonly name: string;
  readonly release: WindowsRelease;
  readonly windows: WindowsVersion;
  readonly productName: string;
  readonly language: Language;
  readonly exchange: ExchangeVersion | null;
  /** KB2665809: without it, netsh of 2008 R2 has no `excludedportrange` (windows.md section 3). */
  readonly hotfix: boolean;
  readonly quirks: Quirks;
  /** A policy of the domain may change them at any time. */
  rights: AccountRights;
  readonly dynamic: Record<Family, Record<Protocol, PortRange>>;
  /** With `quirks.oneList`, ipv4 and ipv6 of a protocol are one and the same object. */
  readonly exclusions: Record<Protocol, Record<Family, ExclusionStores>>;
  processes: MachineProcess[];
  sockets: MachineSocket[];
  services: MachineService[];
  nextProcessId: number;
  /** By full path in lower case. */
  files: Record<string, MachineFile>;
  tasks: ScheduledTask[];
  /** The machine's clock: milliseconds that never jump. Moved by tasks/run-due-tasks.ts. */
  nowMs: number;
}

/** True when this machine's netsh knows `excludedportrange`. */
export function hasExclusionSupport(machine: Machine): boolean {
  return machine.release !== '2008r2' || machine.hotfix;
}

/** Restarts the machine: the active store becomes the persistent one, plus the runtime rows (without `*`), whose owners
 * make them again at boot; the dynamic ranges stay. Tasks count from the boot. Services: service-control.ts, startServicesAtBoot. */
export function reboot(machine: Machine): void {
  for (const protocol of protocols) {
    for (const family of families) {
      const stores = machine.exclusions[protocol][family];
      // Where both families share one list, its second turn finds what the first one brought.
      const isPermanent = ({ range }: Exclusion): boolean =>
        stores.persistent.some((one) => sameRange(one.range, range));
      const runtime = stores.active.filter((row) => !row.administered && !isPermanent(row));
      stores.active = sortByPort([...stores.persistent, ...runtime]);
    }
  }
  restartTasks(machine.tasks, machine.nowMs);
}

/** The same rows, sorted as netsh prints them. */
export function sortByPort(rows: readonly Exclusion[]): readonly Exclusion[] {
  return [...rows].sort((a, b) => a.range.firstPort - b.range.firstPort || a.range.portCount - b.range.portCount);
}

/** The true state as plain data, detached from the machine: what a test compares before and after. */
export function captureState(machine: Machine): unknown {
  const { name, exclusions, dynamic, processes, sockets, services, files, tasks } = machine;
  return structuredClone({ name, exclusions, dynamic, processes, sockets, services, files, tasks });
}

const anyAddress: Readonly<Record<Family, { readonly local: string; readonly remote: string }>> = {
  ipv4: { local: '0.0.0.0', remote: '0.0.0.0:0' },
  ipv6: { local: '[::]', remote: '[::]:0' },
};

/** The next process id; Windows counts in fours. */
export function takeProcessId(machine: Machine): number {
  machine.nextProcessId += 4;
  return machine.nextProcessId;
}

/** The listening sockets of one process on one port, one per family. */
export function createListeners(
  port: number,
  protocol: Protocol,
  processId: number,
  onFamilies: readonly Family[],
): MachineSocket[] {
  return onFamilies.map((family) => ({
    family,
    protocol,
    localAddress: anyAddress[family].local,
    localPort: port,
    remote: protocol === 'udp' ? '*:*' : anyAddress[family].remote,
    state: protocol === 'udp' ? null : 'LISTENING',
    processId,
  }));
}
