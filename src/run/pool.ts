// Bounded parallel work over hosts. Results keep the order of the items; work that must not overlap (one availability group) waits
// for its turn without taking a place from others. The work itself turns a host's failure into a value; should it reject all the same (a
// journal that can't be written), the pool waits for what is under way and rejects then.
import pLimit, { type LimitFunction } from 'p-limit';

export interface PoolOptions<T> {
  /** How many at once. */
  readonly concurrency: number;
  /** Items with the same key are never worked on at the same time; null = no such bond. */
  readonly exclusiveKey?: (item: T) => string | null;
}

/** Runs `work` for each item and waits for all of it. Rejects with the first rejection, after everything has ended. */
export async function forEachHost<T, R>(
  items: readonly T[],
  { concurrency, exclusiveKey = () => null }: PoolOptions<T>,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const places = pLimit(concurrency);
  const turns = new Map<string, LimitFunction>();
  const settled = await Promise.allSettled(
    items.map((item) => {
      const key = exclusiveKey(item);
      if (key === null) return places(() => work(item));
      const turn = turns.get(key) ?? pLimit(1);
      turns.set(key, turn);
      return turn(() => places(() => work(item)));
    }),
  );
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}
