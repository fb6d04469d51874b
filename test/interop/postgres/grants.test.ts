// The grants that docs/state.md gives, as they stand there: an operator's user can do the whole main job with them and nothing more, an
// auditor's can look at everything and change nothing.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../../support/cli.ts';
import { withLab } from '../../support/lab.ts';
import { usePostgres } from '../support/use-postgres.ts';

const { suite, postgres } = await usePostgres();

async function readGrants(): Promise<string> {
  const text = await readFile(join(repository, 'docs/state.md'), 'utf8');
  const [, sql] = /```sql\n([^]*?)```/.exec(text) ?? [];
  if (sql === undefined) throw new Error('docs/state.md has no SQL');
  return sql;
}

const as = (user: string, address: string): string => address.replace('fence@', `${user}@`);

suite('the grants of docs/state.md', () => {
  test('an operator plans, applies, joins, rolls back; an auditor looks; neither rewrites a journal', async () => {
    await withLab([{ name: 'ex01' }, { name: 'ex02' }], async (lab) => {
      const owner = await postgres.createDatabase();
      const run = (state: string, ...args: readonly string[]) => lab.run(args, { env: { FENCEPOST_STATE: state } });
      expect((await run(owner, 'state', 'init')).exitCode).toBe(0);
      await postgres.query(
        owner,
        `CREATE ROLE operators; CREATE ROLE auditors;
         CREATE USER olga IN ROLE operators; CREATE USER anna IN ROLE auditors; ${await readGrants()}`,
      );
      const [operator, auditor] = [as('olga', owner), as('anna', owner)];
      const inventory = ['-i', lab.inventoryFile];
      const before = lab.states();
      const plan = lab.path('tonight.plan');
      const work = async (state: string, ...args: readonly string[]): Promise<string> => {
        const { exitCode, stderr, stdout } = await run(state, ...args);
        expect(exitCode, stderr).toBe(0);
        return stdout;
      };
      await work(operator, 'plan', ...inventory, '--out', plan);
      const apply = ['apply', plan, ...inventory, '--yes'];
      for (const args of [apply, [...apply, '--join', 'tonight']]) {
        expect((await run(auditor, ...args)).exitCode, args.join(' ')).toBe(1);
        expect(lab.changesSent()).toEqual([]);
      }
      await work(operator, 'apply', plan, ...inventory, '--join', 'tonight', '--yes');
      expect(lab.changedSince(before)).toEqual(['ex01', 'ex02']);
      const reserved = lab.states();

      await work(auditor, 'state', 'check');
      expect(await work(auditor, 'runs')).toContain('tonight');
      expect(await work(auditor, 'runs', 'show', 'tonight')).toContain('ex01');
      expect(await work(auditor, 'status', 'tonight')).toContain('ex01');
      expect(await work(auditor, 'runs', 'verify', 'tonight')).toContain('The head is sealed');
      expect(await work(auditor, 'history')).toContain('ex01');
      const back = ['rollback', 'tonight', ...inventory, '--yes'];
      for (const args of [back, ['state', 'init']]) {
        expect((await run(auditor, ...args)).exitCode, args.join(' ')).toBe(1);
        expect(lab.states()).toEqual(reserved);
      }
      for (const user of ['olga', 'anna']) {
        for (const text of [
          'DELETE FROM fencepost.record',
          `UPDATE fencepost.record SET line = 'x'`,
          'TRUNCATE fencepost.record CASCADE',
          'UPDATE fencepost.setting SET lease_ms = 1000000',
          `UPDATE fencepost.plan_part SET bytes = 'x'`,
        ]) {
          await expect(postgres.query(as(user, owner), text)).rejects.toThrow(/permission denied/);
        }
      }
      await expect(postgres.query(as('anna', owner), `DELETE FROM fencepost.run`)).rejects.toThrow(/permission denied/);

      await work(operator, ...back);
      expect(lab.changedSince(before)).toEqual([]);
      expect(await work(operator, 'runs', 'verify', 'tonight')).toContain('The head is sealed');
    });
  });
});
