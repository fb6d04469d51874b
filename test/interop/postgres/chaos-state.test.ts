// A small chaos of joined runs in CI, always the same seeds; a large one by hand: `npm run chaos:state -- --seed N --rounds M`. What is judged is
// in test/chaos/state/find-faults.ts, which has tests of its own that it bites.
import { expect, test } from 'vitest';
import { amount } from '../../support/amount.ts';
import { usePostgres } from '../support/use-postgres.ts';
import { playNight } from '../../chaos/state/play-night.ts';

const { suite, postgres } = await usePostgres();

const seeds = Array.from({ length: amount({ share: 1, ci: 1, all: 10 }) }, (_, index) => index + 1);
const size = { hosts: 24, groups: 4, concurrency: 12, leaseMs: 3000 };

suite('nights among crashes of the database, partitions, deaths and sleep', () => {
  test.each(seeds)(
    'seed %i: nothing that must not be, and every host at its goal',
    async (seed) => {
      const { faults, hostRuns, troubles, story } = await playNight(seed, size, postgres, () => undefined);
      expect(faults, story.join('\n')).toEqual([]);
      expect(hostRuns).toBeGreaterThanOrEqual(size.hosts);
      expect(Object.keys(troubles).length, 'the seed plays too little').toBeGreaterThan(2);
    },
    200_000,
  );

  test.each(seeds)(
    'seed %i, with a playbook that rolls back what others changed: every host as before',
    async (seed) => {
      const { faults, troubles, story } = await playNight(seed, { ...size, goesBack: true }, postgres, () => undefined);
      expect(faults, story.join('\n')).toEqual([]);
      expect(Object.keys(troubles).length, 'the seed plays too little').toBeGreaterThan(2);
    },
    200_000,
  );
});
