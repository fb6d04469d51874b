// Approvals in the database of a team, with real OpenSSH: people approve a plan on machines of their own, and it is applied from a third that has
// the plan alone. The database vouches for nothing: whatever is written into it counts by its signature or not at all.
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectExit } from '../../support/expect-exit.ts';
import { withLab, type TestLab } from '../../support/lab.ts';
import { makePerson, missingSshKeygen, writeSigners, type SshPerson } from '../../support/ssh-keys.ts';
import { usePostgres } from '../support/use-postgres.ts';

const missing = await missingSshKeygen();
const { isMissing, postgres } = await usePostgres();

const onOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

/** Null: there is none. */
const folderBeside = (plan: string) => readdir(`${plan}.approvals`).catch(() => null);

interface Team {
  readonly lab: TestLab;
  readonly state: string;
  readonly run: (...args: readonly string[]) => ReturnType<TestLab['run']>;
  /** On a machine that has the plan and no approval of another. */
  readonly approve: (person: SshPerson, ...more: readonly string[]) => ReturnType<TestLab['run']>;
  readonly apply: (...more: readonly string[]) => ReturnType<TestLab['run']>;
  readonly rows: () => Promise<readonly { readonly plan: string; readonly body: string }[]>;
  /** As somebody with the rights of an operator could, past Fencepost. */
  readonly insert: (body: string) => Promise<unknown>;
  readonly planAt: (machine: string) => string;
}

async function withTeam(people: readonly string[], work: (team: Team, ...who: SshPerson[]) => Promise<void>) {
  await withLab([{ name: 'ex01' }, { name: 'ex02' }], async (lab) => {
    const state = await postgres.createDatabase();
    const run: Team['run'] = (...args) => lab.run(args, { env: { FENCEPOST_STATE: state } });
    expectExit(await run('state', 'init'), 0);
    const plan = lab.path('tonight.plan');
    expectExit(await run('plan', '-i', lab.inventoryFile, '--out', plan), 0);
    const who = await Promise.all(people.map((name) => makePerson(lab.folder, name)));
    const signers = await writeSigners(lab.path('signers'), who);
    const planAt = (machine: string): string => lab.path(`machine-${machine}/tonight.plan`);
    const digest = (JSON.parse((await run('show', plan, '--json')).stdout) as { digest: string }).digest;
    await work(
      {
        lab,
        state,
        run,
        planAt,
        async approve(person, ...more) {
          const own = planAt(person.name);
          await mkdir(dirname(own), { recursive: true });
          await copyFile(plan, own);
          return run('approve', own, '--sign-key', person.keyFile, '--yes', ...more);
        },
        apply: (...more) =>
          run(
            'apply',
            plan,
            '-i',
            lab.inventoryFile,
            '--yes',
            '--require-approvals',
            '2',
            '--signers',
            signers,
            ...more,
          ),
        rows: () => postgres.query(state, 'SELECT plan, body FROM fencepost.approval ORDER BY saved_at'),
        insert: (body) =>
          postgres.query(state, 'INSERT INTO fencepost.approval (plan, id, body) VALUES ($1, $2, $3)', [
            digest,
            createHash('sha256').update(body).digest('hex'),
            body,
          ]),
      },
      ...who,
    );
  });
}

