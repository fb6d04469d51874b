// Who prevents a range from being re-added: Windows cannot reserve an open port. The service that the range is reserved for is
// stopped and started again where the playbook allows it; any other owner is a blocker.
import type { HostFacts } from '../model/facts.ts';
import type { ExclusionStep, Finding, ServiceStep } from '../model/plan.ts';
import { findOwners, isOwnService } from '../model/rules/port-owners.ts';
import { containsPort, sameRange } from '../model/port-range.ts';
import type { Desired } from '../model/desired.ts';
import { findListeningPorts } from '../windows/holders.ts';
import { deriveServiceStep } from '../windows/steps.ts';
import { canRestart, findBarriers } from './owner-findings.ts';

export interface Restart {
  readonly stop: ServiceStep;
  readonly start: ServiceStep;
}

/** `steps`: those that re-add a range. */
export function findOwnersInTheWay(
  steps: readonly ExclusionStep[],
  desired: Desired,
  facts: HostFacts,
): { readonly barriers: readonly Finding[]; readonly restarts: readonly Restart[] } {
  const barriers: Finding[] = [];
  const restarted = new Map<string, ExclusionStep>();
  for (const step of steps) {
    const asked = desired.exclusions.find((one) => one.protocol === step.protocol && sameRange(one.range, step.range));
    if (asked === undefined) continue;
    const owners = findOwners(facts, asked) ?? [];
    barriers.push(...findBarriers(facts, desired, asked, owners));
    const mayRestart = desired.whenHeldByOwnService === 'restart' && asked.service !== null;
    if (mayRestart && canRestart(facts, asked.service) && owners.some(isOwnService)) restarted.set(asked.service, step);
  }
  const unique = barriers.filter(
    (one, index) => barriers.findIndex((other) => other.sentence === one.sentence) === index,
  );
  return { barriers: unique, restarts: [...restarted].map(([service, step]) => findRestart(service, step, facts)) };
}

function findRestart(service: string, { protocol, range }: ExclusionStep, facts: HostFacts): Restart {
  const about = {
    kind: 'service',
    number: 0,
    undoes: false,
    service,
    ranges: [{ protocol, range }],
    listensOn: findListeningPorts(facts, service).filter(({ port }) => containsPort(range, port)),
  } as const;
  return { stop: deriveServiceStep({ ...about, verb: 'stop' }), start: deriveServiceStep({ ...about, verb: 'start' }) };
}
