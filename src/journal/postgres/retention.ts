// I/O: removes a run from the database whole, or not at all, and leaves a row that says so. Which runs may go is workflows/state/prune-runs.ts;
// only the owner of the tables can (sql/0004-scale-and-retention.ts). That its plan was applied stays known. Letters and approvals go with age.
import type { Retention } from '../state.ts';
import { Failure } from '../../model/failure.ts';
import type { Database } from './database.ts';
import { countOldLetters, removeOldLetters } from './outbox.ts';

export function createRetention(database: Database): Retention {
  return {
    async readExported(run) {
      const [row] = await database.transact((query) =>
        query<{ exported: string | null }>('SELECT exported FROM fencepost.run WHERE name = $1', [run]),
      );
      return row?.exported ?? null;
    },
    async noteExported(run, digest) {
      await database.transact((query) =>
        query('UPDATE fencepost.run SET exported = $2 WHERE name = $1', [run, digest]),
      );
    },
    async checkMayRemove() {
      const [found] = await database.transact((query) =>
        query<{ can: boolean }>(
          `SELECT pg_has_role(current_user, relowner, 'USAGE') AND NOT pg_is_in_recovery() AS can
           FROM pg_class WHERE oid = 'fencepost.record'::regclass`,
        ),
      );
      if (found?.can === true) return;
      throw new Failure('journal/unwritable', 'only the owner of the tables may remove runs', {
        where: database.address.place,
        hint: 'run it as the user who ran fencepost state init',
      });
    },
    async removeRun(run, { records, digest }) {
      return database.transact(async (query) => {
        const [found] = await query(
          'SELECT name FROM fencepost.run WHERE name = $1 AND records = $2 AND digest = $3 FOR UPDATE',
          [run, records, digest],
        );
        if (found === undefined) return false;
        await query(
          `INSERT INTO fencepost.pruned_run (name, created_at, records, digest, signature)
           SELECT name, created_at, records, digest, signature FROM fencepost.run WHERE name = $1
           ON CONFLICT (name) DO UPDATE SET records = excluded.records, digest = excluded.digest,
             signature = excluded.signature, pruned_at = clock_timestamp(), pruned_by = session_user`,
          [run],
        );
        await query(`SELECT set_config('fencepost.pruning', $1, true)`, [run]);
        await query('DELETE FROM fencepost.record WHERE run = $1', [run]);
        // Its plan, its hosts and its batches go along.
        await query('DELETE FROM fencepost.run WHERE name = $1', [run]);
        return true;
      });
    },
    removeRest: ({ before, gone, dryRun }) =>
      database.transact(async (query) => {
        const letters = await countOldLetters(query);
        if (!dryRun) await removeOldLetters(query);
        const old = `fencepost.approval p WHERE p.saved_at < $1 AND NOT EXISTS (
          SELECT FROM fencepost.applied_plan a JOIN fencepost.run r ON r.name = a.run WHERE a.digest = p.plan AND r.name <> ALL($2))`;
        const [approvals] = await query<{ count: string }>(
          dryRun
            ? `SELECT count(*) FROM ${old}`
            : `WITH removed AS (DELETE FROM ${old} RETURNING 1) SELECT count(*) FROM removed`,
          [before, gone],
        );
        return { letters, approvals: Number(approvals?.count) };
      }),
  };
}
