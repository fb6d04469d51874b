// A run of several processes whose failure policy rolls back what others of them changed: `on_failure: rollback_batch` and `rollback_run` with
// `--join`. The servers are the judge of what is back; the journal of that no two of a group were open at once, whoever dies in the middle of it.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { MishapSpec } from '../../../src/lab/scenario/server-spec.ts';
import type { RunEvent } from '../../../src/model/outcome.ts';
import type { RunningCli } from '../../support/cli.ts';
import { usePostgres } from '../support/use-postgres.ts';
import { nightPlaybook, OtherNight, playTogether, type JoinedNight } from './joined-night.ts';

const { suite, postgres } = await usePostgres();

const refused: MishapSpec = {
  on: { operation: 'command', nth: 1, line: 'add excludedportrange', request: null },
  act: { kind: 'fault', code: 5 },
  times: 9,
};
const strategy = 'canary: 1, batches: [5, 100%], concurrency: 6, one_at_a_time_by: availability_group';
/** One of the last batch is refused, the rest is changed by then or under way. */
const runBack = {
  playbook: nightPlaybook(`${strategy}, max_failed: 0`, 'on_failure: rollback_run\n'),
  mishaps: { ex12: [refused] },
};

/** The last of each host that got one. */
function listVerdicts(events: readonly RunEvent[]): Readonly<Record<string, string>> {
  const verdicts = events.flatMap((one) => (one.type === 'host-finished' ? [[one.host, one.verdict] as const] : []));
  return Object.fromEntries(verdicts);
}

/** Hosts of one group that were open at once, and commands of a host that nobody had open. */
function findOverlaps(events: readonly RunEvent[]): readonly string[] {
  const open = new Map<string, string | null>();
  return events.flatMap((event): readonly string[] => {
    if (event.type === 'host-finished') open.delete(event.host);
    if (event.type === 'command-planned')
      return open.has(event.host) ? [] : [`${event.host}: a command without a start`];
    if (event.type !== 'host-started') return [];
    const { host, exclusiveGroup: group } = event;
    const beside = [...open].flatMap(([other, its]) =>
      its === group && other !== host ? [`${host} beside ${other}`] : [],
    );
    open.set(host, group);
    return beside;
  });
}

/** The process that rolls a host back; the other takes part as well. */
async function findUndoing(
  night: JoinedNight,
  runners: readonly RunningCli[],
): Promise<readonly [RunningCli, RunningCli]> {
  for (;;) {
    const [found] = await postgres.query<{ id: number }>(
      night.state,
      `SELECT (h.holder->>'processId')::int AS id FROM fencepost.joined_host h
       JOIN fencepost.record c ON c.run = h.run AND h.state = 'started' AND h.verdict IS NOT NULL
         AND convert_from(c.line, 'UTF8') LIKE '%"type":"command-planned"%"host":"' || h.host || '"%"direction":"undo"%'
       LIMIT 1`,
    );
    if (found !== undefined) {
      const [one, other] = runners;
      if (one === undefined || other === undefined) throw new Error('two runners are needed');
      return one.processId === found.id ? [one, other] : [other, one];
    }
    const [over] = await postgres.query(night.state, 'SELECT FROM fencepost.joined_run WHERE closed');
    if (over !== undefined) throw new OtherNight('nothing was seen being rolled back');
    await sleep(10);
  }
}

async function bothHad(night: JoinedNight): Promise<void> {
  const [found] = await postgres.query<{ runners: number }>(
    night.state,
    'SELECT count(DISTINCT runner)::int AS runners FROM fencepost.joined_host WHERE runner IS NOT NULL',
  );
  if (found?.runners !== 2) throw new OtherNight('one runner had no host');
}

