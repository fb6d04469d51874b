// A joined run and a database that goes away: for a moment, which nobody may notice but by a line, and for longer than a lease lasts, when each
// runner leaves with what it knows of its own hosts. What the others did it does not know, and never says.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { usePostgres } from '../support/use-postgres.ts';
import { findFaults, nightPlaybook, playTogether } from './joined-night.ts';

const { suite, postgres } = await usePostgres();

const playbook = nightPlaybook(
  'canary: 1, batches: [100%], concurrency: 6, max_failed: 50%, one_at_a_time_by: availability_group',
);

suite('a database that goes away', () => {
  test('again and again, and comes back within a lease: both runners finish the run as if nothing had been', async () => {
    await playTogether(postgres, { playbook, leaseMs: 20_000 }, async (night) => {
      const runners = [night.join(), night.join()];
      for (const changes of [2, 8, 16, 24]) {
        await night.changes(changes);
        await postgres.stopAtOnce();
        await sleep(300);
        await postgres.start();
      }
      const ended = await Promise.all(runners.map((one) => one.ended));
      for (const one of ended) expect(one.exitCode, one.stderr).toBe(0);
      expect(ended.map((one) => one.stderr).join('')).toContain('the database answers again');
      expect(await findFaults(night)).toEqual([]);
      expect(night.lab.changedSince(night.before)).toHaveLength(12);
    });
  });

  test('for longer than a lease: each leaves, says so of itself alone, and resume brings the rest to its goal', async () => {
    await playTogether(postgres, { playbook }, async (night) => {
      const { busy, other } = await night.joinTwo('any');
      await postgres.stopAtOnce();
      const ended = await Promise.all([busy.ended, other.ended]).finally(() => postgres.start());
      for (const { exitCode, stderr: wrapped } of ended) {
        const stderr = wrapped.replaceAll(/\s+/g, ' ');
        expect(stderr).toContain('this process left run night early');
        expect(stderr).toContain('fencepost status night');
        expect(stderr).not.toContain('run night stopped early');
        expect(exitCode).toBe(stderr.includes('it sent no command that changes a host') ? 1 : 3);
      }
      expect(ended[0].exitCode, ended[0].stderr).toBe(3);
      expect(await findFaults(night, false)).toEqual([]);
      const resumed = await night.run('resume', 'night', ...night.inventory, '--yes');
      expect(resumed.exitCode, resumed.stderr + resumed.stdout).toBe(0);
      expect(night.lab.changedSince(night.before)).toHaveLength(12);
    });
  });
});
