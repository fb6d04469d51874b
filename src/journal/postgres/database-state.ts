// The state in a PostgreSQL database: the parts of this folder behind the one door (journal/state.ts).
import { Failure } from '../../model/failure.ts';
import type { RunLock } from '../run-locks.ts';
import type { State } from '../state.ts';
import type { Database } from './database.ts';
import { createDatabaseApprovals } from './approvals.ts';
import { createDatabaseHistories } from './histories.ts';
import { createJoinedRun } from './joined/joined-run.ts';
import { nameRunner } from './joined/runners.ts';
import { listSites } from './joined/site-rows.ts';
import { createSiteWork } from './joined/site-work.ts';
import { createLeases, nameRunLock } from './leases.ts';
import { createDatabaseOutbox } from './outbox.ts';
import { createRetention } from './retention.ts';
import { createDatabaseRuns, readLines } from './runs.ts';
import { takeRun } from './take-run.ts';

export function createDatabaseState(database: Database, elapsedMs: () => number): State {
  const { place } = database.address;
  const leases = createLeases(database, elapsedMs);
  return {
    place,
    runs: createDatabaseRuns(database, leases),
    async checkExists() {
      await database.leaseMs();
    },
    checkWritable: () =>
      database.transact(async (query) => {
        const [can] = await query<{ can: boolean }>(
          `SELECT has_table_privilege('fencepost.record', 'INSERT') AND NOT pg_is_in_recovery() AS can`,
        );
        if (can?.can === true) return;
        throw new Failure('journal/unwritable', 'this database takes no records from this user, or is a replica', {
          where: place,
          hint: 'name the primary server and a user that may write: fencepost state init --operators ROLE (docs/state.md)',
        });
      }),
    openJoined: (options) => createJoinedRun(options, database, leases),
    listSites: (run) => database.transact((query) => listSites(run, query)),
    openSite: (options) => createSiteWork(options, database, elapsedMs),
    createLocks: (options) => leases.createLocks(options),
    locateRun: () => null,
    listLocks: (run) => leases.list(run),
    async listRunLocks() {
      const held = await leases.list(null);
      const own = held.filter(({ holder: { run, label } }) => [nameRunLock(run), nameRunner(run)].includes(label));
      return own.map(({ holder, life }): RunLock => {
        const words = `${holder.user}@${holder.machine} (process ${holder.processId})`;
        return { run: holder.run, holder: words, isAlive: life === 'lives' || life === 'beats' };
      });
    },
    removeLocks: (locks) => leases.remove(locks),
    openHistories: () => createDatabaseHistories(database),
    openOutbox: () => Promise.resolve(createDatabaseOutbox(database)),
    async readHeadSignature(run) {
      try {
        const [row] = await database.transact((query) =>
          query<{ signature: string | null }>('SELECT signature FROM fencepost.run WHERE name = $1', [run]),
        );
        return row?.signature ?? null;
      } catch (thrown) {
        return { problem: `it can't be read: ${thrown instanceof Error ? thrown.message : String(thrown)}` };
      }
    },
    async saveHeadSignature(run, text) {
      await database.transact((query) => query('UPDATE fencepost.run SET signature = $2 WHERE name = $1', [run, text]));
    },
    approvals: createDatabaseApprovals(database),
    readJournal: (run) => readLines(database, run),
    takeRun: (run, copy) => takeRun(database, run, copy),
    retention: createRetention(database),
    async close() {
      await leases.close();
      await database.close();
    },
  };
}
