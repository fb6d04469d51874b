// One run, carried out by several processes: `apply PLAN --join RUN` against a lab. What the servers had and are like is the judge, and the
// journal beside it: no host is changed twice, no two of a group at once, no batch before the one before it, whoever dies or sleeps meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/model/outcome.ts';
import type { MishapSpec } from '../../../src/lab/scenario/server-spec.ts';
import { withLab, type Differences } from '../../support/lab.ts';
import { missingPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { findFaults, playTogether, type JoinedNight } from './joined-night.ts';

const missing = await missingPostgres();
const suite = describe.skipIf(missing !== null);

let postgres: TestPostgres;
beforeAll(async () => {
  if (missing === null) postgres = await startPostgres();
});
afterAll(async () => {
  if (missing === null) await postgres.dispose();
});

suite('two runners of one run', () => {
  test('share its hosts, batch by batch; who comes later is told what it came to', async () => {
    await playTogether(postgres, {}, async (night) => {
      const runners = [night.join(), night.join()];
      const ended = await Promise.all(runners.map((one) => one.ended));
      for (const one of ended) expect(one.exitCode, one.stderr).toBe(0);
      expect(ended.filter((one) => one.stderr.includes('coordinates run night'))).toHaveLength(1);
      expect(await findFaults(night)).toEqual([]);
      expect(night.lab.changedSince(night.before)).toHaveLength(12);
      const shares = ended.map((one) => /This process had (\d+) hosts? of the 12/.exec(one.stderr)?.[1]);
      expect(shares.filter((one) => one !== undefined)).toHaveLength(1);
      expect(Number(shares.find((one) => one !== undefined))).toBeGreaterThan(0);

      const sent = night.lab.requestCount();
      const late = await night.join().ended;
      expect([late.exitCode, late.stderr]).toEqual([0, expect.stringContaining('nothing was sent')]);
      expect(late.stdout.replaceAll(/\s+/g, ' ')).toContain('12');
      expect(night.lab.requestCount()).toBe(sent);

      expect((await night.run('runs', 'verify', 'night')).stdout).toContain('The head is sealed');
      expect((await night.run('rollback', 'night', ...night.inventory, '--yes')).exitCode).toBe(0);
      expect(night.lab.changedSince(night.before)).toEqual([]);
    });
  });
});
