// Joined runs in which runners are killed and frozen at random moments while others join, and what is checked after each night: nothing that
// must not be (joined-night.ts), every host at its goal or named, and a resume that brings the rest there. The seed is printed; it plays the same
// night again as far as processes let it: FENCEPOST_SEED=N. CI plays two nights, by hand FENCEPOST_TESTS=all plays more.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { amount } from '../../support/amount.ts';
import type { RunningCli } from '../../support/cli.ts';
import { throwDice } from '../../chaos/dice.ts';
import { usePostgres } from '../support/use-postgres.ts';
import { findFaults, nightPlaybook, playTogether } from './joined-night.ts';

const { suite, postgres } = await usePostgres();

const firstSeed = Number(process.env['FENCEPOST_SEED'] ?? 1);
const seeds = Array.from({ length: amount({ share: 1, ci: 2, all: 12 }) }, (_, index) => firstSeed + index);

const playbook = nightPlaybook(
  'canary: 1, batches: [6, 100%], concurrency: 6, max_failed: 100%, one_at_a_time_by: availability_group',
);

suite('nights of a joined run', () => {
  test.each(seeds)(
    'seed %i: runners die and sleep at random, and others join',
    async (seed) => {
      const dice = throwDice(seed);
      const told: string[] = [];
      await playTogether(postgres, { playbook, hosts: 20 }, async (night) => {
        const alive: RunningCli[] = [night.join(), night.join(), night.join()];
        const asleep: RunningCli[] = [];
        // Between the first changes and the last, whatever the machine's speed; where nothing comes any more, after a while.
        const moments = Array.from({ length: 5 }, () => 2 + Math.floor(dice.roll() * 34)).toSorted((a, b) => a - b);
        for (const moment of moments) {
          await Promise.race([night.changes(moment), sleep(5000)]);
          const victim = alive[Math.floor(dice.roll() * alive.length)];
          if (victim === undefined) break;
          alive.splice(alive.indexOf(victim), 1);
          const isKilled = dice.roll() < 0.5;
          told.push(`${isKilled ? 'SIGKILL' : 'SIGSTOP'} after ${String(night.sent.length)} changes`);
          victim.kill(isKilled ? 'SIGKILL' : 'SIGSTOP');
          if (!isKilled) asleep.push(victim);
          alive.push(night.join());
          // Some wake before their lease is over, some after it.
          const [sleeper] = asleep;
          if (sleeper === undefined || dice.roll() < 0.5) continue;
          await sleep(dice.roll() * 4000);
          asleep.shift();
          sleeper.kill('SIGCONT');
          alive.push(sleeper);
        }
        const all = await Promise.all(alive.map((one) => one.ended));
        for (const one of asleep) one.kill('SIGCONT');
        const woken = await Promise.all(asleep.map((one) => one.ended));
        const about = `seed ${String(seed)}: ${told.join(', ')}`;
        console.log(about);
        for (const one of [...all, ...woken]) expect([0, 1, 3], `${about}\n${one.stderr}`).toContain(one.exitCode);
        expect(await findFaults(night), about).toEqual([]);

        const sent = night.sent.length;
        const done = (await night.events()).flatMap((one) =>
          one.type === 'host-finished' && one.verdict === 'changed' ? [one.host] : [],
        );
        const resumed = await night.run('resume', 'night', ...night.inventory, '--yes');
        expect(resumed.exitCode, `${about}\n${resumed.stdout}${resumed.stderr}`).toBe(0);
        expect(night.lab.changedSince(night.before), about).toHaveLength(20);
        const again = night.sent.slice(sent).map((one) => one.host);
        expect(
          again.filter((host) => done.includes(host)),
          about,
        ).toEqual([]);
        expect((await night.run('rollback', 'night', ...night.inventory, '--yes')).exitCode, about).toBe(0);
        expect(night.lab.changedSince(night.before), about).toEqual([]);
      });
    },
    300_000,
  );
});
