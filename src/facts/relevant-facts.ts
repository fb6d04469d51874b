// The part of a host's facts that concerns a plan. Plans and journals of thousands of hosts stay small by it; a snapshot keeps everything.
import type { HostFacts } from '../model/facts.ts';
import { containsPort } from '../model/port-range.ts';
import type { Desired } from '../model/desired.ts';
import { listListeningPorts } from '../windows/holders.ts';

/** The same facts with only the sockets on desired ports or of the services named, and the processes that own them. */
export function selectRelevantFacts(facts: HostFacts, desired: Desired): HostFacts {
  const services = [...desired.exclusions, ...(desired.unresolved ?? [])].map((one) => one.service);
  const ports = new Set(services.flatMap((one) => (one === null ? [] : listListeningPorts(facts, one))));
  const sockets = facts.sockets.filter(
    (one) =>
      ports.has(one.localPort) || desired.exclusions.some((exclusion) => containsPort(exclusion.range, one.localPort)),
  );
  const owners = new Set([
    ...sockets.map((one) => one.processId),
    ...facts.services.flatMap((one) => (one.installed && one.processId !== null ? [one.processId] : [])),
  ]);
  return { ...facts, sockets, processes: facts.processes.filter((one) => owners.has(one.processId)) };
}
