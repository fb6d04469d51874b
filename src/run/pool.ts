// Bounded parallel work over hosts. Results keep the order of the items; work that must not overlap (one availability group) waits
// for its turn without taking a place from others. Never rejects: the work itself turns a host's failure into a value.
import pLimit, { type LimitFunction } from 'p-limit';

export interface PoolOptions<T> {
  /** How many at once. */
  readonly concurrency: number;
  /** Items with the same key are never worked on at the same time; null = no such bond. */
  readonly exclusiveKey?: (item: T) => string | null;
}

/** Runs `work` for each item. `work` must not reject. */
export async function forEachHost<T, R>(
  items: readonly T[],
  { concurrency, exclusiveKey = () => null }: PoolOptions<T>,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const places = pLimit(concurrency);
  const turns = new Map<string, LimitFunction>();
  return Promise.all(
    items.map((item) => {
      const key = exclusiveKey(item);
      if (key === null) return places(() => work(item));
      const turn = turns.get(key) ?? pLimit(1);
      turns.set(key, turn);
      return turn(() => places(() => work(item)));
    }),
  );
}
