// The whole main job with the state in PostgreSQL, as commands against a lab: the true state of the servers says what became of them. Two who
// share the state apply a plan once; what was killed in one process is resumed in another; a database that goes away stops a run, in words.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { buildJsonSchema } from '../../../src/cli/documents/json-schemas.ts';
import type { MishapSpec } from '../../../src/lab/scenario/server-spec.ts';
import type { CliResult } from '../../support/cli.ts';
import { withLab, type Differences, type TestLab } from '../../support/lab.ts';
import { afterRequests, sixHosts, sixHostsPlaybook } from '../../cli/six-hosts.ts';
import { usePostgres } from '../support/use-postgres.ts';

const { suite, postgres } = await usePostgres();

const two: readonly Differences[] = [{ name: 'ex01' }, { name: 'ex02' }];

/** Commands of one operator; `state`: of which they all have the same. */
function teamIn(lab: TestLab, state: string) {
  const env = { FENCEPOST_STATE: state };
  return {
    run: (...args: readonly string[]): Promise<CliResult> => lab.run(args, { env }),
    start: (...args: readonly string[]) => lab.start(args, { env }),
  };
}

function faultsOf(kind: 'state' | 'state-copy' | 'state-prune', { stdout }: CliResult): unknown {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, formats: { 'date-time': true } });
  const validate = ajv.compile(buildJsonSchema(`output-${kind}`, { closed: true }));
  return validate(JSON.parse(stdout)) ? [] : validate.errors;
}

async function lastRun(team: ReturnType<typeof teamIn>): Promise<string> {
  const { runs } = JSON.parse((await team.run('runs', '--json')).stdout) as { runs: readonly { run: string }[] };
  return runs.at(-1)?.run ?? '';
}

suite('with a database that is prepared', () => {
  test('plan, apply once, status, verify, runs, export and import, rollback', async () => {
    await withLab(two, async (lab) => {
      const state = await postgres.createDatabase();
      const team = teamIn(lab, state);
      const before = lab.states();
      const inventory = ['-i', lab.inventoryFile];
      const plan = lab.path('tonight.plan');
      expect((await team.run('plan', ...inventory, '--out', plan)).exitCode).toBe(0);

      const early = await team.run('apply', plan, ...inventory, '--yes');
      expect([early.exitCode, early.stderr]).toEqual([1, expect.stringContaining('fencepost state init')]);
      expect(lab.changesSent()).toEqual([]);
      const unready = await team.run('state', 'check', '--json');
      expect([unready.exitCode, faultsOf('state', unready)]).toEqual([1, []]);
      const made = await team.run('state', 'init', '--json');
      expect([made.exitCode, faultsOf('state', made)]).toEqual([0, []]);

      // Two at once with one plan: one of them applies it.
      const rivals = [
        team.start('apply', plan, ...inventory, '--yes'),
        team.start('apply', plan, ...inventory, '--yes'),
      ];
      const ended = await Promise.all(rivals.map((one) => one.ended));
      expect(ended.map((one) => one.exitCode).toSorted()).toEqual([0, 1]);
      expect(ended.find((one) => one.exitCode === 1)?.stderr).toContain('plan/already-applied');
      expect([...lab.changedSince(before)].toSorted()).toEqual(['ex01', 'ex02']);
      const reserved = lab.states();
      const sent = lab.changesSent().length;

      const run = await lastRun(team);
      const status = await team.run('status', 'last', '--json');
      expect([status.exitCode, (JSON.parse(status.stdout) as { run: string }).run]).toEqual([0, run]);
      expect((await team.run('verify', ...inventory)).exitCode).toBe(0);
      expect((await team.run('history')).stdout).toContain('ex01');
      const proof = await team.run('runs', 'verify', run);
      expect([proof.exitCode, proof.stdout]).toEqual([0, expect.stringContaining('The head is sealed')]);
      // Nothing went into a directory.
      expect(await lab.runs()).toEqual([]);

      const out = await team.run('state', 'export', 'last', '--json');
      expect([out.exitCode, faultsOf('state-copy', out)]).toEqual([0, []]);
      expect(await lab.runs()).toEqual([run]);
      const exported = await lab.run(['runs', 'verify', run]);
      expect([exported.exitCode, exported.stdout]).toEqual([0, proof.stdout]);
      const files = async (folder: string) =>
        Promise.all(
          ['journal.ndjson', 'plan.json', 'journal.ndjson.head'].map((name) =>
            readFile(join(folder, 'runs', run, name)),
          ),
        );
      const elsewhere = await postgres.createDatabase();
      const others = teamIn(lab, elsewhere);
      expect((await others.run('state', 'init')).exitCode).toBe(0);
      expect((await others.run('state', 'import', run)).exitCode).toBe(0);
      expect((await others.run('state', 'import', run)).stderr).toContain('there is a run of this name');
      expect((await others.run('runs', 'verify', run)).stdout).toBe(proof.stdout);
      // Its plan was applied there too.
      expect((await others.run('apply', plan, ...inventory, '--yes')).stderr).toContain('plan/already-applied');
      expect((await others.run('state', 'export', run, '--dir', lab.path('again'))).exitCode).toBe(0);
      expect(await files(lab.path('again'))).toEqual(await files(lab.stateDirectory));
      expect(lab.changesSent()).toHaveLength(sent);
      expect(lab.states()).toEqual(reserved);

      const back = await team.run('rollback', run, ...inventory, '--yes');
      expect(back.exitCode).toBe(0);
      expect(lab.changedSince(before)).toEqual([]);
      expect((await team.run('resume', run, ...inventory, '--yes')).exitCode).not.toBe(0);

      // Of the two runs only the exported one may go; without a yes nothing does.
      const prune = ['state', 'prune', '--before', '2100-01-01'];
      expect((await team.run(...prune)).stderr).toContain('run/not-confirmed');
      expect((await team.run(...prune, '--dry-run')).stdout).toContain(`${run}  would be removed`);
      const pruned = await team.run(...prune, '--yes', '--json');
      expect([pruned.exitCode, faultsOf('state-prune', pruned)]).toEqual([0, []]);
      expect(JSON.parse(pruned.stdout)).toMatchObject({ removed: [{ run }], kept: [{}] });
      expect((await team.run('runs', 'show', run)).stderr).toContain('run/unknown');
      expect((await lab.run(['runs', 'verify', run])).exitCode).toBe(0);
    });
  });
});

