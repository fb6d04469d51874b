// A short chaos in the suite, always the same seeds. A long one by hand: `npm run chaos -- --seed N --runs M` (chaos.ts).
import pLimit from 'p-limit';
import { expect, test } from 'vitest';
import { playRun } from './play.ts';
import { amount } from '../support/amount.ts';
import { emptyTally } from './tally.ts';

const runs = amount({ share: 4, ci: 20 });

test(`${runs} runs among mishaps: what the journal claims is so, and a rollback brings every host back`, async () => {
  const tally = emptyTally();
  const seeds = Array.from({ length: runs }, (_, index) => index + 1);
  // Some at once, for each mostly waits for answers that never come.
  await pLimit(4).map(seeds, (seed) => playRun(seed, tally, () => undefined));
  expect(tally.mismatches).toEqual([]);
  // The seeds still reach what they are for.
  expect(tally.hostRuns).toBeGreaterThan(3 * runs);
  expect([...tally.mishaps.values()].reduce((sum, times) => sum + times, 0)).toBeGreaterThan(5 * runs);
  expect(tally.deaths).toBeGreaterThan(runs / 7);
});

test('a run is told by its seed alone: the same fleet, the same mishaps', async () => {
  const stories = await Promise.all(
    [7, 7].map(async (seed) => {
      const story: string[] = [];
      await playRun(seed, emptyTally(), (line) => story.push(line));
      return story.filter((line) => / change: | blocked: | fine: |somebody|end: /.test(line));
    }),
  );
  expect(stories[0]).toEqual(stories[1]);
});
