// Some simulated nights in the suite, always the same seeds. More by hand: `npm run simulate -- --nights N --seed S` (main.ts).
import { describe, expect, test, vi } from 'vitest';
import { amount } from '../support/amount.ts';
import { mishapsOf, playNight } from './night.ts';
import { simulate } from './simulate.ts';
import { addUp, shareSeeds } from './workers.ts';

const nights = amount({ share: 40, ci: 100 });

test(`${nights} nights: every verdict is true, intent comes before effect, a rollback brings every server back`, async () => {
  const told: string[] = [];
  const tally = await simulate({
    first: 1,
    nights,
    maxFailures: 3,
    tell: (line) => told.push(line),
    withStory: false,
  });
  expect(tally.failed, told.join('\n')).toEqual([]);
  // The seeds still reach what they are for.
  expect(tally.nights).toBe(nights);
  expect(tally.hostRuns).toBeGreaterThan(2 * nights);
  expect(tally.deaths).toBeGreaterThan(nights / 10);
  expect(tally.mishaps.size).toBeGreaterThan(15);
  expect(tally.mishaps.get('rival-reverts')).toBeGreaterThan(0);
  expect(tally.guards.armed).toBeGreaterThan(nights / 10);
  expect(tally.guards.fired).toBeGreaterThan(nights / 50);
});

const longNights = amount({ share: 4, ci: 40 });

test.each([
  [longNights, 'long nights: whatever follows an apply, four or five commands in all, its verdict is true', 40_000_001],
  [longNights, 'wide nights: servers start again in between, and rollbacks are limited to a host', 80_000_001],
])('%i %s', async (count, _, first) => {
  const told: string[] = [];
  const tell = (line: string): number => told.push(line);
  const tally = await simulate({ first, nights: count, maxFailures: 3, tell, withStory: false });
  expect(tally.failed, told.join('\n')).toEqual([]);
  expect(tally.nights).toBe(count);
});

// Found once: the first deleted the last row of a table, which showed nothing any more, and somebody made the row anew.
test.each([
  [501_546, 'rival-reverts'],
  [503_391, 'rival-reverts'],
  [503_435, 'rival-reverts'],
  [506_235, 'changed-since'],
  [20_000_130, 'stranger'],
  [20_001_948, 'die-torn'],
  [20_003_708, 'half-change'],
  [20_005_559, 'changed-since'],
  [20_005_586, 'rival-reverts'],
  [20_014_569, 'rights-lost'],
  [40_004_236, 'changed-since'],
  [60_001_193, 'changed-since'],
  [60_003_309, 'changed-since'],
  [60_003_530, 'changed-since'],
  [60_007_651, 'changed-since'],
  [60_008_879, 'rights-lost'],
  [60_009_159, 'changed-since'],
  [60_009_844, 'changed-since'],
  [60_009_849, 'stranger'],
  [60_014_388, 'changed-since'],
  [80_000_809, 'rights-lost'],
  [80_010_771, 'rival-after'],
  [80_020_920, 'stranger'],
  [80_031_170, 'operator'],
  [80_032_787, 'lost-after'],
  [80_033_618, 'reboot'],
  [80_033_700, 'rights-lost'],
  [80_034_047, 'rights-lost'],
  [80_052_516, 'changed-since'],
])('night %i, that found a fault, agrees', async (seed, what) => {
  const { problems, happened } = await playNight(seed);
  expect(happened.map((one) => one.what)).toContain(what);
  expect(problems).toEqual([]);
});

test('workers share the seeds without a gap', () => {
  expect(shareSeeds(10, 7, 3)).toEqual([
    { first: 10, nights: 3 },
    { first: 13, nights: 2 },
    { first: 15, nights: 2 },
  ]);
  expect(shareSeeds(1, 1, 2)).toEqual([{ first: 1, nights: 1 }]);
});

test('what workers counted is one total, and a worker that told nothing is missed', () => {
  const one = { nights: 3, hostRuns: 7, deaths: 1, mismatches: 0 };
  const other = { nights: 2, hostRuns: 6, deaths: 0, mismatches: 1 };
  expect(addUp([one, other])).toBe('2 workers: 5 nights, 13 host-runs, 1 deaths, 1 nights with a mismatch');
  expect(addUp([one, null])).toBe(
    '2 workers: 3 nights, 7 host-runs, 1 deaths, 0 nights with a mismatch; 1 ended without a count',
  );
});

describe('a seed', () => {
  test('plays the same night in a new process as behind others', async () => {
    const seeds = [14, 23, 500_007];
    const others: string[] = [];
    for (const seed of seeds) others.push(...(await storyOf(seed)));
    vi.resetModules();
    const fresh = await import('./night.ts');
    const alone: string[] = [];
    for (const seed of seeds.toReversed()) {
      const story: string[] = [];
      await fresh.playNight(seed, fresh.mishapsOf(seed), (line) => story.push(line));
      alone.unshift(...story);
    }
    expect(alone.length).toBeGreaterThan(30);
    expect(alone).toEqual(others);
  });

  test('replays its night exactly', async () => {
    const stories = await Promise.all([14, 14].map((seed) => storyOf(seed)));
    expect(stories[0]?.length).toBeGreaterThan(10);
    expect(stories[0]).toEqual(stories[1]);
  });

  test('replays it without the mishaps that never came to pass', async () => {
    for (const seed of [3, 11, 12]) {
      const drawn = mishapsOf(seed);
      const { happened } = await playNight(seed, drawn);
      const came = drawn.filter((one) => happened.includes(one));
      expect(await storyOf(seed, came)).toEqual(await storyOf(seed, drawn));
    }
  });
});

async function storyOf(seed: number, mishaps = mishapsOf(seed)): Promise<readonly string[]> {
  const story: string[] = [];
  await playNight(seed, mishaps, (line) => story.push(line));
  return story;
}