interface Night {
  readonly lab: TestLab;
  readonly team: ReturnType<typeof teamIn>;
  readonly state: string;
  readonly before: Readonly<Record<string, unknown>>;
  /** Starts an apply of six hosts; resolves once the servers had so many requests. */
  readonly begin: (requests: number) => Promise<ReturnType<TestLab['start']>>;
  readonly inventory: readonly string[];
}

/** Six hosts, a state of their own whose leases last three seconds. The survey takes 30 requests, the changes some 80 after it. */
async function playNight(play: (night: Night) => Promise<void>, mishaps: readonly MishapSpec[] = []): Promise<void> {
  const state = await postgres.createDatabase();
  const watch = { onRequest: () => undefined };
  const options = {
    delayMs: 5,
    onRequest: () => {
      watch.onRequest();
    },
  };
  await withLab(
    sixHosts(true).map((one) => ({ ...one, mishaps })),
    async (lab) => {
      const team = teamIn(lab, state);
      expect((await team.run('state', 'init')).exitCode).toBe(0);
      await postgres.query(state, 'UPDATE fencepost.setting SET lease_ms = 3000');
      const book = await lab.write('playbook.yml', sixHostsPlaybook);
      const inventory = ['-i', lab.inventoryFile];
      await play({
        lab,
        team,
        state,
        inventory,
        before: lab.states(),
        begin: async (requests) => {
          const reached = afterRequests(lab, requests, watch);
          const running = team.start('apply', ...inventory, '-p', book, '--yes');
          await Promise.race([reached, running.ended]);
          return running;
        },
      });
    },
    options,
  );
}

/** Every host changed, every journal whole; and all of it back. */
async function expectWhole({ lab, team, before, inventory }: Night, run: string): Promise<void> {
  expect(lab.changedSince(before)).toHaveLength(6);
  const proof = await team.run('runs', 'verify', run);
  expect([proof.exitCode, proof.stdout]).toEqual([0, expect.stringContaining('The head is sealed')]);
  expect((await team.run('rollback', run, ...inventory, '--yes')).exitCode).toBe(0);
  expect(lab.changedSince(before)).toEqual([]);
}

