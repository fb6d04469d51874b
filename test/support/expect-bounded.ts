// A wait that has to end by itself. Wall time is no measure on a machine that is busy, so it is held against a bound that no machine needs and
// that what waits without a limit of its own goes beyond: how long something takes is measured in test/bench/.
import { expect } from 'vitest';

const boundMs = 30_000;

/** `startedMs` and the bound are of `performance.now()`; another bound only where the wait without the limit is shorter than the usual one. */
export function expectBounded(startedMs: number, mostMs = boundMs): void {
  expect(performance.now() - startedMs).toBeLessThan(mostMs);
}
