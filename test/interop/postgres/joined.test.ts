// One run, carried out by several processes: `apply PLAN --join RUN` against a lab. What the servers had and are like is the judge, and the
// journal beside it: no host is changed twice, no two of a group at once, no batch before the one before it, whoever dies or sleeps meanwhile.
import { expect, test } from 'vitest';
import type { RunEvent } from '../../../src/model/outcome.ts';
import type { MishapSpec } from '../../../src/lab/scenario/server-spec.ts';
import { usePostgres } from '../support/use-postgres.ts';
import { findFaults, nightPlaybook, OtherNight, playTogether, type JoinedNight } from './joined-night.ts';

const { suite, postgres } = await usePostgres();

/** A host may be lost. */
const forgiving = nightPlaybook(
  'canary: 1, batches: [5, 100%], concurrency: 6, max_failed: 50%, one_at_a_time_by: availability_group',
);

async function listDoubted(night: JoinedNight): Promise<readonly string[]> {
  const events = await night.events();
  return events.flatMap((one) => (one.type === 'host-finished' && one.verdict === 'in-doubt' ? [one.host] : []));
}

suite('two runners of one run', () => {
  test('share its hosts, batch by batch; who comes later is told what it came to', async () => {
    await playTogether(postgres, {}, async (night) => {
      const runners = [night.join(), night.join()];
      const ended = await Promise.all(runners.map((one) => one.ended));
      for (const one of ended) expect(one.exitCode, one.stderr).toBe(0);
      expect(ended.filter((one) => one.stderr.includes('coordinates run night'))).toHaveLength(1);
      expect(await findFaults(night)).toEqual([]);
      expect(night.lab.changedSince(night.before)).toHaveLength(12);
      const shares = ended.map((one) => /This process had (\d+) hosts? of the 12/.exec(one.stderr)?.[1] ?? 'none');
      if (!shares.some((one) => Number(one) > 0)) throw new OtherNight(`one came late: ${shares.join(', ')}`);

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

  test.each(['coordinator', 'other'] as const)(
    'one is killed (%s): what it never started the other starts, what it was changing is named; resume finishes it',
    async (which) => {
      await playTogether(postgres, { playbook: forgiving }, async (night) => {
        const { busy, other } = await night.joinTwo(which);
        busy.kill('SIGKILL');
        const ended = await other.ended;
        expect(ended.exitCode, ended.stderr).toBe(3);
        expect(await findFaults(night)).toEqual([]);
        const doubted = await listDoubted(night);
        expect(doubted.length).toBeGreaterThan(0);
        for (const host of doubted) expect(ended.stdout + ended.stderr).toContain(host);
        expect(ended.stdout + ended.stderr).toContain('fencepost status night');
        const resumed = await night.run('resume', 'night', ...night.inventory, '--yes');
        expect(resumed.exitCode, resumed.stderr + resumed.stdout).toBe(0);
        expect(night.lab.changedSince(night.before)).toHaveLength(12);
        expect((await night.run('rollback', 'night', ...night.inventory, '--yes')).exitCode).toBe(0);
        expect(night.lab.changedSince(night.before)).toEqual([]);
      });
    },
  );

  test.each(['coordinator', 'other'] as const)(
    'one sleeps and wakes (%s): nothing follows from what it was doing, and it ends by itself',
    async (which) => {
      await playTogether(postgres, { playbook: forgiving }, async (night) => {
        const { busy, other } = await night.joinTwo(which);
        busy.kill('SIGSTOP');
        const ended = await other.ended;
        expect(ended.exitCode, ended.stderr).toBe(3);
        expect(await findFaults(night)).toEqual([]);
        const doubted = await listDoubted(night);
        const { length } = night.sent;
        const states = night.lab.states();
        busy.kill('SIGCONT');
        const woken = await busy.ended;
        expect(woken.exitCode, woken.stderr).toBe(3);
        // What was journaled before it slept, and on its way, may still come to a host that is in doubt; nothing follows from it.
        const late = night.sent.slice(length).map((one) => one.host);
        expect(doubted).toEqual(expect.arrayContaining(late));
        expect(new Set(late).size).toBe(late.length);
        const others = (all: typeof states) => Object.entries(all).filter(([host]) => !late.includes(host));
        expect(others(night.lab.states())).toEqual(others(states));
        expect(await listDoubted(night)).toEqual(doubted);
        expect(await findFaults(night)).toEqual([]);
        const resumed = await night.run('resume', 'night', ...night.inventory, '--yes');
        expect(resumed.exitCode, resumed.stderr + resumed.stdout).toBe(0);
        expect(night.lab.changedSince(night.before)).toHaveLength(12);
      });
    },
  );

  test('all of them are killed: nobody goes on alone while one lives; one that joins again finishes what is left', async () => {
    await playTogether(postgres, { playbook: forgiving }, async (night) => {
      const [first, second] = [night.join(), night.join()];
      await night.changes(5);
      const alone = await night.run('resume', 'night', ...night.inventory, '--yes');
      expect([alone.exitCode, alone.stderr]).toEqual([1, expect.stringContaining('run/host-locked')]);
      first.kill('SIGKILL');
      second.kill('SIGKILL');
      await Promise.all([first.ended, second.ended]);
      const again = await night.join().ended;
      expect(again.exitCode, again.stderr).toBe(3);
      expect(await findFaults(night)).toEqual([]);
      const resumed = await night.run('resume', 'night', ...night.inventory, '--yes');
      expect(resumed.exitCode, resumed.stderr + resumed.stdout).toBe(0);
      expect(night.lab.changedSince(night.before)).toHaveLength(12);
    });
  });
});

suite('what one runner is told', () => {
  test('SIGTERM stops the run for all: nobody starts another host; status says who has what; resume does the rest', async () => {
    await playTogether(postgres, {}, async (night) => {
      const { busy, other } = await night.joinTwo('any');
      const status = await night.run('status', 'night', '--json');
      const { runners } = JSON.parse(status.stdout) as { runners: readonly { by: string; coordinates: boolean }[] };
      expect(runners.filter((one) => one.coordinates)).toHaveLength(1);
      expect(runners.map((one) => /process (\d+)/.exec(one.by)?.[1]).toSorted()).toEqual(
        [busy, other].map((one) => String(one.processId)).toSorted(),
      );
      expect((await night.run('status', 'night')).stdout).toMatch(/at work now \(2 processes\)[^]*ex\d+ since/);
      busy.kill('SIGTERM');
      const ended = await Promise.all([busy.ended, other.ended]);
      expect(ended[0].exitCode, ended[0].stderr).toBe(130);
      expect([0, 3]).toContain(ended[1].exitCode);
      const events = await night.events();
      expect(await findFaults(night)).toEqual([]);
      expect(events.filter((one) => one.type === 'run-stopping').map((one) => one.reason)).toEqual(['interrupted']);
      const skipped = events.filter((one) => one.type === 'host-finished' && one.verdict === 'skipped');
      expect(skipped.length).toBeGreaterThan(0);
      expect((await night.run('resume', 'night', ...night.inventory, '--yes')).exitCode).toBe(0);
      expect(night.lab.changedSince(night.before)).toHaveLength(12);
    });
  });

  test('a pause between batches is kept though the coordinator dies in it, and the window though another asks', async () => {
    // Windows are kept in whole seconds.
    const opens = new Date(Math.ceil(Date.now() / 1000) * 1000 + 20_000);
    const playbook = nightPlaybook(
      'canary: 1, batches: [100%], concurrency: 6, pause_s: 3',
      `window: { opens: ${opens.toISOString()}, closes: ${new Date(opens.getTime() + 900_000).toISOString()} }\n`,
    );
    await playTogether(postgres, { playbook, hosts: 4 }, async (night) => {
      const runners = [night.join(), night.join()];
      await Promise.race(runners.map((one) => one.until(/coordinates run night/)));
      await night.finishedBatch(1);
      const first = runners.find((one) => one.printed().includes('coordinates run night'));
      first?.kill('SIGKILL');
      const left = await Promise.all(runners.filter((one) => one !== first).map((one) => one.ended));
      expect(left.map((one) => one.exitCode)).toEqual([0]);
      expect(await findFaults(night)).toEqual([]);
      const events = await night.events();
      const timeOf = (type: RunEvent['type'], batch: number): number =>
        Date.parse(events.find((one) => one.type === type && 'batch' in one && one.batch === batch)?.at ?? '');
      expect(timeOf('batch-started', 1)).toBeGreaterThanOrEqual(opens.getTime());
      expect(timeOf('batch-started', 2) - timeOf('batch-finished', 1)).toBeGreaterThanOrEqual(3000);
      expect(night.lab.changedSince(night.before)).toHaveLength(4);
    });
  });
});

suite('the budget', () => {
  test('holds across runners: after the first failure nobody starts another host, and both say so', async () => {
    // The canary passes; the first change of each host of the second batch is refused by Windows.
    const refused: MishapSpec = {
      on: { operation: 'command', nth: 1, line: 'add excludedportrange', request: null },
      act: { kind: 'fault', code: 5 },
      times: 9,
    };
    const mishaps = Object.fromEntries(['ex02', 'ex03', 'ex04', 'ex05', 'ex06'].map((host) => [host, [refused]]));
    const playbook = nightPlaybook('canary: 1, batches: [5, 100%], concurrency: 1, max_failed: 0');
    await playTogether(postgres, { playbook, mishaps }, async (night) => {
      const ended = await Promise.all([night.join(), night.join()].map((one) => one.ended));
      const events = await night.events();
      expect(await findFaults(night)).toEqual([]);
      expect(events.filter((one) => one.type === 'run-stopping')).toHaveLength(1);
      const failed = events.filter((one) => one.type === 'host-finished' && one.verdict.startsWith('failed'));
      expect(failed, JSON.stringify(events.filter((one) => one.type === 'host-finished'))).toHaveLength(1);
      expect(night.lab.changedSince(night.before)).toEqual(['ex01']);
      expect(ended.map((one) => one.exitCode)).toContain(3);
    });
  });
});

suite('--join is refused', () => {
  test('with files, without a plan, for another plan, for a run of one process', async () => {
    await playTogether(postgres, { hosts: 4 }, async (night) => {
      const { lab, plan, inventory } = night;
      const files = await lab.run(['apply', plan, ...inventory, '--join', 'night', '--yes']);
      expect([files.exitCode, files.stderr]).toEqual([1, expect.stringContaining('--state postgres://')]);
      const unsaved = await night.run('apply', ...inventory, '--join', 'night', '--yes');
      expect([unsaved.exitCode, unsaved.stderr]).toEqual([1, expect.stringContaining('saved plan')]);
      const named = await night.run('apply', plan, ...inventory, '--join', 'Night 1', '--yes');
      expect(named.exitCode).toBe(1);
      expect(lab.changesSent()).toEqual([]);
      expect((await night.join().ended).exitCode).toBe(0);
      const sent = lab.changesSent().length;
      // Another plan under the name of this run.
      const next = await lab.write('next.yml', nightPlaybook('canary: 2'));
      expect((await night.run('plan', ...inventory, '-p', next, '--out', lab.path('next.plan'))).exitCode).toBe(0);
      const other = await night.run('apply', lab.path('next.plan'), ...inventory, '--join', 'night', '--yes');
      expect(other.exitCode).not.toBe(3);
      // The plan of this run under another name, and under none.
      for (const more of [['--join', 'again'], []]) {
        const applied = await night.run('apply', plan, ...inventory, '--yes', ...more);
        expect([applied.exitCode, applied.stderr]).toEqual([1, expect.stringContaining('plan/already-applied')]);
      }
      expect(lab.changesSent()).toHaveLength(sent);
    });
  });
});
