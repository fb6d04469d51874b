// The password of the database by reference, against a server that asks for one: a variable, a file, a helper; and what is missing is said
// without a word of the secret.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withLab } from '../../support/lab.ts';
import { usePostgres } from '../support/use-postgres.ts';

const { suite, postgres } = await usePostgres();

suite('FENCEPOST_STATE_PASSWORD', () => {
  test('says where the password is; it is in no argument, and a wrong one is refused by the server', async () => {
    const secret = 'Geheim-77';
    const owner = await postgres.createDatabase();
    await postgres.query(owner, `CREATE USER paula SUPERUSER PASSWORD '${secret}'`);
    const rules = join(postgres.folder, 'data/pg_hba.conf');
    await writeFile(rules, `host all paula 127.0.0.1/32 scram-sha-256\n${await readFile(rules, 'utf8')}`);
    await postgres.query(owner, 'SELECT pg_reload_conf()');
    const state = owner.replace('fence@', 'paula@');
    await withLab([], async (lab) => {
      const file = await lab.write('db-password', `${secret}\n`);
      const run = (reference: string, ...args: readonly string[]) =>
        lab.run(args, { env: { FENCEPOST_STATE: state, FENCEPOST_STATE_PASSWORD: reference, DB_SECRET: secret } });
      expect((await run('{ env: DB_SECRET }', 'state', 'init')).exitCode).toBe(0);
      for (const reference of [`{ file: ${file} }`, `{ command: [cat, ${file}] }`]) {
        const checked = await run(reference, 'state', 'check');
        expect([checked.exitCode, checked.stdout], checked.stderr).toEqual([0, expect.stringContaining('paula@')]);
        expect((await run(reference, 'runs')).exitCode).toBe(0);
      }
      for (const [reference, words] of [
        ['{ env: NO_SUCH }', 'NO_SUCH is not set'],
        [secret, 'not the password'],
        ['{ command: [echo, other] }', 'password authentication failed'],
      ] as const) {
        const { exitCode, stdout, stderr } = await run(reference, 'runs');
        expect([exitCode, stderr.replaceAll(/\s+/g, ' ')]).toEqual([1, expect.stringContaining(words)]);
        expect(stdout + stderr).not.toContain(secret);
      }
    });
  });
});
