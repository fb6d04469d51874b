// How often one piece of work is tried again, and how long to wait before each time. It doesn't know what the work is.
import type { Clock } from '../model/world.ts';

export const maxRepetitions = 4;

export interface Tries {
  /** Waits and returns true, or returns false when there were enough or `signal` aborted. */
  next(signal?: AbortSignal): Promise<boolean>;
}

/** `share` gives numbers from 0 to 1, for the jitter. */
export function countTries(sleep: Clock['sleep'], share: () => number): Tries {
  let count = 0;
  return {
    async next(signal) {
      count += 1;
      if (count > maxRepetitions) return false;
      await sleep(backoffMs(count, share()), signal);
      return signal?.aborted !== true;
    },
  };
}

/**
 * Wait before repetition number `count` (1, 2, 3, ...): doubling from `baseMs` up to `capMs`, then one half of it and a random share
 * of the other, so that two hundred hosts don't come back in the same instant.
 */
export function backoffMs(count: number, share: number, baseMs = 250, capMs = 8000): number {
  const wholeMs = Math.min(capMs, baseMs * 2 ** (count - 1));
  return Math.round(wholeMs / 2 + (wholeMs / 2) * share);
}
