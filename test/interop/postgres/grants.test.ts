// What `state init --operators ROLE --auditors ROLE` gives: an operator's user can do the whole main job with them and nothing more, an
// auditor's can look at everything and change nothing.
import { expect, test } from 'vitest';
import { withLab } from '../../support/lab.ts';
import { usePostgres } from '../support/use-postgres.ts';

const { suite, postgres } = await usePostgres();

const as = (user: string, address: string): string => address.replace('fence@', `${user}@`);

suite('the grants of state init', () => {
  test('an operator plans, applies, joins, rolls back; an auditor looks; neither rewrites a journal', async () => {
    await withLab([{ name: 'ex01' }, { name: 'ex02' }], async (lab) => {
      const owner = await postgres.createDatabase();
      const run = (state: string, ...args: readonly string[]) => lab.run(args, { env: { FENCEPOST_STATE: state } });
      const init = ['state', 'init', '--operators', 'net-ops', '--auditors', 'auditors'];
      const missing = await run(owner, ...init);
      expect([missing.exitCode, missing.stderr]).toEqual([1, expect.stringContaining('no role net-ops')]);
      await postgres.query(
        owner,
        `CREATE ROLE "net-ops"; CREATE ROLE auditors; CREATE USER olga IN ROLE "net-ops"; CREATE USER anna IN ROLE auditors`,
      );
      expect((await run(owner, ...init)).exitCode).toBe(0);
      // A later one gives them again without naming them.
      await postgres.query(owner, `REVOKE ALL ON ALL TABLES IN SCHEMA fencepost FROM "net-ops", auditors`);
      const again = await run(owner, 'state', 'init');
      expect([again.exitCode, again.stdout]).toEqual([0, expect.stringMatching(/operators net-ops\n/)]);
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
      // Neither is an operator's: only the owner removes runs.
      const prune = ['state', 'prune', '--before', '2100-01-01', '--unexported', '--yes'];
      expect((await run(operator, ...prune)).stderr).toContain('only the owner');
      for (const args of [back, ['state', 'init'], prune]) {
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
          `SET fencepost.pruning = 'tonight'; DELETE FROM fencepost.record`,
        ]) {
          await expect(postgres.query(as(user, owner), text)).rejects.toThrow(/permission denied/);
        }
      }
      const approval = `INSERT INTO fencepost.approval (plan, id, body) VALUES ('p', 'i', 'b')`;
      await postgres.query(as('olga', owner), approval);
      await postgres.query(
        as('olga', owner),
        `INSERT INTO fencepost.letter (id, channel, body) VALUES ('l', 'room', 'b');
         UPDATE fencepost.letter SET taker = NULL; DELETE FROM fencepost.letter`,
      );
      for (const table of ['letter', 'approval']) {
        expect(await postgres.query(as('anna', owner), `SELECT id FROM fencepost.${table}`)).toHaveLength(
          table === 'approval' ? 1 : 0,
        );
      }
      for (const [user, text] of [
        ['anna', approval],
        ['anna', 'DELETE FROM fencepost.letter'],
        ['anna', `INSERT INTO fencepost.letter (id, channel, body) VALUES ('l', 'room', 'b')`],
        ['anna', 'DELETE FROM fencepost.approval'],
        ['olga', `UPDATE fencepost.approval SET body = 'x'`],
      ] as const) {
        await expect(postgres.query(as(user, owner), text), text).rejects.toThrow(/permission denied/);
      }
      await postgres.query(as('olga', owner), 'DELETE FROM fencepost.approval');
      await expect(postgres.query(as('anna', owner), `DELETE FROM fencepost.run`)).rejects.toThrow(/permission denied/);

      await work(operator, ...back);
      expect(lab.changedSince(before)).toEqual([]);
      expect(await work(operator, 'runs', 'verify', 'tonight')).toContain('The head is sealed');
    });
  });
});
