import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import { backoffMs, countTries, maxRepetitions, retry } from '../../src/winrm/retries.ts';
import type { Tries } from '../../src/winrm/retries.ts';
import { failureOf } from '../support/failure-of.ts';

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

describe('retry', () => {
  const trouble = (effect: 'none' | 'unknown', retry: 'never' | 'new-session'): Failure =>
    new Failure('connect/lost', 'made', { effect, retry });
  const tries = (): Tries =>
    countTries(
      () => Promise.resolve(),
      () => 0,
    );

  test('tells the work why it is done again, until it succeeds', async () => {
    const notes: (string | null)[] = [];
    const work = (note: string | null): Promise<string> => {
      notes.push(note);
      return notes.length < 3 ? Promise.reject(trouble('none', 'new-session')) : Promise.resolve('done');
    };
    expect(await retry(work, { tries: tries(), signal: undefined })).toBe('done');
    expect(notes).toEqual([null, 'again after connect/lost', 'again after connect/lost']);
  });

  test.each([
    ['what cannot be helped is tried once', 1, trouble('none', 'never'), undefined],
    ['what was aborted is tried once', 1, trouble('none', 'new-session'), AbortSignal.abort()],
    ['enough is enough', maxRepetitions + 1, trouble('none', 'new-session'), undefined],
  ])('%s', async (_what, count, failure, signal) => {
    let calls = 0;
    const work = (): Promise<void> => {
      calls += 1;
      return Promise.reject(failure);
    };
    expect(await failureOf(retry(work, { tries: tries(), signal }))).toBe(failure);
    expect(calls).toBe(count);
  });
});
