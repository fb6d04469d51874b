// Bounded parallel work over hosts: p-limit keeps the bound, a feeder takes the next host from the stream only when there is a place for it,
// so that ten thousand hosts are never ten thousand promises. One host begins per turn of the event loop, so that the answers of those
// under way come first: two hundred that begin at once would each wait for all the others at every step of their logon.
// The work itself turns a host's failure into a value; if it rejects anyway (a journal that cannot be written), the pool starts
// nothing more, waits for what is running, and then rejects.
import { setImmediate as nextTurn } from 'node:timers/promises';
import pLimit, { type LimitFunction } from 'p-limit';

export interface PoolOptions<T> {
  /** How many at once. */
  readonly concurrency: number;
  /** Items with the same key are never worked on at the same time; null = no such bond. They wait without taking a place from others. */
  readonly exclusiveKey?: (item: T) => string | null;
}

/** A place among those that work at once. */
export interface Place {
  /** The item's number in the stream, from 0. */
  readonly index: number;
  /**
   * Lets one more item start beside this one, which only waits. Calling it again does nothing. At most `concurrency` places are lent at a
   * time, so never more than twice `concurrency` items are under way.
   */
  lend(): void;
}

/** Runs `work` for each item and waits for all. After a rejection nothing more starts; it rejects once everything started has finished. */
export async function forEachHost<T>(
  items: Iterable<T>,
  { concurrency, exclusiveKey = () => null }: PoolOptions<T>,
  work: (item: T, place: Place) => Promise<void>,
): Promise<void> {
  const source = items[Symbol.iterator]();
  const limit = pLimit(concurrency);
  const keys = createKeyLimits();
  const turn = createTurns();
  const places = createSignal();
  const underWay = new Set<Promise<void>>();
  const rejections: unknown[] = [];

  const workOn = async (item: T, index: number): Promise<void> => {
    await turn();
    if (rejections.length > 0) return;
    const place = placeIn(limit, {
      index,
      most: 2 * concurrency,
      lent: () => {
        places.raise();
      },
    });
    try {
      await work(item, place);
    } catch (thrown) {
      rejections.push(thrown);
    }
    place.giveBack();
  };

  for (let index = 0; ; index += 1) {
    // A place is counted as taken, or free again, a moment after its work begins or ends: always within the turn.
    if (index > 0) await nextTurn();
    while (limit.activeCount + limit.pendingCount >= limit.concurrency) {
      await places.raised();
      await nextTurn();
    }
    if (rejections.length > 0) break;
    const next = source.next();
    if (next.done === true) break;
    const item = next.value;
    const run = keys
      .run(exclusiveKey(item), () => limit(workOn, item, index))
      .finally(() => {
        underWay.delete(run);
        places.raise();
      });
    underWay.add(run);
  }
  await Promise.all(underWay);
  const [first] = rejections;
  if (rejections.length > 0) throw first instanceof Error ? first : new Error(String(first));
}

/** One place of a limit, which grows while the place is lent. */
function placeIn(
  limit: LimitFunction,
  { index, most, lent }: { readonly index: number; readonly most: number; readonly lent: () => void },
): Place & { giveBack(): void } {
  let isLent = false;
  return {
    index,
    lend() {
      if (isLent || limit.concurrency >= most) return;
      isLent = true;
      limit.concurrency += 1;
      lent();
    },
    giveBack() {
      if (isLent) limit.concurrency -= 1;
    },
  };
}

/** A limit of one per key, for as long as somebody works under it or waits for it. */
function createKeyLimits(): { run(key: string | null, work: () => Promise<void>): Promise<void> } {
  const limits = new Map<string, LimitFunction>();
  return {
    async run(key, work) {
      if (key === null) return work();
      const limit = limits.get(key) ?? pLimit(1);
      limits.set(key, limit);
      await limit(work);
      if (limit.activeCount + limit.pendingCount === 0) limits.delete(key);
    },
  };
}

/** Each call resolves in a turn of the event loop of its own. */
function createTurns(): () => Promise<void> {
  let due = Promise.resolve();
  return () => {
    const mine = due;
    due = mine.then(() => nextTurn());
    return mine;
  };
}

/** Somebody waits until something has changed; what is raised while nobody waits is of no interest. */
function createSignal(): { raise(): void; raised(): Promise<void> } {
  let wake = (): void => undefined;
  return {
    raise: () => {
      wake();
    },
    raised: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
  };
}
