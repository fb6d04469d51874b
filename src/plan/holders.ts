// Who has a wanted port open now, and whether that is the service the port is reserved for. Concludes from facts; decides nothing.
import type { HostFacts, Process, ServiceFacts, Socket } from '../model/facts.ts';
import { containsPort } from '../model/port-range.ts';
import type { WantedExclusion } from '../model/wanted.ts';
import { workerImageOf } from '../model/exchange-workers.ts';

export interface Holder {
  readonly process: Process;
  readonly sockets: readonly Socket[];
  /** own: the service the port is reserved for; closing: a connection that no process owns any more (TIME_WAIT, pid 0). */
  readonly kind: 'own' | 'closing' | 'stranger';
}

export function serviceFactsOf(facts: HostFacts, service: string): ServiceFacts | null {
  return facts.services.find((one) => sameName(one.name, service)) ?? null;
}

/** Every process with a socket whose local port lies in the wanted range, on either family: they may share one exclusion list. */
export function holdersOf(facts: HostFacts, wanted: WantedExclusion): readonly Holder[] {
  const sockets = facts.sockets.filter(
    (one) => one.protocol === wanted.protocol && containsPort(wanted.range, one.localPort),
  );
  const processIds = [...new Set(sockets.map((one) => one.processId))];
  return processIds.map((processId) => {
    const process = processOf(facts, processId);
    return {
      process,
      sockets: sockets.filter((one) => one.processId === processId),
      kind: processId === 0 ? 'closing' : isOwn(facts, process, wanted.service) ? 'own' : 'stranger',
    };
  });
}

/** `pid 4711 svchost.exe (Dnscache, NlaSvc)` */
export function describeProcess(process: Process): string {
  const services = process.services.length === 0 ? '' : ` (${process.services.join(', ')})`;
  return `pid ${process.processId} ${process.imageName}${services}`;
}

function processOf(facts: HostFacts, processId: number): Process {
  return (
    facts.processes.find((one) => one.processId === processId) ?? {
      processId,
      imageName: 'unknown image',
      services: [],
    }
  );
}

function isOwn(facts: HostFacts, process: Process, service: string | null): boolean {
  if (service === null) return false;
  const known = serviceFactsOf(facts, service);
  if (known?.installed === true && known.processId !== null && known.processId === process.processId) return true;
  if (process.services.some((one) => sameName(one, service))) return true;
  // A worker started by hand holds the port itself; the front end's worker has the same name but never this port.
  const worker = workerImageOf(service);
  return worker !== null && sameName(worker, process.imageName);
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
