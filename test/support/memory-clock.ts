// A clock that stands still until somebody sleeps on it; then it jumps. Nothing ever waits.
import type { Clock } from '../../src/model/seams.ts';

export interface MemoryClock extends Clock {
  /** Moves time forward, as when a host takes its time. */
  advance(byMs: number): void;
  /** Every sleep that was asked for, in ms. */
  readonly sleeps: readonly number[];
}

export function memoryClock(start = '2026-12-05T22:00:00.000Z'): MemoryClock {
  let elapsedMs = 0;
  const sleeps: number[] = [];
  return {
    now: () => new Date(Date.parse(start) + elapsedMs).toISOString(),
    elapsedMs: () => elapsedMs,
    sleep(durationMs, signal) {
      if (signal?.aborted !== true) {
        elapsedMs += durationMs;
        sleeps.push(durationMs);
      }
      return Promise.resolve();
    },
    advance(byMs) {
      elapsedMs += byMs;
    },
    sleeps,
  };
}
