import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs, countTries, maxRepetitions } from '../../src/winrm/retries.ts';

test('waits double up to a cap, and a random share keeps hosts apart', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((count) => backoffMs(count, 1))).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.double({ min: 0, max: 1, noNaN: true }), (count, share) => {
      const waitMs = backoffMs(count, share);
      expect(waitMs).toBeGreaterThanOrEqual(backoffMs(count, 0));
      expect(waitMs).toBeLessThanOrEqual(backoffMs(count, 1));
    }),
  );
});

test('ends after enough, without a last wait', async () => {
  const waitsMs: number[] = [];
  const tries = countTries(
    (durationMs) => {
      waitsMs.push(durationMs);
      return Promise.resolve();
    },
    () => 0,
  );
  for (let n = 0; n < maxRepetitions; n += 1) expect(await tries.next()).toBe(true);
  expect(await tries.next()).toBe(false);
  expect(waitsMs).toEqual([125, 250, 500, 1000]);
});

test('an abort while waiting ends it', async () => {
  const stop = new AbortController();
  const tries = countTries(
    () => {
      stop.abort();
      return Promise.resolve();
    },
    () => 0,
  );
  expect(await tries.next(stop.signal)).toBe(false);
});
