// I/O: what the runners of one run share, as rows (sql/0002-joined-runs.ts). How a host is given out is claims.ts, what a record changes here
// is fence.ts.
import { Failure } from '../../../model/failure.ts';
import type { JoinedRun, JoinedStanding, RunnerShares } from '../../../model/joined-run.ts';
import type { Verdict } from '../../../model/outcome.ts';
import { createEventParser, followChain } from '../../chain.ts';
import { identifyProcess, type LockHolder } from '../../lock-holder.ts';
import { firstPrevious } from '../../record.ts';
import type { JoinOptions } from '../../state.ts';
import type { Database, Query } from '../database.ts';
import { openDatabaseJournal } from '../journal.ts';
import type { Leases } from '../leases.ts';
import { inParts, readLines } from '../runs.ts';
import { asBeforeClaim, createClaims } from './claims.ts';
import { createFence } from './fence.ts';
import { describeRunner, isGone, nameRunner } from './runners.ts';
import { listSites, writeSitePlan } from './site-rows.ts';
import { createUndoClaims } from './undo-claims.ts';

interface StandingRow {
  readonly plan: string;
  readonly batch: number;
  readonly finished_batch: number;
  readonly stopping: string | null;
  readonly closed: boolean;
}

interface Counts extends RunnerShares {
  readonly run_hosts: number;
  readonly run_waits: boolean;
  readonly run_busy: number;
  readonly run_failed: number;
  readonly batch_hosts: number;
  readonly batch_waits: boolean;
  readonly batch_busy: number;
  readonly batch_failed: number;
}

interface LostRow {
  readonly host: string;
  readonly state: string;
  readonly undo: boolean;
  readonly holder: LockHolder | null;
  readonly expired: boolean;
}

