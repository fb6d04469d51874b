// What must come before what: a service that holds a port stops before the exclusions are added and starts after all of them.
import type { HostFacts } from '../model/facts.ts';
import type { Step, ServiceStepData, StepRange, StepData, ExclusionStepData } from '../model/plan.ts';
import { findOwners, isOwnService } from '../model/rules/port-owners.ts';
import { containsPort, sameRange } from '../model/port-range.ts';
import { deriveStep } from '../windows/steps.ts';
import type { Change } from './diff.ts';
import { findListeningPorts } from '../windows/holders.ts';

type Unnumbered<T> = Omit<T, 'number'>;

/** Steps in the order they are done: what needs no restart first, then service by service: stop, add everything, start. */
export function orderSteps(facts: HostFacts, changes: readonly Change[]): readonly Step[] {
  const restarted = [
    ...new Set(changes.filter((one) => isHeldByOwn(facts, one)).map((one) => one.desired.service ?? '')),
  ];
  const free = changes.filter((one) => !restarted.includes(one.desired.service ?? ''));
  const steps: readonly Unnumbered<StepData>[] = [
    ...free.map(exclusionStep),
    ...restarted.flatMap((service) => {
      const own = changes.filter((one) => one.desired.service === service);
      return [
        serviceStep(facts, 'stop', service, own),
        ...own.map(exclusionStep),
        serviceStep(facts, 'start', service, own),
      ];
    }),
  ];
  return steps.map((step, index) => deriveStep({ ...step, number: index + 1 } as StepData));
}

function isHeldByOwn(facts: HostFacts, change: Change): boolean {
  return (
    change.desired.service !== null &&
    change.desired.presence === 'present' &&
    (findOwners(facts, change.desired) ?? []).some(isOwnService)
  );
}

function exclusionStep({ desired, family, before, after }: Change): Unnumbered<ExclusionStepData> {
  const { protocol, range, service } = desired;
  return { kind: 'exclusion', undoes: false, family, protocol, range, service, before, after };
}

function serviceStep(
  facts: HostFacts,
  verb: 'stop' | 'start',
  service: string,
  changes: readonly Change[],
): Unnumbered<ServiceStepData> {
  const ports = findListeningPorts(facts, service).filter(({ port }) =>
    changes.some((change) => containsPort(change.desired.range, port)),
  );
  const ranges = changes.map(({ desired: { protocol, range } }): StepRange => ({ protocol, range }));
  return { kind: 'service', undoes: false, service, verb, ranges: unique(ranges), listensOn: ports };
}

function unique(ranges: readonly StepRange[]): readonly StepRange[] {
  const isSame = (one: StepRange, other: StepRange): boolean =>
    one.protocol === other.protocol && sameRange(one.range, other.range);
  return ranges.filter((one, index) => ranges.findIndex((other) => isSame(one, other)) === index);
}
