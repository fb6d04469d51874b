// Bounded parallel work over hosts: a few workers that take one host after the other from the stream, so that ten thousand hosts are never
// ten thousand promises. One host begins per turn of the event loop, so that the answers of those under way come first: two hundred that
// begin at once would each wait for all the others at every step of their logon. Work that must not overlap (one availability group) waits for its turn without taking a place from others.
// The work itself turns a host's failure into a value; should it reject all the same (a journal that can't be written), the pool begins
// nothing more, waits for what is under way and rejects then.

export interface PoolOptions<T> {
  /** How many at once. */
  readonly concurrency: number;
  /** Items with the same key are never worked on at the same time; null = no such bond. */
  readonly exclusiveKey?: (item: T) => string | null;
}

/** A place among those that work at once. */
export interface Place {
  /** The item's number in the stream, from 0. */
  readonly index: number;
  /**
   * Lets one more item begin beside this one, which only waits. Calling it again does nothing. At most `concurrency` places are lent at a
   * time, so never more than twice `concurrency` items are under way.
   */
  lend(): void;
}

/** Runs `work` for each item and waits for all of it. After a rejection nothing more begins; it rejects when all that had begun has ended. */
export function forEachHost<T>(
  items: Iterable<T>,
  { concurrency, exclusiveKey = () => null }: PoolOptions<T>,
  work: (item: T, place: Place) => Promise<void>,
): Promise<void> {
  const source = items[Symbol.iterator]();
  const turns = createTurns(source, exclusiveKey);
  let free = concurrency;
  let lendable = concurrency;
  let underWay = 0;
  let isNextDue = false;
  const rejections: unknown[] = [];

  return new Promise((resolve, reject) => {
    const fill = (): void => {
      if (isNextDue) return;
      const item = free > 0 && rejections.length === 0 ? turns.next() : null;
      if (item !== null) {
        free -= 1;
        underWay += 1;
        isNextDue = true;
        setImmediate(() => {
          isNextDue = false;
          fill();
        });
        void run(item);
      }
      if (underWay > 0) return;
      const [first] = rejections;
      if (rejections.length > 0) reject(first instanceof Error ? first : new Error(String(first)));
      else resolve();
    };
    const run = async ({ item, index }: Numbered<T>): Promise<void> => {
      const state = { lent: false };
      const place: Place = {
        index,
        lend() {
          if (state.lent || lendable === 0) return;
          state.lent = true;
          lendable -= 1;
          free += 1;
          fill();
        },
      };
      try {
        await work(item, place);
      } catch (thrown) {
        rejections.push(thrown);
      }
      turns.over(item);
      underWay -= 1;
      if (state.lent) lendable += 1;
      else free += 1;
      fill();
    };
    fill();
  });
}

interface Numbered<T> {
  readonly item: T;
  readonly index: number;
}

interface Turns<T> {
  /** The next item that may begin; null while there is none. */
  next(): Numbered<T> | null;
  over(item: T): void;
}

/** Items in their order, but for those whose key is at work: they wait beside the stream until the one before them is over. */
function createTurns<T>(source: Iterator<T>, exclusiveKey: (item: T) => string | null): Turns<T> {
  const waiting = new Map<string, Numbered<T>[]>();
  const ready: Numbered<T>[] = [];
  let count = 0;
  return {
    next() {
      const first = ready.shift();
      if (first !== undefined) return first;
      for (let taken = source.next(); taken.done !== true; taken = source.next()) {
        const numbered = { item: taken.value, index: count++ };
        const key = exclusiveKey(numbered.item);
        if (key === null) return numbered;
        const queue = waiting.get(key);
        if (queue === undefined) {
          waiting.set(key, []);
          return numbered;
        }
        queue.push(numbered);
      }
      return null;
    },
    over(item) {
      const key = exclusiveKey(item);
      if (key === null) return;
      const following = waiting.get(key)?.shift();
      if (following === undefined) waiting.delete(key);
      else ready.push(following);
    },
  };
}
