// Who owns (has open) a port: the ONE place where that is decided, and how the process is described. Collect, plan, rollback, report and
// doctor all ask here. It concludes from facts; whether an owner blocks a change, plan/ says. A connection or a socket in TIME_WAIT
// has its local port open as much as a listener does. Source: facts windows.md sections 4 (workers) and 5 (netstat).
import { findWorkerImage } from './exchange-workers.ts';
import type { HostFacts, Process, ServiceFacts, Socket } from '../facts.ts';
import { containsPort } from '../port-range.ts';
import type { DesiredExclusion } from '../desired.ts';

/** How a gap names the question for open ports (netstat). While it is there, nobody knows who owns what. */
export const socketsQuestion = 'listeners';

/** What has to be known of a host to tell whose a port is. */
export type OwnerFacts = Pick<HostFacts, 'sockets' | 'processes' | 'services' | 'gaps'>;

/**
 * - `own`: a process of the service that the port is reserved for.
 * - `worker`: that service's worker by its image, not run by the service itself: left behind, or started by hand. The front end's worker
 *   has the same image, but never this port.
 * - `closing`: a connection that no process owns any more (TIME_WAIT, process 0).
 * - `stranger`: any other process; process 4 is Windows itself (HTTP.sys, drivers).
 * - `unknown`: nobody can tell. The process was not among those listed (it has just ended, or the list was refused), or it shows no
 *   services while the state of the service was not read: it may be that very service.
 */
type OwnerKind = 'own' | 'worker' | 'closing' | 'stranger' | 'unknown';

export interface PortOwner {
  readonly kind: OwnerKind;
  readonly processId: number;
  /** Null when it was not among the processes listed. */
  readonly process: Process | null;
  /** Those on the ports asked about, on either family. */
  readonly sockets: readonly Socket[];
}

const noProcess = 0;
const windowsItself = 4;

/**
 * Every process with a socket whose local port lies in the range, on either family: they may share one exclusion list. Null: which
 * ports are open could not be read, so neither "free" nor "owned" would be true.
 */
export function findOwners(
  facts: OwnerFacts,
  { protocol, range, service }: Pick<DesiredExclusion, 'protocol' | 'range' | 'service'>,
): readonly PortOwner[] | null {
  if (facts.gaps.some((one) => one.question === socketsQuestion)) return null;
  const sockets = facts.sockets.filter((one) => one.protocol === protocol && containsPort(range, one.localPort));
  return [...new Set(sockets.map((one) => one.processId))].map((processId) => {
    const process = findProcess(facts, processId);
    return {
      kind: classifyOwner(facts, processId, process, service),
      processId,
      process,
      sockets: sockets.filter((one) => one.processId === processId),
    };
  });
}

/** The port is open in what belongs to the service it is reserved for, so a restart of that service frees it. */
export function isOwnService({ kind }: Pick<PortOwner, 'kind'>): boolean {
  return kind === 'own' || kind === 'worker';
}

/** Windows itself: HTTP.sys or a driver. It can't be stopped; who registered the port with it can. */
export function isWindowsItself({ processId }: Pick<PortOwner, 'processId'>): boolean {
  return processId === windowsItself;
}

/** Process 4 is the kernel: nothing to stop or restart. HTTP.sys listens there for applications, which one can stop. */
export const adviceOnWindowsItself =
  "process 4 is the kernel and can't be stopped: find the application that registered the port with HTTP.sys " +
  '(netsh http show servicestate view=requestq), stop it or move its binding';

/** `tcp 9933 is open in`, or `is bound, without listening, in`: netstat's usual list does not show the latter. */
export function describeOpen(port: string, { sockets }: Pick<PortOwner, 'sockets'>): string {
  const isBoundOnly = sockets.length > 0 && sockets.every((one) => one.bound === true);
  return isBoundOnly ? `${port} is bound, without listening, in` : `${port} is open in`;
}

/** `svchost.exe (Dnscache, NlaSvc), pid 4711`; without a name where none was listed. */
export function describeOwner({ processId, process }: Pick<PortOwner, 'processId' | 'process'>): string {
  if (processId === noProcess) return 'closing connections (TIME_WAIT)';
  const services = process === null || process.services.length === 0 ? '' : ` (${process.services.join(', ')})`;
  return `${process?.imageName ?? (processId === windowsItself ? 'System' : 'a process that is not shown')}${services}, pid ${processId}`;
}

export function findProcess({ processes }: Pick<OwnerFacts, 'processes'>, processId: number): Process | null {
  return processes.find((one) => one.processId === processId) ?? null;
}

/** Windows takes service names that differ in case only for the same service. Null: it was not asked about, or not read. */
export function findService({ services }: Pick<OwnerFacts, 'services'>, name: string): ServiceFacts | null {
  return services.find((one) => isSameName(one.name, name)) ?? null;
}

/** Whether a process belongs to a service, by what the service control manager or the list of processes says. */
export function isOwnProcess(facts: Omit<OwnerFacts, 'sockets' | 'gaps'>, processId: number, service: string): boolean {
  const known = findService(facts, service);
  if (known?.installed === true && known.processId === processId) return true;
  return findProcess(facts, processId)?.services.some((one) => isSameName(one, service)) ?? false;
}

function classifyOwner(
  facts: OwnerFacts,
  processId: number,
  process: Process | null,
  service: string | null,
): OwnerKind {
  if (processId === noProcess) return 'closing';
  if (service !== null) {
    if (isOwnProcess(facts, processId, service)) return 'own';
    const worker = findWorkerImage(service);
    if (worker !== null && process !== null && isSameName(worker, process.imageName)) return 'worker';
  }
  if (processId === windowsItself) return 'stranger';
  if (process === null) return 'unknown';
  // An account without the right may see processes without their services (pywinrm#306, Windows 2012).
  const isUntold = service !== null && process.services.length === 0 && findService(facts, service) === null;
  return isUntold ? 'unknown' : 'stranger';
}

function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