describe.skipIf(isMissing || missing !== null)('approvals in a database', () => {
  test('of two people on two machines let a third apply the plan, in a joined run too; withdrawn ones do not', async () => {
    await withTeam(['alice', 'bob'], async (team, alice, bob) => {
      const { lab } = team;
      const before = lab.states();
      const approved = await team.approve(alice, '--change', 'CHG0012345', '--json');
      expectExit(approved, 0);
      expect(JSON.parse(approved.stdout)).toMatchObject({
        state: expect.stringContaining('postgres://') as string,
        approval: { change: 'CHG0012345' },
      });
      // Beside her own copy of the plan it is as it would be without a database, and the row is the same text.
      const [name = ''] = await readdir(`${team.planAt('alice')}.approvals`);
      const text = await readFile(`${team.planAt('alice')}.approvals/${name}`, 'utf8');
      expect((await team.rows()).map((one) => one.body)).toEqual([text]);
      const twice = await team.approve(alice);
      expect([twice.exitCode, onOneLine(twice.stderr)]).toEqual([
        1,
        expect.stringContaining('approved the plan before'),
      ]);

      const one = await team.apply();
      expect([one.exitCode, onOneLine(one.stderr)]).toEqual([1, expect.stringContaining('has 1, by alice')]);
      expectExit(await team.approve(bob), 0);
      const withdrawn = await team.approve(bob, '--withdraw', '--json');
      expectExit(withdrawn, 0);
      expect(JSON.parse(withdrawn.stdout)).toMatchObject({ approval: null });
      expect(await folderBeside(team.planAt('bob'))).toBeNull();
      expect(await team.rows()).toHaveLength(1);
      const nothing = await team.approve(bob, '--withdraw');
      expect([nothing.exitCode, onOneLine(nothing.stderr)]).toEqual([
        1,
        expect.stringContaining('no approval of this plan'),
      ]);
      for (const more of [[], ['--join', 'tonight']]) {
        expect(onOneLine((await team.apply(...more)).stderr)).toContain('has 1, by alice');
      }
      expect(lab.changedSince(before)).toEqual([]);

      expectExit(await team.approve(bob), 0);
      const applied = await team.apply('--join', 'tonight');
      expectExit(applied, 0);
      expect(lab.changedSince(before)).toEqual(['ex01', 'ex02']);
      expect(applied.stdout).toContain('alice (CHG0012345)');
      expect((await team.run('runs', 'show', 'tonight')).stdout).toMatch(/alice \(CHG0012345\) and bob|bob and alice/);
    });
  });

  test('count by their signatures alone, and a person once, whether beside the plan, in the database or in both', async () => {
    await withTeam(['alice', 'bob'], async (team, alice, bob) => {
      const { lab } = team;
      const before = lab.states();
      const mallory = await makePerson(lab.folder, 'mallory');
      for (const person of [alice, mallory]) expectExit(await team.approve(person), 0);
      const [own = { body: '' }] = await team.rows();
      // In the database, and beside the plan that is applied.
      const plan = lab.path('tonight.plan');
      expectExit(await lab.run(['approve', plan, '--sign-key', alice.keyFile, '--yes']), 0);
      // Bob approves another plan.
      const other = lab.path('other.plan');
      expectExit(await team.run('plan', '-i', lab.inventoryFile, '-l', 'ex01', '--out', other), 0);
      expectExit(await team.run('approve', other, '--sign-key', bob.keyFile, '--yes'), 0);
      const foreign = (await team.rows()).at(-1)?.body ?? '';
      await team.insert(foreign);
      await team.insert(own.body.replace('"change": null', '"change": "CHG1"'));
      await team.insert('{}');
      await postgres.query(team.state, 'ALTER TABLE fencepost.approval DROP CONSTRAINT approval_body_check');
      await team.insert(' '.repeat(100_000));

      const refused = await team.apply('--json');
      expectExit(refused, 1);
      const { error } = JSON.parse(refused.stdout) as {
        error: { code: string; message: string; where: string; issues: { file: string; message: string }[] };
      };
      expect(error).toMatchObject({
        code: 'approval/missing',
        message: expect.stringContaining('has 1, by alice') as string,
        where: expect.stringMatching(/tonight\.plan\.approvals and postgres:/) as string,
      });
      expect(error.issues.every((one) => one.file.startsWith('postgres://'))).toBe(true);
      const problems = error.issues.map((one) => one.message);
      expect(problems).toHaveLength(6);
      expect(problems).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^it is by alice, who is counted already/),
          expect.stringMatching(/^the signers file does not have its key SHA256:/),
          expect.stringMatching(/^it is for another plan \(digest [0-9a-f]{12}\.\.\.\)/),
          'the signature does not fit: the approval was changed after it was signed',
          expect.stringMatching(/^its file is no approval of this Fencepost/),
          "it can't be read: it is larger than 64 KB",
        ]),
      );
      expect(lab.changedSince(before)).toEqual([]);
      // Too many to look at is not "none", and not "enough" either.
      expectExit(await team.approve(bob), 0);
      await postgres.query(
        team.state,
        `INSERT INTO fencepost.approval (plan, id, body, saved_at)
         SELECT plan, n::text, '{}', 'epoch' FROM generate_series(1, 100) n, (SELECT DISTINCT plan FROM fencepost.approval) p`,
      );
      expect(onOneLine((await team.apply()).stderr)).toContain('more than 100 approvals');
      await postgres.query(team.state, `DELETE FROM fencepost.approval WHERE saved_at = 'epoch'`);
      expect(lab.changedSince(before)).toEqual([]);
      expectExit(await team.apply(), 0);
      expect(lab.changedSince(before)).toEqual(['ex01', 'ex02']);
    });
  });

  test('that an earlier approval lies beside the plan keeps nobody from putting one into the database', async () => {
    await withTeam(['alice'], async (team, alice) => {
      const plan = team.lab.path('tonight.plan');
      const args = ['approve', plan, '--sign-key', alice.keyFile, '--yes'];
      expectExit(await team.lab.run(args), 0);
      const twice = await team.lab.run(args);
      expect([twice.exitCode, onOneLine(twice.stderr)]).toEqual([1, expect.stringContaining('--withdraw')]);
      const shared = await team.run(...args);
      expectExit(shared, 0);
      expect(onOneLine(shared.stderr)).toContain('has an earlier approval by this key');
      expect(await team.rows()).toHaveLength(1);
      expect((await team.run(...args)).exitCode).toBe(1);
      // A database that does not answer: nothing is kept, so that it can be tried again.
      const away = await team.lab.run([...args, '--withdraw']);
      expectExit(away, 0);
      const failed = await team.lab.run([...args, '--state', 'postgres://fence@127.0.0.1:1/fleet?sslmode=disable']);
      expect([failed.exitCode, failed.stderr]).toEqual([1, expect.stringContaining('state/unavailable')]);
      expect(await folderBeside(plan)).toBeNull();
    });
  });
});
