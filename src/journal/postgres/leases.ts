// I/O: who may change what, as rows of the database. A lease has an epoch, which a takeover raises, and lasts as long as its runner, this
// process, gives signs of life; its end is reckoned by the database's clock. This process reckons for itself by its monotonic clock, from
// before each sign was sent, and holds nothing beyond that time until the database has said that it still does.
import { randomUUID } from 'node:crypto';
import { Failure } from '../../model/failure.ts';
import { identifyProcess, judgeLife, type LockHolder } from '../lock-holder.ts';
import { lockedBy, type LockOptions, type Locks } from '../lock.ts';
import type { HeldLock } from '../unlock.ts';
import type { Database, Query } from './database.ts';
import { refuseWithoutClaim, refuseWithRunners } from './joined/runners.ts';
import { leaseOver } from './lease-lost.ts';
import { hasLeft, readLeft, settleLeft } from './left-behind.ts';

/**
 * `isJoined`: other runners of the run may live; a host is acquired only by the one that claimed it. Default: one process has the run.
 * `site`: whose runner this is.
 */
type LeaseOptions = Omit<LockOptions, 'directory'> & { readonly isJoined?: boolean; readonly site?: string };

export interface Lease {
  readonly key: string;
  readonly label: string;
  readonly epoch: number;
  /** Runs from which it was taken may have left something there. */
  readonly hasLeft: boolean;
  /** `over`: it was released, by this process. */
  state: 'held' | 'lost' | 'over';
}

export interface Leases {
  /** Of this process, in the rows that it holds. */
  readonly runner: string;
  createLocks(options: LeaseOptions): Locks;
  /** The last that this process had of a run: on a host, by its name, or on the run itself. */
  find(run: string, label: string): Lease | undefined;
  /** Those of them that are no longer this process's, as the database says; their rows stay as they are until the transaction ends. */
  findLost(leases: readonly Lease[], query: Query): Promise<readonly Lease[]>;
  /** Releases it within a transaction, of which the end is told by calling what this resolves with. */
  releaseWithin(lease: Lease, query: Query): Promise<() => void>;
  /** Resolves once the signs of life are not older than a lease lasts; leases that were lost meanwhile are marked so. */
  fence(): Promise<void>;
  /** Null: of all runs. */
  list(run: string | null): Promise<readonly HeldLock[]>;
  remove(locks: readonly HeldLock[]): Promise<void>;
  /** Gives everything back. Never rejects. */
  close(): Promise<void>;
}

/** A lease lasts for so many signs of life. */
const beatsPerLease = 6;

interface LeaseRow {
  readonly key: string;
  readonly epoch: string;
  readonly runner: string | null;
  readonly claim: string | null;
  readonly holder: LockHolder | null;
}

interface RunnerRow {
  readonly expired: boolean;
  readonly silent_ms: number;
}

