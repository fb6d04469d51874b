// The whole main job with the state in PostgreSQL, as commands against a lab: the true state of the servers says what became of them. Two who
// share the state apply a plan once; what was killed in one process is resumed in another; a database that goes away stops a run, in words.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildJsonSchema } from '../../../src/cli/documents/json-schemas.ts';
import type { CliResult } from '../../support/cli.ts';
import { withLab, type Differences, type TestLab } from '../../support/lab.ts';
import { missingPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';

const missing = await missingPostgres();
const suite = describe.skipIf(missing !== null);

let postgres: TestPostgres;
beforeAll(async () => {
  if (missing === null) postgres = await startPostgres();
});
afterAll(async () => {
  if (missing === null) await postgres.dispose();
});

const two: readonly Differences[] = [{ name: 'ex01' }, { name: 'ex02' }];

/** Commands of one operator; `state`: of which they all have the same. */
function teamIn(lab: TestLab, state: string) {
  const env = { FENCEPOST_STATE: state };
  return {
    run: (...args: readonly string[]): Promise<CliResult> => lab.run(args, { env }),
    start: (...args: readonly string[]) => lab.start(args, { env }),
  };
}

function faultsOf(kind: 'state' | 'state-copy', { stdout }: CliResult): unknown {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true });
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
    });
  });
});
