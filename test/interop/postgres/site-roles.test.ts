// What the role of a site can do, as a real role of PostgreSQL that is not the owner: the whole of its own run, with the rights that
// `state site add` gives it; and nothing of another site's, whatever it asks the database for, past Fencepost too.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { usePostgres } from '../support/use-postgres.ts';
import { findFaults } from './joined-night.ts';
import { playSites } from './sites-night.ts';

const { suite, postgres } = await usePostgres();

suite('the role of a site', () => {
  test('carries out its own run, and reads or changes nothing of another site', async () => {
    await playSites(postgres, {}, async (night) => {
      await postgres.query(night.state, 'CREATE ROLE paris LOGIN; CREATE ROLE london LOGIN; CREATE ROLE dba SUPERUSER');
      for (const site of ['paris', 'london']) {
        const added = await night.run('state', 'site', 'add', site, '--role', site);
        expect(added.exitCode, added.stderr).toBe(0);
      }
      const refused = await night.run('state', 'site', 'add', 'paris', '--role', 'dba');
      expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('sees all sites')]);
      const asRole = (role: string): string => night.state.replace('fence@', `${role}@`);
      const runners = (['paris', 'london'] as const).map((site) => night.runner(site, '--state', asRole(site)));
      const coordinator = night.join();

      // In the middle of it: what the role sees of the open run.
      await night.until(`SELECT FROM fencepost.joined_host WHERE site = 'london' AND state = 'waiting'`);
      const look = (text: string, values: readonly unknown[] = []): Promise<readonly unknown[]> =>
        postgres.query(asRole('paris'), text, values);
      expect(await look('SELECT host, site FROM fencepost.joined_host ORDER BY host')).toEqual([
        { host: 'ex03', site: 'paris' },
        { host: 'ex04', site: 'paris' },
      ]);
      const plan = await look(`SELECT convert_from(bytes, 'UTF8') AS text FROM fencepost.site_part`);
      expect(JSON.stringify(plan)).toContain('ex03');
      for (const other of ['ex01', 'ex02', 'ex05', 'ex06']) expect(JSON.stringify(plan)).not.toContain(`"${other}`);
      expect(
        await look(`UPDATE fencepost.joined_host SET state = 'finished' WHERE host = 'ex05' RETURNING host`),
      ).toEqual([]);
      expect(
        await look(`SELECT key FROM fencepost.lease WHERE key = 'run night' OR holder->>'site' = 'london'`),
      ).toEqual([]);
      const keyOf = async (host: string): Promise<string> => {
        const text = 'SELECT lock_key FROM fencepost.joined_host WHERE host = $1';
        return (await postgres.query<{ lock_key: string }>(night.state, text, [host]))[0]?.lock_key ?? '';
      };
      for (const [text, why] of [
        ['SELECT line FROM fencepost.record', 'permission denied'],
        ['SELECT bytes FROM fencepost.plan_part', 'permission denied'],
        ['SELECT name FROM fencepost.run', 'permission denied'],
        ['SELECT body FROM fencepost.history', 'permission denied'],
        ['SELECT role FROM fencepost.site_role', 'permission denied'],
        ['SELECT id FROM fencepost.letter', 'permission denied'],
        ['SELECT id FROM fencepost.approval', 'permission denied'],
        [`INSERT INTO fencepost.approval (plan, id, body) VALUES ('p', 'i', 'b')`, 'permission denied'],
        [`UPDATE fencepost.joined_host SET site = 'paris'`, 'permission denied'],
        [`UPDATE fencepost.joined_run SET closed = true`, 'permission denied'],
        [`INSERT INTO fencepost.lease (key) VALUES ('run night2')`, 'row-level security'],
        [`INSERT INTO fencepost.lease (key) SELECT '127.0.0.1:1'`, 'row-level security'],
        [`SELECT fencepost.head_for_site('night', 'london')`, 'does not act for site london'],
        [`SELECT fencepost.append_for_site('night', 'london', '{}')`, 'does not act for site london'],
        [`SELECT fencepost.stand_for_site('night', 'london', NULL, '{}', false)`, 'does not act for site london'],
        [`CALL fencepost.add_site('paris', 'london')`, 'permission denied'],
        ['SELECT run FROM fencepost.left_behind', 'permission denied'],
        [`SELECT fencepost.list_left('night', '127.0.0.1:1')`, 'does not act for'],
        [`SELECT fencepost.read_left('night', '${await keyOf('ex05')}')`, 'does not act for'],
        [`SELECT fencepost.settle_left('night', '${await keyOf('ex05')}', 'other')`, 'does not act for'],
      ] as const) {
        await expect(look(text), text).rejects.toThrow(why);
      }

      // What another run left on a host of its own it may know, and may say that it is gone.
      const note = `INSERT INTO fencepost.left_behind (key, run, host) VALUES ('${await keyOf('ex04')}', 'other', 'ex04')`;
      await postgres.query(night.state, note);
      const own = await keyOf('ex04');
      expect(await look('SELECT run, host FROM fencepost.list_left($1, $2)', ['night', own])).toEqual([
        { run: 'other', host: 'ex04' },
      ]);
      await look('SELECT fencepost.settle_left($1, $2, $3)', ['night', own, 'other']);
      expect(await postgres.query(night.state, 'SELECT FROM fencepost.left_behind')).toEqual([]);

      const ended = await coordinator.ended;
      expect(ended.exitCode, ended.stderr).toBe(0);
      for (const one of runners) one.kill('SIGTERM');
      for (const one of await Promise.all(runners.map((each) => each.ended))) {
        expect(one.exitCode, one.stderr).toBe(0);
        expect(one.stderr).toContain('this runner had 2 hosts of site');
      }
      expect(await findFaults(night)).toEqual([]);
      expect(night.lab.changedSince(night.before)).toEqual(night.names);
      expect((await night.run('runs', 'verify', 'night')).stdout).toContain('The head is sealed');

      // A record of another site's host, however well it follows the chain.
      await postgres.query(night.state, `UPDATE fencepost.joined_run SET closed = false`);
      const forge = (event: object): Promise<unknown> => forgeRecord(event, night.state, asRole('paris'));
      await expect(forge({ type: 'host-finished', host: 'ex05', verdict: 'changed' })).rejects.toThrow(
        'no host of site',
      );
      await expect(forge({ type: 'run-finished', counts: {} })).rejects.toThrow('no host of site');
      await forge({ type: 'host-finished', host: 'ex03', verdict: 'changed' });
      await expect(look(`SELECT fencepost.append_for_site('night', 'paris', ARRAY['x'::bytea])`)).rejects.toThrow();

      const removed = await night.run('state', 'site', 'remove', '--role', 'paris', '--json');
      expect(JSON.parse(removed.stdout)).toMatchObject({ sites: [{ site: 'london', role: 'london' }] });
      await expect(look('SELECT host FROM fencepost.joined_host')).rejects.toThrow('permission denied');
    });
  });
});

/** As the role would write it past Fencepost, in its place behind the last. */
async function forgeRecord(event: object, owner: string, role: string): Promise<unknown> {
  const [head] = await postgres.query<{ records: string; digest: string }>(
    owner,
    `SELECT records, digest FROM fencepost.run WHERE name = 'night'`,
  );
  const sequence = Number(head?.records) + 1;
  const body = `{"v":2,"sequence":${String(sequence)},"previous":"${head?.digest ?? ''}","event":${JSON.stringify(event)}`;
  const line = `${body},"digest":"${createHash('sha256').update(body).digest('hex')}"}\n`;
  return postgres.query(role, `SELECT fencepost.append_for_site('night', 'paris', $1)`, [[Buffer.from(line)]]);
}
