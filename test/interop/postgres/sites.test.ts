// Sites: a run whose hosts stand in two closed segments, each with a runner of its own, and a coordinator that never reaches them. What the
// servers are like is the judge: each host is changed once, by the runner of its site, with the secret that is found there.
import { expect, test } from 'vitest';
import { usePostgres } from '../support/use-postgres.ts';
import { findFaults } from './joined-night.ts';
import { playSites } from './sites-night.ts';

const { suite, postgres } = await usePostgres();

suite('a run with two sites', () => {
  test('is carried out by a coordinator and the runners of both, and each has hosts of its own only', async () => {
    await playSites(postgres, {}, async (night) => {
      const paris = night.runner('paris', '--once');
      // Nothing is open yet: it ends, and says so.
      const idle = await paris.ended;
      expect([idle.exitCode, idle.stdout]).toEqual([0, 'No run has hosts that wait for this site.\n']);

      const runners = [night.runner('paris'), night.runner('london')];
      const coordinator = await night.join().ended;
      expect(coordinator.exitCode, coordinator.stderr).toBe(0);
      expect(await findFaults(night)).toEqual([]);
      expect(night.lab.changedSince(night.before)).toEqual(night.names);
      for (const one of runners) one.kill('SIGTERM');
      const [inParis, inLondon] = await Promise.all(runners.map((one) => one.ended));
      expect([inParis?.exitCode, inLondon?.exitCode], `${inParis?.stderr ?? ''}${inLondon?.stderr ?? ''}`).toEqual([
        0, 0,
      ]);
      expect(inParis?.stderr).toContain('this runner had 2 hosts of site paris: 2 changed');
      expect(inLondon?.stderr).toContain('this runner had 2 hosts of site london: 2 changed');
      expect(coordinator.stdout).toContain('6');
      expect((await night.run('runs', 'verify', 'night')).stdout).toContain('The head is sealed');
    });
  });
});
