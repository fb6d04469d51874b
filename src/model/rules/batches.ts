// Hosts to change -> batches: a canary first, then the sizes of the strategy, the last size repeating. Pure.
import type { HostCount, Strategy } from '../strategy.ts';

/** Every item is in exactly one batch, in order; no batch is empty. */
export function splitIntoBatches<T>(
  items: readonly T[],
  strategy: Pick<Strategy, 'canary' | 'batches'>,
): readonly (readonly T[])[] {
  const batches: (readonly T[])[] = [];
  let next = 0;
  const take = (count: number): void => {
    if (count > 0 && next < items.length) batches.push(items.slice(next, next + count));
    next += count;
  };
  take(strategy.canary);
  for (let index = 0; next < items.length; index += 1) {
    const size = strategy.batches[Math.min(index, strategy.batches.length - 1)] ?? { kind: 'percent', percent: 100 };
    take(Math.max(1, countHosts(size, items.length)));
  }
  return batches;
}

/** How many hosts may fail; a percentage is of `hosts` and rounded down, so that a small batch gets a budget of none. */
export function allowedFailures(budget: HostCount, hosts: number): number {
  return budget.kind === 'count' ? budget.hosts : Math.floor((hosts * budget.percent) / 100);
}

/** A percentage is of all hosts and rounded up. */
function countHosts(size: HostCount, hosts: number): number {
  return size.kind === 'count' ? size.hosts : Math.ceil((hosts * size.percent) / 100);
}