export function createLeases(database: Database, elapsedMs: () => number): Leases {
  const runner = randomUUID();
  const mine = new Map<string, Lease>();
  let beating: NodeJS.Timeout | null = null;
  /** By the monotonic clock. */
  let validUntil = 0;
  let joining: Promise<void> | null = null;

  /** One at a time: while the database is away they would pile up. */
  let sign: Promise<void> | null = null;
  const beat = (): Promise<void> => (sign ??= giveSign().finally(() => (sign = null)));

  async function giveSign(): Promise<void> {
    const leaseMs = await database.leaseMs();
    // Before it is sent: whatever time the way takes counts against this process.
    const sentAt = elapsedMs();
    // What is acquired meanwhile is not in the answer yet.
    const judged = [...mine.values()].filter((one) => one.state === 'held');
    const held = await database.persist(async (query) => {
      await query(
        `UPDATE fencepost.runner SET beat_at = clock_timestamp(), expires_at = clock_timestamp() + $2 * interval '1 ms' WHERE id = $1`,
        [runner, leaseMs],
      );
      return query<{ key: string; epoch: string }>('SELECT key, epoch FROM fencepost.lease WHERE runner = $1', [
        runner,
      ]);
    });
    const epochs = new Map(held.map(({ key, epoch }) => [key, Number(epoch)]));
    for (const lease of judged) {
      if (lease.state === 'held' && epochs.get(lease.key) !== lease.epoch) lease.state = 'lost';
    }
    validUntil = Math.max(validUntil, sentAt + leaseMs);
  }

  /** One row for this process, from its first lease on. */
  async function join(): Promise<void> {
    const leaseMs = await database.leaseMs();
    const sentAt = elapsedMs();
    await database.persist(async (query) => {
      await query(
        `DELETE FROM fencepost.runner r WHERE expires_at < clock_timestamp() - interval '1 day'
         AND NOT EXISTS (SELECT FROM fencepost.lease l WHERE l.runner = r.id)`,
      );
      await query(
        `INSERT INTO fencepost.runner (id, beat_at, expires_at)
         VALUES ($1, clock_timestamp(), clock_timestamp() + $2 * interval '1 ms') ON CONFLICT (id) DO NOTHING`,
        [runner, leaseMs],
      );
    });
    validUntil = sentAt + leaseMs;
    beating = setInterval(() => void beat().catch(() => undefined), leaseMs / beatsPerLease);
    beating.unref();
  }

  async function acquire(
    key: string,
    label: string,
    { run, user, now, onTakeover, self = identifyProcess(), isJoined = false, site }: LeaseOptions,
  ): Promise<Lease> {
    joining ??= join().catch((thrown: unknown) => {
      joining = null;
      throw thrown;
    });
    await joining;
    // An answer that was lost: the claim tells that the lease is this one.
    const claim = randomUUID();
    const holder: LockHolder = { run, label, user, ...self, since: now(), ...(site === undefined ? {} : { site }) };
    const leaseMs = await database.leaseMs();
    const taken = await database.persist(async (query) => {
      await query('INSERT INTO fencepost.lease (key) VALUES ($1) ON CONFLICT (key) DO NOTHING', [key]);
      const row = await lockRow(key, query);
      if (row.claim === claim) {
        return { epoch: Number(row.epoch), from: null, hasLeft: await hasLeft({ key, run }, query) };
      }
      if (row.runner !== null) {
        // Locked: a sign of life that comes now waits, and then finds out who has the lease.
        const [other] = await query<RunnerRow>('SELECT expired, silent_ms FROM fencepost.lock_runner($1)', [
          row.runner,
        ]);
        if (other !== undefined && row.holder !== null) refuseLiving({ ...row, holder: row.holder }, other, self);
      }
      if (isJoined) await refuseWithoutClaim({ run, label, runner }, query);
      else if (label === nameRunLock(run)) await refuseWithRunners({ run, runner, self, leaseMs }, query);
      const epoch = Number(row.epoch) + 1;
      await query('UPDATE fencepost.lease SET epoch = $2, runner = $3, claim = $4, holder = $5 WHERE key = $1', [
        key,
        epoch,
        runner,
        claim,
        JSON.stringify(holder),
      ]);
      return { epoch, from: row.runner === null ? null : row, hasLeft: await hasLeft({ key, run }, query) };
    });
    if (taken.from !== null) onTakeover(label, taken.from.holder);
    const lease: Lease = { key, label, epoch: taken.epoch, hasLeft: taken.hasLeft, state: 'held' };
    mine.set(nameLease(run, label), lease);
    return lease;

    function refuseLiving(
      row: LeaseRow & { readonly holder: LockHolder },
      { expired, silent_ms: silentMs }: RunnerRow,
      who: typeof self,
    ): void {
      const life = judgeLife(row.holder, 0, who);
      if (expired || life === 'dead') return;
      throw lockedBy(label, { holder: row.holder, silentMs: life === 'lives' ? null : silentMs }, leaseMs);
    }
  }

  async function releaseWithin(lease: Lease, query: Query): Promise<() => void> {
    await query(
      'UPDATE fencepost.lease SET runner = NULL, claim = NULL, holder = NULL WHERE key = $1 AND epoch = $2 AND runner = $3',
      [lease.key, lease.epoch, runner],
    );
    return () => {
      if (lease.state === 'held') lease.state = 'over';
    };
  }

  return {
    runner,
    createLocks: (options) => ({
      async acquire({ key, label }) {
        const lease = await acquire(key.toLowerCase(), label, options);
        const taken = { key: lease.key, run: options.run };
        return {
          ...(lease.hasLeft
            ? {
                readLeft: () => readLeft(taken, database),
                settleLeft: (of: string) => settleLeft(taken, of, database),
              }
            : {}),
          refuseLost() {
            if (lease.state === 'lost' || elapsedMs() > validUntil) throw leaseOver(label);
          },
          async release() {
            if (lease.state !== 'held') return;
            // One that can't be given back ends by itself; it must not change what became of the host.
            const released = await database.transact((query) => releaseWithin(lease, query)).catch(() => null);
            released?.();
          },
        };
      },
    }),
    find: (run, label) => mine.get(nameLease(run, label)),
    async findLost(leases, query) {
      const rows = await query<{ key: string; epoch: string; runner: string | null }>(
        'SELECT key, epoch, runner FROM fencepost.lease WHERE key = ANY($1) ORDER BY key FOR SHARE',
        [leases.map((one) => one.key)],
      );
      const current = new Map(rows.map((row) => [row.key, row.runner === runner ? Number(row.epoch) : null]));
      return leases.filter((one) => current.get(one.key) !== one.epoch);
    },
    releaseWithin,
    async fence() {
      while (elapsedMs() > validUntil) await beat();
    },
    async list(run) {
      const self = identifyProcess();
      const leaseMs = await database.leaseMs();
      const rows = await database.transact((query) =>
        query<LeaseRow & RunnerRow & { readonly holder: LockHolder }>(
          `SELECT l.key, l.epoch, l.holder, r.expires_at < clock_timestamp() AS expired,
             (extract(epoch FROM clock_timestamp() - r.beat_at) * 1000)::float8 AS silent_ms
           FROM fencepost.lease l JOIN fencepost.runner r ON r.id = l.runner WHERE l.holder IS NOT NULL AND ($1::text IS NULL OR l.holder->>'run' = $1)`,
          [run],
        ),
      );
      return rows
        .map(({ key, epoch, holder, expired, silent_ms: silentMs }): HeldLock => {
          const life = judgeLife(holder, 0, self);
          const id = `${epoch} ${key}`;
          return { id, holder, life: expired && life !== 'dead' ? 'silent' : life, silentMs, deadAfterMs: leaseMs };
        })
        .toSorted((a, b) => (a.holder.label < b.holder.label ? -1 : 1));
    },
    async remove(locks) {
      await database.transact(async (query) => {
        for (const { id } of locks) {
          const at = id.indexOf(' ');
          // The epoch goes up: whoever held it writes nothing any more.
          await query(
            'UPDATE fencepost.lease SET epoch = epoch + 1, runner = NULL, claim = NULL, holder = NULL WHERE key = $1 AND epoch = $2',
            [id.slice(at + 1), id.slice(0, at)],
          );
        }
      });
    },
    async close() {
      if (beating !== null) clearInterval(beating);
      if (joining === null) return;
      await database
        .transact(async (query) => {
          await query('UPDATE fencepost.lease SET runner = NULL, claim = NULL, holder = NULL WHERE runner = $1', [
            runner,
          ]);
          await query('DELETE FROM fencepost.runner WHERE id = $1', [runner]);
        })
        .catch(() => undefined);
    },
  };
}

async function lockRow(key: string, query: Query): Promise<LeaseRow> {
  const [row] = await query<LeaseRow>(
    'SELECT key, epoch, runner, claim, holder FROM fencepost.lease WHERE key = $1 FOR UPDATE',
    [key],
  );
  if (row === undefined) throw new Failure('internal/bug', 'a lease has no row', { where: key });
  return row;
}

export function nameRunLock(run: string): string {
  return `run ${run}`;
}

function nameLease(run: string, label: string): string {
  return JSON.stringify([run, label]);
}
