// What must come before what: a service that holds a port stops before the exclusions are added and starts after all of them.
import type { HostFacts } from '../model/facts.ts';
import type { ExclusionStep, ServiceStep, Step } from '../model/plan.ts';
import { findOwners, isOwnService } from '../model/port-owners.ts';
import { containsPort, formatRange } from '../model/port-range.ts';
import { startService, stopService } from '../windows/services.ts';
import type { Change } from './diff.ts';
import { listeningPortsOf } from '../windows/holders.ts';

type Unnumbered<T> = Omit<T, 'number'>;

/** Steps in the order they are done: what needs no restart first, then service by service: stop, add everything, start. */
export function orderSteps(facts: HostFacts, changes: readonly Change[]): readonly Step[] {
  const restarted = [
    ...new Set(changes.filter((one) => isHeldByOwn(facts, one)).map((one) => one.wanted.service ?? '')),
  ];
  const free = changes.filter((one) => !restarted.includes(one.wanted.service ?? ''));
  const steps: readonly Unnumbered<Step>[] = [
    ...free.map(exclusionStep),
    ...restarted.flatMap((service) => {
      const own = changes.filter((one) => one.wanted.service === service);
      return [
        serviceStep(facts, 'stop', service, own),
        ...own.map(exclusionStep),
        serviceStep(facts, 'start', service, own),
      ];
    }),
  ];
  return steps.map((step, index) => ({ ...step, number: index + 1 }) as Step);
}

function isHeldByOwn(facts: HostFacts, change: Change): boolean {
  return (
    change.wanted.service !== null &&
    change.wanted.presence === 'present' &&
    (findOwners(facts, change.wanted) ?? []).some(isOwnService)
  );
}

function exclusionStep(change: Change): Unnumbered<ExclusionStep> {
  return {
    kind: 'exclusion',
    sentence: change.sentence,
    family: change.family,
    protocol: change.wanted.protocol,
    range: change.wanted.range,
    before: change.before,
    after: change.after,
    commands: change.commands,
    undo: change.undo,
  };
}

function serviceStep(
  facts: HostFacts,
  verb: 'stop' | 'start',
  service: string,
  changes: readonly Change[],
): Unnumbered<ServiceStep> {
  const ports = listeningPortsOf(facts, service).filter((port) =>
    changes.some((change) => containsPort(change.wanted.range, port)),
  );
  const ranges = [...new Set(changes.map((change) => `${change.wanted.protocol} ${formatRange(change.wanted.range)}`))];
  return {
    kind: 'service',
    sentence: verb === 'stop' ? `stop ${service}, which holds ${ranges.join(', ')}` : `start ${service} again`,
    service,
    verb,
    listensOn: ports,
    line: verb === 'stop' ? stopService(service) : startService(service),
    undo: verb === 'stop' ? startService(service) : null,
  };
}
