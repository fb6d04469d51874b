// Who stands in the way of adding a range back: Windows adds none over an open port. The service that the range is reserved for is
// stopped and started again where the playbook allowed it; anybody else bars the way.
import type { HostFacts } from '../model/facts.ts';
import type { ExclusionStep, Finding, ServiceStep } from '../model/plan.ts';
import { containsPort, formatRange, sameRange } from '../model/port-range.ts';
import type { Wanted } from '../model/wanted.ts';
import { listeningPortsOf } from '../windows/holders.ts';
import { deriveServiceStep } from '../windows/steps.ts';
import { describeProcess, holdersOf, serviceFactsOf } from './holders.ts';

export interface Restart {
  readonly stop: ServiceStep;
  readonly start: ServiceStep;
}

/** `steps`: those that add a range back. */
export function holdersInTheWay(
  steps: readonly ExclusionStep[],
  wanted: Wanted,
  facts: HostFacts,
): { readonly barriers: readonly Finding[]; readonly restarts: readonly Restart[] } {
  const barriers: Finding[] = [];
  const restarted = new Map<string, ExclusionStep>();
  for (const step of steps) {
    const asked = wanted.exclusions.find((one) => one.protocol === step.protocol && sameRange(one.range, step.range));
    if (asked === undefined) continue;
    for (const { kind, process } of holdersOf(facts, asked)) {
      if (kind === 'closing') continue;
      const running = asked.service !== null && isRunning(facts, asked.service);
      if (kind === 'own' && asked.service !== null && running && wanted.whenHeldByOwnService === 'restart') {
        restarted.set(asked.service, step);
        continue;
      }
      barriers.push({
        severity: 'blocker',
        code: kind === 'own' ? 'held-by-own-service' : 'held-by-stranger',
        sentence: `${step.protocol} ${formatRange(step.range)} is open in ${describeProcess(process)}, and has to be added back: Windows adds no range over an open port`,
        hint: 'stop that process when it can be borne, then roll back again at once',
      });
    }
  }
  const unique = barriers.filter(
    (one, index) => barriers.findIndex((other) => other.sentence === one.sentence) === index,
  );
  return { barriers: unique, restarts: [...restarted].map(([service, step]) => restartOf(service, step, facts)) };
}

function isRunning(facts: HostFacts, service: string): boolean {
  const known = serviceFactsOf(facts, service);
  return known?.installed === true && known.state === 'running' && known.startType !== 'disabled';
}

function restartOf(service: string, { protocol, range }: ExclusionStep, facts: HostFacts): Restart {
  const listensOn = listeningPortsOf(facts, service).filter((port) => containsPort(range, port));
  const about = {
    kind: 'service',
    number: 0,
    undoes: false,
    service,
    ranges: [{ protocol, range }],
    listensOn,
  } as const;
  return { stop: deriveServiceStep({ ...about, verb: 'stop' }), start: deriveServiceStep({ ...about, verb: 'start' }) };
}
