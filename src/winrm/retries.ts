// The one retry loop of this library: how often work is tried again, and how long to wait before each time. It doesn't know what the work
// is; whether another try can help is decided from the Failure.
import { asFailure } from '../model/failure.ts';
import type { Failure } from '../model/failure.ts';
import type { Clock } from '../model/seams.ts';

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

export interface RetryOptions {
  /** Shared by several loops when they are one piece of work. */
  readonly tries: Tries;
  readonly signal: AbortSignal | undefined;
  /** Whether another try can help. Default: unless the Failure says `never`. */
  readonly canHelp?: (failure: Failure) => boolean;
}

/** Does `work` until it succeeds, cannot be helped, or the tries are used up. `note`, for the trace: null the first time. */
export async function retry<T>(
  work: (note: string | null) => Promise<T>,
  { tries, signal, canHelp = (failure) => failure.retry !== 'never' }: RetryOptions,
): Promise<T> {
  let note: string | null = null;
  for (;;) {
    try {
      return await work(note);
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (signal?.aborted === true || !canHelp(failure) || !(await tries.next(signal))) throw failure;
      note = `again after ${failure.code}`;
    }
  }
}

/**
 * Wait before repetition number `count` (1, 2, 3, ...): doubling from `baseMs` up to `capMs`, then one half of it and a random share
 * of the other, so that two hundred hosts don't come back in the same instant.
 */
export function backoffMs(count: number, share: number, baseMs = 250, capMs = 8000): number {
  const wholeMs = Math.min(capMs, baseMs * 2 ** (count - 1));
  return Math.round(wholeMs / 2 + (wholeMs / 2) * share);
}