export function createJoinedRun(
  { run, user, now, onTakeover, failing }: JoinOptions,
  database: Database,
  leases: Leases,
): JoinedRun {
  const self = identifyProcess();
  const { runner } = leases;
  const locks = leases.createLocks({ run, user, now, onTakeover, isJoined: true });
  let follow: ReturnType<typeof followChain> | null = null;
  let visitNew: Parameters<JoinedRun['readNew']>[0] = () => undefined;
  let records = 0;

  async function read(query: Query, lock: string): Promise<(JoinedStanding & RunnerShares) | null> {
    const [found] = await query<StandingRow>(
      `SELECT plan, batch, finished_batch, stopping, closed FROM fencepost.joined_run WHERE run = $1${lock}`,
      [run],
    );
    if (found === undefined) return null;
    // Asked after the lock was granted: counts in the same question would be those of before the wait for it.
    const counts = await count(found.batch, query);
    return {
      plan: found.plan,
      batch: found.batch,
      isBatchFinished: found.finished_batch === found.batch,
      stopping: found.stopping,
      isClosed: found.closed,
      ofBatch: {
        hosts: counts.batch_hosts,
        hasWaiting: counts.batch_waits,
        busy: counts.batch_busy,
        failed: counts.batch_failed,
      },
      ofRun: {
        hosts: counts.run_hosts,
        hasWaiting: counts.run_waits,
        busy: counts.run_busy,
        failed: counts.run_failed,
      },
      runners: counts.runners,
      own: counts.own,
    };
  }

  /** Each part has an index of its own (sql/0004-scale-and-retention.ts): what is counted is few, however many hosts there are. */
  async function count(batch: number, query: Query): Promise<Counts> {
    const busy = `FROM fencepost.joined_host WHERE run = $1 AND batch > 0 AND state IN ('claimed', 'started')`;
    const failed = `FROM fencepost.joined_host WHERE run = $1 AND batch > 0
      AND verdict IS NOT NULL AND verdict <> 'changed' AND verdict <> 'unchanged' AND verdict = ANY($3)`;
    const waiting = `FROM fencepost.joined_host WHERE run = $1 AND batch > 0 AND state = 'waiting'`;
    const [row] = await query<Counts>(
      `SELECT hosts.*, busy.*, failed.*, shares.*, EXISTS (SELECT ${waiting}) AS run_waits,
         EXISTS (SELECT ${waiting} AND batch = $2) AS batch_waits
       FROM
         (SELECT coalesce(sum(hosts), 0)::int AS run_hosts,
            coalesce(sum(hosts) FILTER (WHERE batch = $2), 0)::int AS batch_hosts
          FROM fencepost.joined_batch WHERE run = $1 AND batch > 0) hosts,
         (SELECT count(*)::int AS run_busy, (count(*) FILTER (WHERE batch = $2))::int AS batch_busy,
            (count(*) FILTER (WHERE runner = $4))::int AS own ${busy}) busy,
         (SELECT count(*)::int AS run_failed, (count(*) FILTER (WHERE batch = $2))::int AS batch_failed ${failed}) failed,
         (SELECT count(*)::int AS runners FROM fencepost.lease l JOIN fencepost.runner r ON r.id = l.runner
          WHERE l.holder->>'label' = $5 AND l.holder->>'run' = $1 AND l.holder->>'site' IS NULL
            AND r.expires_at >= clock_timestamp()) shares`,
      [run, batch, failing, runner, nameRunner(run)],
    );
    if (row === undefined) throw new Failure('internal/bug', 'nothing was counted', { where: run });
    return row;
  }

  const claims = createClaims(
    { run, user, now },
    {
      readLocked: (query) => read(query, ' FOR UPDATE'),
      which: `h.site IS NULL AND NOT EXISTS (
        SELECT FROM fencepost.joined_host o WHERE o.run = h.run AND o.exclusive_group = h.exclusive_group
          AND o.state IN ('claimed', 'started', 'lost'))`,
      values: [],
    },
    database,
    leases,
  );

  return {
    run,
    locks,
    join: () => locks.acquire({ key: `${nameRunner(run)} ${runner}`, label: nameRunner(run) }),
    async readStanding() {
      return database.persist(async (query) => {
        const standing = await read(query, '');
        if (standing !== null) return standing;
        const [other] = await query('SELECT name FROM fencepost.run WHERE name = $1', [run]);
        if (other === undefined) return null;
        // Another runner made it between the two questions, both rows in one transaction.
        const made = await read(query, '');
        if (made !== null) return made;
        throw new Failure('run/cannot-join', 'there is a run of this name, and it was started without --join', {
          where: run,
          hint: 'name another one: --join NAME; fencepost runs lists those that there are',
        });
      });
    },
    async create({ digest, text, ofSites = new Map<string, Iterable<string>>() }, hosts) {
      await database.transact(async (query) => {
        const made = await query(
          'INSERT INTO fencepost.run (name, records, digest) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING RETURNING name',
          [run, firstPrevious],
        );
        if (made.length === 0) return;
        let part = 0;
        for await (const bytes of inParts(text)) {
          await query('INSERT INTO fencepost.plan_part (run, part, bytes) VALUES ($1, $2, $3)', [run, part++, bytes]);
        }
        await query('INSERT INTO fencepost.joined_run (run, plan) VALUES ($1, $2)', [run, digest]);
        await query(
          `INSERT INTO fencepost.joined_host (run, host, place, batch, exclusive_group, site, lock_key)
           SELECT $1, host, place, batch, exclusive_group, site, lock_key
           FROM unnest($2::text[], $3::int[], $4::int[], $5::text[], $6::text[], $7::text[])
             AS new (host, place, batch, exclusive_group, site, lock_key)`,
          [
            run,
            hosts.map((one) => one.host),
            hosts.map((_, index) => index),
            hosts.map((one) => one.batch),
            hosts.map((one) => one.group),
            hosts.map((one) => one.site ?? null),
            // As leases are named.
            hosts.map((one) => one.lockKey?.toLowerCase() ?? null),
          ],
        );
        for (const [site, texts] of ofSites) await writeSitePlan({ run, site }, texts, query);
        await query(
          `INSERT INTO fencepost.joined_batch (run, batch, hosts)
           SELECT run, batch, count(*) FROM fencepost.joined_host WHERE run = $1 GROUP BY run, batch`,
          [run],
        );
      });
    },
    async isStarted() {
      const [found] = await database.persist((query) =>
        query<{ records: string }>('SELECT records FROM fencepost.run WHERE name = $1', [run]),
      );
      return found !== undefined && Number(found.records) > 0;
    },
    openJournal() {
      const fence = createFence({ run, self }, leases);
      return openDatabaseJournal(run, { records: 0, digest: firstPrevious }, database, leases, fence);
    },
    async readNew(visit) {
      visitNew = visit;
      follow ??= followChain(createEventParser(), (event) => {
        visitNew(event);
      });
      for await (const line of readLines({ transact: (work) => database.persist(work) }, run, records)) {
        follow.take(line);
        records += 1;
      }
    },
    ...claims,
    ...createUndoClaims({ run, user, now }, database, leases),
    async findLost() {
      const rows = await database.persist((query) =>
        query<LostRow>(
          `SELECT h.host, h.state, h.verdict IS NOT NULL AS undo, h.holder, r.id IS NULL OR r.expires_at < clock_timestamp() AS expired
           FROM fencepost.joined_host h LEFT JOIN fencepost.runner r ON r.id = h.runner
           WHERE h.run = $1 AND h.state IN ('claimed', 'started') AND h.runner <> $2 ORDER BY h.place`,
          [run, runner],
        ),
      );
      return rows
        .filter((one) => isGone(one.holder, one.expired, self))
        .map(({ host, state, undo, holder }) => {
          return { host, isStarted: state === 'started', isUndo: undo, runner: describeRunner(holder) };
        });
    },
    async freeLost(host) {
      const fence = createFence({ run, self }, leases);
      await database.persist(async (query) => {
        await fence.lockHosts([host], query);
        if (!(await fence.isLost(host, 'claimed', query))) return;
        await fence.raiseEpoch(host, query);
        await query(`UPDATE fencepost.joined_host SET ${asBeforeClaim} WHERE run = $1 AND host = $2`, [run, host]);
      });
    },
    async countVerdicts() {
      const rows = await database.persist((query) =>
        query<{ verdict: Verdict; hosts: number }>(
          `SELECT verdict, count(*)::int AS hosts FROM fencepost.joined_host
           WHERE run = $1 AND verdict IS NOT NULL GROUP BY verdict`,
          [run],
        ),
      );
      return Object.fromEntries(rows.map(({ verdict, hosts }) => [verdict, hosts]));
    },
    listSites: () => database.persist((query) => listSites(run, query)),
    async listWaiting(which) {
      const rows = await database.persist((query) =>
        query<{ host: string }>(
          `SELECT h.host FROM fencepost.joined_host h JOIN fencepost.joined_run r ON r.run = h.run
           WHERE h.run = $1 AND h.state = 'waiting' AND ($2 = 'all' OR h.batch = r.batch AND EXISTS (
             SELECT FROM fencepost.joined_host o
             WHERE o.run = $1 AND o.exclusive_group = h.exclusive_group AND o.state = 'lost'))
           ORDER BY h.place`,
          [run, which],
        ),
      );
      return rows.map((one) => one.host);
    },
  };
}