suite('on_failure with --join', () => {
  test('rollback_run: whoever coordinates brings back what each of them changed, and both say so', async () => {
    await playTogether(postgres, runBack, async (night) => {
      const runners = [night.join('--json'), night.join('--json')];
      await night.finishedBatch(2);
      await bothHad(night);
      const ended = await Promise.all(runners.map((one) => one.ended));
      expect(night.lab.changedSince(night.before)).toEqual([]);
      const events = await night.events();
      expect(findOverlaps(events)).toEqual([]);
      const verdicts = listVerdicts(events);
      const back = Object.values(verdicts).filter((one) => one === 'rolled-back').length;
      expect(back, JSON.stringify(verdicts)).toBeGreaterThanOrEqual(6);
      expect(verdicts['ex12']).toBe('failed-rolled-back');
      expect(Object.values(verdicts).filter((one) => one === 'changed')).toEqual([]);
      // Each tells of its own hosts what became of them in the end.
      for (const { stdout, stderr, exitCode } of ended) {
        const told = JSON.parse(stdout) as {
          readonly hosts: readonly { readonly host: string; readonly verdict: string }[];
        };
        expect(told.hosts.length).toBeGreaterThan(0);
        for (const { host, verdict } of told.hosts) expect([host, verdict]).toEqual([host, verdicts[host]]);
        expect(exitCode, stderr).toBe(4);
      }
      expect(events.at(-1)?.type).toBe('run-finished');
      expect((await night.run('runs', 'verify', 'night')).exitCode).toBe(0);
    });
  });

  test('rollback_batch: the batches before stay changed', async () => {
    const playbook = nightPlaybook(`${strategy}, max_failed: 0`, 'on_failure: rollback_batch\n');
    await playTogether(postgres, { ...runBack, playbook }, async (night) => {
      await Promise.all([night.join(), night.join()].map((one) => one.ended));
      expect(night.lab.changedSince(night.before)).toEqual(['ex01', 'ex02', 'ex03', 'ex04', 'ex05', 'ex06']);
      const events = await night.events();
      expect(findOverlaps(events)).toEqual([]);
      const verdicts = Object.entries(listVerdicts(events)).filter(([, verdict]) => verdict === 'changed');
      expect(verdicts.map(([host]) => host).toSorted()).toEqual(night.lab.changedSince(night.before));
    });
  });

  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    'the one that rolls back is lost (%s): the other does the rest, names what is in doubt, and rollback brings it back',
    async (signal) => {
      await playTogether(postgres, runBack, async (night) => {
        const runners = [night.join(), night.join()];
        const [busy, other] = await findUndoing(night, runners);
        busy.kill(signal);
        const ended = await other.ended;
        expect(ended.exitCode, ended.stderr).toBe(3);
        const events = await night.events();
        expect(findOverlaps(events)).toEqual([]);
        const verdicts = Object.entries(listVerdicts(events));
        expect(verdicts.filter(([, verdict]) => verdict === 'changed')).toEqual([]);
        const doubted = verdicts.flatMap(([host, verdict]) => (verdict === 'in-doubt' ? [host] : []));
        expect(doubted.length).toBeGreaterThan(0);
        expect(ended.stdout + ended.stderr).toContain('fencepost rollback night');
        const left = verdicts.flatMap(([host, verdict]) => (verdict === 'failed-partial' ? [host] : []));
        // Nothing else is left on any server, whatever the verdicts say.
        expect([...doubted, ...left]).toEqual(expect.arrayContaining([...night.lab.changedSince(night.before)]));
        if (signal === 'SIGSTOP') {
          busy.kill('SIGCONT');
          expect((await busy.ended).exitCode).toBe(3);
          expect(listVerdicts(await night.events())).toEqual(Object.fromEntries(verdicts));
        }
        const back = await night.run('rollback', 'night', ...night.inventory, '--yes');
        expect(back.exitCode, back.stderr + back.stdout).toBe(0);
        expect(night.lab.changedSince(night.before)).toEqual([]);
      });
    },
  );

  test('all are killed in the middle of it: resume goes on rolling back', async () => {
    await playTogether(postgres, runBack, async (night) => {
      const runners = [night.join(), night.join()];
      await findUndoing(night, runners);
      for (const one of runners) one.kill('SIGKILL');
      await Promise.all(runners.map((one) => one.ended));
      const resumed = await night.run('resume', 'night', ...night.inventory, '--yes');
      expect(resumed.exitCode, resumed.stderr + resumed.stdout).toBe(4);
      expect(night.lab.changedSince(night.before)).toEqual([]);
    });
  });

  test('a runner dies while it changes a host: the others of its group stay as they are, and are named', async () => {
    const playbook = nightPlaybook(`${strategy}, max_failed: 0`, 'on_failure: rollback_run\n');
    await playTogether(postgres, { playbook }, async (night) => {
      const { busy, other } = await night.joinTwo('any');
      busy.kill('SIGKILL');
      const ended = await other.ended;
      expect(ended.exitCode, ended.stderr).toBe(3);
      const events = await night.events();
      expect(findOverlaps(events.filter((one) => one.type !== 'command-planned'))).toEqual([]);
      const verdicts = listVerdicts(events);
      const groupOf = (host: string): number => Number(host.slice(2)) % 4;
      const doubted = Object.keys(verdicts).filter((host) => verdicts[host] === 'in-doubt');
      const closed = new Set(doubted.map(groupOf));
      expect(doubted.length).toBeGreaterThan(0);
      for (const [host, verdict] of Object.entries(verdicts)) {
        if (!doubted.includes(host) && closed.has(groupOf(host)))
          expect(['failed-partial', 'skipped']).toContain(verdict);
        else if (!doubted.includes(host)) expect(['rolled-back', 'skipped']).toContain(verdict);
      }
      for (const host of night.lab.changedSince(night.before)) expect(closed).toContain(groupOf(host));
      const back = await night.run('rollback', 'night', ...night.inventory, '--yes');
      expect(back.exitCode, back.stderr + back.stdout).toBe(0);
      expect(night.lab.changedSince(night.before)).toEqual([]);
    });
  });
});
