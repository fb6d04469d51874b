// A fleet in one string, a letter a host, planned and applied: for tests of whole runs.
import type { RunEvent } from '../../src/model/outcome.ts';
import type { Policy, Strategy } from '../../src/model/strategy.ts';
import { essenceOf, lost, memoryFleet, memoryMachine, type MemoryFleetOptions } from './memory-fleet.ts';
import { memoryJournal, type MemoryJournalOptions } from './memory-journal.ts';
import { applyMemory, planMemory, policyOf, type MemoryRunOptions } from './memory-run.ts';

/** c: can be changed, f: refuses, b: blocked, o: already as desired, u: unreachable when it is planned, l: when it is to be changed. */
export type Kind = 'c' | 'f' | 'b' | 'o' | 'u' | 'l';

function machineOf(kind: Kind, index: number) {
  const name = `ex${String(index + 1).padStart(2, '0')}`;
  if (kind === 'f') return memoryMachine(name, {}, { refuseAdd: 'ipv6', oneList: false });
  if (kind === 'b')
    return memoryMachine(name, {
      holders: [
        { port: 9933, protocol: 'tcp', image: 'w3wp.exe', services: [], families: ['ipv4'], state: 'LISTENING' },
      ],
    });
  if (kind === 'o') {
    const ranges = [9933, 9955].map((firstPort) => ({ firstPort, portCount: 1 }));
    return memoryMachine(name, {
      exclusions: ranges.map((range) => ({
        range,
        protocol: 'tcp',
        administered: true,
        stores: ['active', 'persistent'],
        families: ['ipv4', 'ipv6'],
      })),
    });
  }
  return memoryMachine(name);
}

export interface FleetCase {
  readonly hosts: string;
  readonly policy?: Partial<Omit<Policy, 'strategy'>>;
  readonly strategy?: Partial<Strategy>;
  readonly groupOf?: (host: string) => string | null;
  readonly journal?: MemoryJournalOptions;
  readonly fleet?: MemoryFleetOptions;
  readonly run?: Partial<MemoryRunOptions>;
}

/** Plans for a fleet written as one letter a host, applies, and tells what became of it and which machines were touched. */
export async function applyFleet({
  hosts,
  policy,
  strategy,
  groupOf,
  journal: journalOptions,
  fleet: fleetOptions = {},
  run = {},
}: FleetCase) {
  const kinds = Array.from(hosts) as Kind[];
  const machines = kinds.map(machineOf);
  const unreachable = new Set(machines.flatMap((one, index) => (kinds[index] === 'u' ? [one.name] : [])));
  const gone = new Set(machines.flatMap((one, index) => (kinds[index] === 'l' ? [one.name] : [])));
  const planning = memoryFleet(machines, {
    trouble: ({ host }) => (unreachable.has(host) ? { at: 'before', failure: lost('none') } : null),
  });
  const plan = await planMemory(planning, undefined, policyOf(policy, strategy), groupOf);
  const before = machines.map((one) => JSON.stringify(essenceOf(one)));
  const fleet = memoryFleet(machines, {
    ...fleetOptions,
    trouble: (request) =>
      gone.has(request.host) && request.kind === 'connect'
        ? { at: 'before', failure: lost('none') }
        : (fleetOptions.trouble?.(request) ?? null),
  });
  const journal = memoryJournal(journalOptions);
  const verdicts = await applyMemory(fleet, plan, { journal, ...run }).catch((thrown: unknown) => {
    if (journalOptions === undefined) throw thrown;
    return null;
  });
  const touched = machines
    .filter((one, index) => JSON.stringify(essenceOf(one)) !== before[index])
    .map((one) => one.name);
  return { verdicts, words: verdicts?.map((one) => one.verdict).join(' '), touched, journal, fleet, plan };
}

/** Hosts whose change was started, in order. */
export function startedIn(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((one) => (one.type === 'host-started' ? [one.host] : []));
}
