// What must come before what: a service that holds a port stops before the exclusions are added and starts after all of them.
import type { HostFacts } from '../model/facts.ts';
import type { Step, ServiceStepData, StepRange, StepData, ExclusionStepData } from '../model/plan.ts';
import { findOwners, isOwnService } from '../model/rules/port-owners.ts';
import type { Desired } from '../model/desired.ts';
import { containsPort, sameRange } from '../model/port-range.ts';
import { deriveStep } from '../windows/steps.ts';
import { diffDynamicRanges, isOnlyHalves, type Change } from './diff.ts';
import { findListeningPorts } from '../windows/holders.ts';
import { canRestart } from './owner-findings.ts';

type Unnumbered<T> = Omit<T, 'number'>;

/**
 * Steps in the order they are done: what needs no restart first, then service by service: stop, add everything, start; dynamic ranges last. A stop that only an
 * undo may need comes before everything, so that it is known whichever step fails.
 */
export function orderSteps(facts: HostFacts, changes: readonly Change[], desired: Desired): readonly Step[] {
  const restarted = [
    ...new Set(changes.filter((one) => isHeldByOwn(facts, one)).map((one) => one.desired.service ?? '')),
  ];
  const free = changes.filter((one) => !restarted.includes(one.desired.service ?? ''));
  const steps: readonly Unnumbered<StepData>[] = [
    ...findStopsForUndo(facts, free, desired),
    ...free.map(exclusionStep),
    ...restarted.flatMap((service) => {
      const own = changes.filter((one) => one.desired.service === service);
      const when = isOnlyHalves(changes, service) ? 'refused' : undefined;
      return [
        { ...serviceStep(facts, 'stop', service, own), when },
        ...own.map(exclusionStep),
        { ...serviceStep(facts, 'start', service, own), when },
      ];
    }),
    ...diffDynamicRanges(facts.state, desired).map((one) => ({
      kind: 'dynamic-range' as const,
      undoes: false,
      ...one,
    })),
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

/** For each service that has a port open that is released: what an undo does first, as far as the playbook allows. */
function findStopsForUndo(
  facts: HostFacts,
  changes: readonly Change[],
  { whenHeldByOwnService }: Desired,
): readonly Unnumbered<ServiceStepData>[] {
  if (whenHeldByOwnService !== 'restart') return [];
  const released = changes.filter(
    ({ desired }) => desired.presence === 'absent' && (findOwners(facts, desired) ?? []).some(isOwnService),
  );
  const services = [...new Set(released.map((one) => one.desired.service ?? ''))];
  return services
    .filter((service) => service !== '' && canRestart(facts, service))
    .map((service) => ({
      ...serviceStep(
        facts,
        'stop',
        service,
        released.filter((one) => one.desired.service === service),
      ),
      when: 'undo',
    }));
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
