// The database goes away under a site's runner, which is a service: nobody is there to start it again. What the servers are like is the judge.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { usePostgres } from '../support/use-postgres.ts';
import { findFaults } from './joined-night.ts';
import { hostsOf, playSites } from './sites-night.ts';

const { suite, postgres } = await usePostgres();

suite('a runner of a site whose database goes away', () => {
  test('waits for it while idle, says so once, and takes part in the run that starts afterwards', async () => {
    await playSites(postgres, {}, async (night) => {
      const runners = [night.runner('paris'), night.runner('london')];
      for (const one of runners) await one.until(/Waiting for runs with hosts of site/);
      await postgres.stopAtOnce();
      for (const one of runners) await one.until(/waiting for it/);
      await postgres.start();
      const coordinator = await night.join().ended;
      expect(coordinator.exitCode, coordinator.stderr).toBe(0);
      expect(await findFaults(night)).toEqual([]);
      expect(night.lab.changedSince(night.before)).toEqual(night.names);
      for (const one of runners) one.kill('SIGTERM');
      for (const { exitCode, stderr } of await Promise.all(runners.map((one) => one.ended))) {
        expect(exitCode, stderr).toBe(0);
        expect(stderr.match(/waiting for it/g)).toHaveLength(1);
        expect(stderr).toContain('The database answers again.');
      }
    });
  });

  test.each([
    { name: 'for less than a lease', awayMs: 300 },
    { name: 'for longer than a lease', awayMs: 4500 },
  ])('$name, in mid-change: it lives on, and what it had not finished is finished by resume', async ({ awayMs }) => {
    await playSites(postgres, {}, async (night) => {
      const runners = [night.runner('paris'), night.runner('london')];
      const coordinator = night.join();
      await night.changes(hostsOf.paris, 1);
      await postgres.stopAtOnce();
      await sleep(awayMs);
      await postgres.start();
      const ended = await coordinator.ended;
      expect([0, 1, 3], ended.stderr).toContain(ended.exitCode);
      expect(await findFaults(night, false)).toEqual([]);
      const resumed = await night.run('resume', 'night', ...night.inventory, '--yes');
      expect(resumed.exitCode, resumed.stderr + resumed.stdout).toBe(0);
      expect(night.lab.changedSince(night.before)).toEqual(night.names);
      for (const one of runners) one.kill('SIGTERM');
      const told = await Promise.all(runners.map((one) => one.ended));
      expect(
        told.map((one) => one.exitCode),
        told.map((one) => one.stderr).join('\n---\n'),
      ).toEqual([0, 0]);
    });
  });
});