suite('a run that is interrupted', () => {
  test('killed: another process resumes it at once; one that can not ask waits until its lease is over', async () => {
    await playNight(async (night) => {
      const { team, inventory, begin, state } = night;
      const running = await begin(55);
      running.kill('SIGKILL');
      expect((await running.ended).signal).toBe('SIGKILL');
      const run = await lastRun(team);
      // As it is seen from another machine, whose clock of the boot is another.
      await postgres.query(
        state,
        `UPDATE fencepost.lease SET holder = jsonb_set(holder, '{bootId}', '"another"') WHERE holder IS NOT NULL;
         UPDATE fencepost.runner SET beat_at = clock_timestamp(), expires_at = clock_timestamp() + interval '1 h'`,
      );
      const early = await team.run('resume', run, ...inventory, '--yes');
      expect([early.exitCode, early.stderr]).toEqual([
        1,
        expect.stringMatching(/\(dead after 3 s\)[^]*run\/host-locked/),
      ]);
      await postgres.query(state, 'UPDATE fencepost.runner SET expires_at = clock_timestamp()');
      const resumed = await team.run('resume', run, ...inventory, '--yes');
      expect(resumed.exitCode, resumed.stderr).toBe(0);
      await expectWhole(night, run);
    });
  });

  test('by a database that stops at once: nothing new begins, it is said, and once it is back the run goes on', async () => {
    await playNight(async (night) => {
      const { lab, team, inventory, begin } = night;
      const running = await begin(55);
      await postgres.stopAtOnce();
      try {
        await running.until(/the database does not answer/);
        const sent = lab.changesSent().length;
        const ended = await running.ended;
        expect([ended.exitCode, ended.stderr]).toEqual([3, expect.stringMatching(/stopped early[^]*fencepost resume/)]);
        // What was on its way then, and nothing after it.
        expect(lab.changesSent()).toHaveLength(sent);
      } finally {
        await postgres.start();
      }
      const run = await lastRun(team);
      const resumed = await team.run('resume', run, ...inventory, '--yes');
      expect(resumed.exitCode, resumed.stderr).toBe(0);
      await expectWhole(night, run);
    });
  });

  test('by a database that is back within a lease: the run finishes as if nothing had been', async () => {
    await playNight(async (night) => {
      await postgres.query(night.state, 'UPDATE fencepost.setting SET lease_ms = 20000');
      const running = await night.begin(55);
      await postgres.stopAtOnce();
      await running.until(/the database does not answer/);
      await postgres.start();
      const ended = await running.ended;
      expect([ended.exitCode, ended.stderr]).toEqual([0, expect.stringContaining('the database answers again')]);
      await expectWhole(night, await lastRun(night.team));
    });
  });

  test.each([40, 52, 64, 76])(
    'frozen after %i requests, taken over, and awake again: what it does then has no effect',
    async (requests) => {
      await playNight(async (night) => {
        const { lab, team, inventory, begin } = night;
        const running = await begin(requests);
        running.kill('SIGSTOP');
        try {
          await sleep(3500);
          const run = await lastRun(team);
          const resumed = await team.run('resume', run, ...inventory, '--yes');
          expect(resumed.exitCode, resumed.stderr).toBe(0);
          const sent = lab.changesSent().length;
          const states = lab.states();
          running.kill('SIGCONT');
          const ended = await running.ended;
          // 1: it slept before it had sent anything.
          expect([1, 3]).toContain(ended.exitCode);
          expect(ended.stderr.replaceAll(/\s+/g, ' ')).toContain('another run took it over');
          expect([lab.changesSent().length, lab.states()]).toEqual([sent, states]);
          await expectWhole(night, run);
        } finally {
          running.kill('SIGKILL');
        }
      });
    },
  );

  test('frozen, and its shell can not be deleted: nobody works on that host, for what was sent into it would still run', async () => {
    // The first Delete of each server is that of the survey; the next are of whoever resumes, or of a host that was finished.
    const refused: MishapSpec = {
      on: { operation: 'delete', nth: 2, line: null, request: null },
      act: { kind: 'fault', code: 5 },
      times: 1,
    };
    await playNight(
      async ({ lab, team, inventory, begin }) => {
        const running = await begin(52);
        running.kill('SIGSTOP');
        try {
          await sleep(3500);
          const run = await lastRun(team);
          const sent = ['ex01', 'ex02', 'ex03'].map((host) => lab.changesSent(host).length);
          const resumed = await team.run('resume', run, ...inventory, '--yes');
          expect([resumed.exitCode, resumed.stdout + resumed.stderr]).toEqual([
            3,
            expect.stringContaining('wire/access-denied'),
          ]);
          expect(['ex01', 'ex02', 'ex03'].map((host) => lab.changesSent(host).length)).toEqual(sent);
        } finally {
          running.kill('SIGKILL');
        }
      },
      [refused],
    );
  });
});
