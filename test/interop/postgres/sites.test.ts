// Sites: a run whose hosts stand in two closed segments, each with a runner of its own, and a coordinator that never reaches them. What the
// servers are like is the judge: each host is changed once, by the runner of its site, with the secret that is found there.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { usePostgres } from '../support/use-postgres.ts';
import { findFaults } from './joined-night.ts';
import { hostsOf, playSites } from './sites-night.ts';

const { suite, postgres } = await usePostgres();

suite('a run with two sites', () => {
  test('is carried out by a coordinator and the runners of both, and each has hosts of its own only', async () => {
    await playSites(postgres, {}, async (night) => {
      const policy = await night.lab.write('site-policy.yml', 'notify: { ops: { webhook: https://127.0.0.1:9/ } }\n');
      const paris = night.runner('paris', '--once', '--policy', policy);
      // Nothing is open yet: it ends, and says so.
      const idle = await paris.ended;
      expect([idle.exitCode, idle.stdout]).toEqual([0, 'No run has hosts that wait for this site.\n']);
      expect(idle.stderr.replaceAll(/\s+/g, ' ')).toContain('notify: a runner tells no channels');

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

  test('waits where no runner of a site is there, says so, and goes on when one comes', async () => {
    await playSites(postgres, {}, async (night) => {
      const coordinator = night.join();
      const london = night.runner('london');
      await coordinator.until(/Waiting for a runner of site paris \(\d hosts?\)/);
      await night.until(`SELECT FROM fencepost.joined_host WHERE host = 'ex01' AND state = 'finished'`);
      const status = await night.run('status', 'night');
      expect(status.stdout).toContain('waiting for a runner of site paris');
      expect(night.lab.changesSent('ex03')).toEqual([]);
      const paris = night.runner('paris', '--once', '--json');
      const [ended, late] = await Promise.all([coordinator.ended, paris.ended]);
      expect([ended.exitCode, late.exitCode], ended.stderr + late.stderr).toEqual([0, 0]);
      expect(await findFaults(night)).toEqual([]);
      expect(night.lab.changedSince(night.before)).toEqual(night.names);
      const { schema, runs } = JSON.parse(late.stdout) as { schema: string; runs: { hosts: { host: string }[] }[] };
      expect(schema).toBe('fencepost/runner');
      expect(runs.flatMap((one) => one.hosts.map(({ host }) => host)).toSorted()).toEqual(hostsOf.paris);
      london.kill('SIGTERM');
      expect((await london.ended).exitCode).toBe(0);
    });
  });

  test('is ended by Ctrl-C while it waits for a runner: nothing was sent to the hosts of the site', async () => {
    await playSites(postgres, {}, async (night) => {
      const coordinator = night.join();
      await coordinator.until(/Waiting for a runner of site paris/);
      await night.until(`SELECT FROM fencepost.joined_host WHERE host = 'ex02' AND state = 'finished'`);
      coordinator.kill('SIGINT');
      const ended = await coordinator.ended;
      expect(ended.exitCode, ended.stderr).toBe(130);
      expect(await findFaults(night)).toEqual([]);
      expect(night.lab.changedSince(night.before)).toEqual(hostsOf.hub);
      // Who comes now finds nothing to do.
      const late = await night.runner('paris', '--once').ended;
      expect([late.exitCode, night.lab.changesSent('ex03')], late.stderr).toEqual([0, []]);
    });
  });

  test('names what a runner was changing when it was killed; another does the rest, and resume finishes it', async () => {
    const strategy = 'batches: [3, 100%], concurrency: 4, max_failed: 50%, one_at_a_time_by: availability_group';
    await playSites(postgres, { strategy }, async (night) => {
      const [paris, coordinator] = [night.runner('paris'), night.join()];
      night.runner('london');
      await night.changes(hostsOf.paris, 1);
      paris.kill('SIGKILL');
      await paris.ended;
      night.runner('paris');
      const ended = await coordinator.ended;
      expect(ended.exitCode, ended.stderr).toBe(3);
      expect(await findFaults(night)).toEqual([]);
      const doubted = (await night.events()).flatMap((one) =>
        one.type === 'host-finished' && one.verdict === 'in-doubt' ? [one.host] : [],
      );
      expect(doubted).toHaveLength(1);
      expect(hostsOf.paris).toContain(doubted[0]);
      const resumed = await night.run('resume', 'night', ...night.inventory, '--yes');
      expect(resumed.exitCode, resumed.stderr + resumed.stdout).toBe(0);
      expect(night.lab.changedSince(night.before)).toEqual(night.names);
    });
  });

  test('ends the hosts of a site whose secret is not there, with nothing sent to them; the others are changed', async () => {
    const strategy = 'batches: [100%], concurrency: 4, max_failed: 50%';
    await playSites(postgres, { strategy }, async (night) => {
      night.runner('london');
      const paris = night.runnerWith('paris', {});
      const before = hostsOf.paris.map((host) => night.lab.requestCount(host));
      const ended = await night.join().ended;
      expect(ended.exitCode, ended.stderr).toBe(3);
      expect(night.lab.changedSince(night.before)).toEqual([...hostsOf.hub, ...hostsOf.london]);
      expect(hostsOf.paris.map((host) => night.lab.requestCount(host))).toEqual(before);
      expect(ended.stdout.replaceAll(/\s+/g, ' ')).toContain('environment variable PARIS_PASSWORD is not set');
      paris.kill('SIGTERM');
      expect((await paris.ended).exitCode).toBe(0);
    });
  });

  test('is refused where a password of a site stands in the inventory of whoever starts it, all hosts at once', async () => {
    await playSites(postgres, {}, async (night) => {
      const written = await night.lab.write(
        'written.yml',
        `all:\n  children:\n    paris: { vars: { winrm: { password: Secret-1! } } }\n    london: { hosts: { ex05: { winrm: { password: { prompt: true } } } } }\n`,
      );
      // Planning has deleted its shells without waiting for the last answer.
      let sent = -1;
      while (sent !== night.lab.requestCount()) {
        sent = night.lab.requestCount();
        await sleep(300);
      }
      const ended = await night.join('-i', written, '--json').ended;
      expect([ended.exitCode, night.lab.requestCount()], ended.stderr).toEqual([1, sent]);
      const { error } = JSON.parse(ended.stdout) as { error: { code: string; issues: { message: string }[] } };
      expect([error.code, error.issues.map((one) => one.message)]).toEqual([
        'run/site-secret',
        [
          'ex03 (site paris): its password is written into the inventory',
          'ex04 (site paris): its password is written into the inventory',
          'ex05 (site london): its password would be asked for here',
        ],
      ]);
      expect(await postgres.query(night.state, 'SELECT name FROM fencepost.run')).toEqual([]);
    });
  });

  test('is refused with a policy that rolls back hosts of others: nobody but their site reaches them', async () => {
    await playSites(postgres, { rest: 'on_failure: rollback_run\n' }, async (night) => {
      const ended = await night.join().ended;
      expect([ended.exitCode, ended.stderr]).toEqual([
        1,
        expect.stringMatching(/rollback_run does not\s+go with hosts/),
      ]);
      expect(await postgres.query(night.state, 'SELECT name FROM fencepost.run')).toEqual([]);
      expect(night.lab.changesSent()).toEqual([]);
    });
  });
});
