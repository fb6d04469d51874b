// I/O: makes what a database needs, brings an older one up, and tells how one stands. Everything of a change of form is one transaction, under
// a lock that a second one waits for.
import type { Database, Query } from './database.ts';
import { otherProtocol, readReplicas } from './database.ts';
import { grantRoles, listRoles, type TeamRole } from './roles.ts';
import { migrations, protocol } from './sql/migrations.ts';

export interface DatabaseStanding {
  readonly place: string;
  /** Null: nothing of Fencepost is there. */
  readonly protocol: number | null;
  readonly leaseMs: number | null;
  /** Of the server, as it says. */
  readonly server: string;
  readonly tls: boolean;
  readonly runs: number;
  readonly records: number;
  /** Letters that wait to be delivered. */
  readonly waiting: number;
  readonly approvals: number;
  readonly roles: readonly TeamRole[];
  /** What a failover could lose; null: nothing is to be said. */
  readonly replicas: string | null;
}

/** A lease lasts so long unless the database is told otherwise: several signs of life may be late. */
const defaultLeaseMs = 30_000;

/** Roles that were named at any time get what they need, those named now too. Throws Failure `state/other-version` for a newer one, `usage/invalid`. */
export function prepareDatabase(
  database: Database,
  named: readonly TeamRole[] = [],
): Promise<{ readonly from: number; readonly to: number }> {
  return database.transactRaw(async (query) => {
    // The one lock that is no row, for there are no rows yet; it is of this database alone, and ends with the transaction.
    await query(`SELECT pg_advisory_xact_lock(hashtext('fencepost state init'))`);
    await query('CREATE SCHEMA IF NOT EXISTS fencepost');
    const from = (await readSetting(query))?.protocol ?? 0;
    if (from > protocol) throw otherProtocol(database.address, from);
    for (const text of migrations.slice(from)) await query(text);
    if (from === 0) {
      await query('INSERT INTO fencepost.setting (protocol, lease_ms) VALUES ($1, $2)', [protocol, defaultLeaseMs]);
    } else await query('UPDATE fencepost.setting SET protocol = $1', [protocol]);
    await grantRoles(named, query);
    return { from, to: protocol };
  });
}

export function standDatabase(database: Database): Promise<DatabaseStanding> {
  return database.transactRaw(async (query) => {
    const [about] = await query<{ server: string; tls: boolean | null }>(
      `SELECT current_setting('server_version') AS server, (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS tls`,
    );
    const setting = await readSetting(query);
    const [counts] =
      setting?.protocol === protocol
        ? await query<{ runs: string; records: string; waiting: string; approvals: string }>(
            `SELECT count(*) AS runs, coalesce(sum(records), 0) AS records,
               (SELECT count(*) FROM fencepost.letter WHERE state = 'waiting') AS waiting,
               (SELECT count(*) FROM fencepost.approval) AS approvals FROM fencepost.run`,
          )
        : [];
    return {
      place: database.address.place,
      protocol: setting?.protocol ?? null,
      leaseMs: setting?.lease_ms ?? null,
      server: about?.server ?? '',
      tls: about?.tls === true,
      runs: Number(counts?.runs ?? 0),
      records: Number(counts?.records ?? 0),
      waiting: Number(counts?.waiting ?? 0),
      approvals: Number(counts?.approvals ?? 0),
      roles: await listRoles(query),
      replicas: await readReplicas(query),
    };
  });
}

async function readSetting(query: Query): Promise<{ readonly protocol: number; readonly lease_ms: number } | null> {
  const [there] = await query<{ there: boolean }>(`SELECT to_regclass('fencepost.setting') IS NOT NULL AS there`);
  if (there?.there !== true) return null;
  const [setting] = await query<{ protocol: number; lease_ms: number }>(
    'SELECT protocol, lease_ms FROM fencepost.setting',
  );
  return setting ?? null;
}
