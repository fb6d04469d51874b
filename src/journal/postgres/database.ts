// I/O: the one connection to PostgreSQL: opened on first use, asked in transactions. A database that is away for a moment is waited for, no
// longer than a lease lasts, and that is said; what a failed commit came to is the caller's to find out. It knows no table but `setting`.
import type { ClientConfig, Pool, PoolClient } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../model/failure.ts';
import { readErrnoCode } from '../../model/failures/errno-code.ts';
import type { DatabaseAddress } from './address.ts';
import { protocol } from './sql/migrations.ts';

export type Query = <R>(text: string, values?: readonly unknown[]) => Promise<readonly R[]>;

/** A connection that only waits for notifications. */
export interface Listening {
  /** False once it went away; nothing comes over it any more. */
  readonly isOpen: boolean;
  /** Never rejects. */
  close(): Promise<void>;
}

export interface Database {
  readonly address: DatabaseAddress;
  /** Of every lease, as the database says it. Throws as `transact` does. */
  leaseMs(): Promise<number>;
  /** One transaction. Throws Failure `state/unavailable`, `state/other-version`, `run/unknown` when nothing is prepared there. */
  transact<T>(work: (query: Query) => Promise<T>): Promise<T>;
  /** The same, tried again while the database is away. Throws Failure `journal/unwritable` when it stays away. */
  persist<T>(work: (query: Query) => Promise<T>): Promise<T>;
  /** Without asking what is there, for whoever prepares or looks at it. */
  transactRaw<T>(work: (query: Query) => Promise<T>): Promise<T>;
  /** Tells of each notification on a channel, which is a plain name. Rejects with whatever the connection fails with. */
  listen(channel: string, onNote: () => void): Promise<Listening>;
  /** Never rejects. */
  close(): Promise<void>;
}

export interface DatabaseSeams {
  /** Of the account; null or left out: the address has it, or it is where libpq looks. Rejects with Failure `secret/missing`. */
  readonly readPassword?: (() => Promise<string>) | null;
  /** Text of the file with authorities. */
  readonly readFile: (path: string) => Promise<string>;
  readonly elapsedMs: () => number;
  readonly warn: (text: string) => void;
}

const connectMs = 10_000;
const answerMs = 15_000;
const againMs = 250;
/** A process that sleeps in the middle of a transaction holds its rows no longer: whoever takes over needs them. */
const idleMs = 3_000;

export function createDatabase(address: DatabaseAddress, seams: DatabaseSeams): Database {
  let opening: Promise<Pool> | null = null;
  let checked: number | null = null;
  /** Since when it is away. */
  let awaySince: number | null = null;

  async function connection(): Promise<ClientConfig> {
    const { host, port, database, user, password, tls, authorities } = address;
    return {
      host,
      port,
      database,
      ...(user === null ? {} : { user }),
      ...(password === null ? {} : { password }),
      ...((seams.readPassword ?? null) === null ? {} : { password: () => seams.readPassword?.() ?? '' }),
      ssl:
        tls === 'verified'
          ? {
              rejectUnauthorized: true,
              host,
              ...(authorities === null ? {} : { ca: await seams.readFile(authorities) }),
            }
          : false,
      connectionTimeoutMillis: connectMs,
      query_timeout: answerMs,
      idle_in_transaction_session_timeout: idleMs,
      keepAlive: true,
      application_name: 'fencepost',
    };
  }

  async function open(): Promise<Pool> {
    const { default: pg } = await import('pg');
    // The process ends when its work does.
    const pool = new pg.Pool({ ...(await connection()), max: 10, allowExitOnIdle: true });
    // A connection that goes away is found out by its next query, idle or in use.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    return pool;
  }

  async function transactRaw<T>(work: (query: Query) => Promise<T>): Promise<T> {
    opening ??= open();
    const client = await (await opening).connect();
    let broken: Error | boolean = true;
    try {
      const value = await inTransaction(client, work);
      broken = false;
      return value;
    } catch (thrown) {
      broken = !(thrown instanceof Failure);
      throw thrown;
    } finally {
      client.release(broken);
    }
  }

  async function check(query: Query): Promise<number> {
    const [there] = await query<{ there: boolean }>(`SELECT to_regclass('fencepost.setting') IS NOT NULL AS there`);
    if (there?.there !== true) throw notPrepared(address);
    const [setting] = await query<{ protocol: number; lease_ms: number }>(
      'SELECT protocol, lease_ms FROM fencepost.setting',
    );
    if (setting === undefined) throw notPrepared(address);
    if (setting.protocol !== protocol) throw otherProtocol(address, setting.protocol);
    const replicas = await readReplicas(query);
    if (replicas !== null) seams.warn(replicas);
    return setting.lease_ms;
  }

  async function ask<T>(work: (query: Query) => Promise<T>): Promise<T> {
    checked ??= await transactRaw(check);
    return transactRaw(work);
  }

  return {
    address,
    transactRaw: (work) => transactRaw(work).catch((thrown: unknown) => reject(thrown, address)),
    transact: (work) => ask(work).catch((thrown: unknown) => reject(thrown, address)),
    async leaseMs() {
      checked ??= await transactRaw(check).catch((thrown: unknown) => reject(thrown, address));
      return checked;
    },
    async persist(work) {
      for (;;) {
        try {
          const value = await ask(work);
          if (awaySince !== null) seams.warn(`the database answers again: ${address.place}`);
          awaySince = null;
          return value;
        } catch (thrown) {
          if (!isAway(thrown)) return reject(thrown, address);
          const now = seams.elapsedMs();
          if (isConflict(thrown)) continue;
          if (awaySince === null) seams.warn(describeAway(thrown, checked, address));
          awaySince ??= now;
          if (now - awaySince > (checked ?? 0)) throw gone(thrown, address);
        }
        await sleep(againMs);
      }
    },
    async listen(channel, onNote) {
      const { default: pg } = await import('pg');
      const client = new pg.Client(await connection());
      let isOpen = true;
      const end = (): void => {
        isOpen = false;
      };
      client.on('error', end);
      client.on('end', end);
      client.on('notification', onNote);
      try {
        await client.connect();
        await client.query(`LISTEN ${channel}`);
      } catch (thrown) {
        await client.end().catch(() => undefined);
        throw thrown;
      }
      return {
        get isOpen() {
          return isOpen;
        },
        close: () => client.end().catch(() => undefined),
      };
    },
    async close() {
      const pool = await opening?.catch(() => null);
      await pool?.end().catch(() => undefined);
    },
  };
}

async function inTransaction<T>(client: PoolClient, work: (query: Query) => Promise<T>): Promise<T> {
  const query: Query = async <R>(text: string, values: readonly unknown[] = []) =>
    (await client.query(text, [...values])).rows as readonly R[];
  // What is acknowledged has to outlive a crash of the server, whatever its default is. Everything that is asked often has an index: by statistics
  // from before a run grew, the planner would read whole tables for it. Where it has to (row security allows no index on an expression), it takes
  // the cost for huge and would compile each question, which takes a hundred times as long as the question. One round trip: rows are locked for
  // as long as it takes.
  await client.query(
    `BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL jit = off;
     SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'`,
  );
  try {
    const value = await work(query);
    await query('COMMIT');
    return value;
  } catch (thrown) {
    if (thrown instanceof Failure) await query('ROLLBACK');
    throw thrown;
  }
}

const sqlState = /^[0-9A-Z]{5}$/;
const conflicts: readonly string[] = ['40001', '40P01'];
/** Shut down, crashed, starting up, too many connections, slept in a transaction; class 08 is the connection itself. */
const away: readonly string[] = ['57P01', '57P02', '57P03', '53300', '25P03', ...conflicts];

function codeOf(thrown: unknown): string | null {
  const code = readErrnoCode(thrown);
  return code !== null && sqlState.test(code) && !code.startsWith('E') ? code : null;
}

function isConflict(thrown: unknown): boolean {
  return conflicts.includes(codeOf(thrown) ?? '');
}

function isAway(thrown: unknown): boolean {
  if (thrown instanceof Failure || thrown instanceof TypeError || !(thrown instanceof Error)) return false;
  const code = codeOf(thrown);
  return code === null || code.startsWith('08') || away.includes(code);
}

/** With what it knows better than a number. */
function reject(thrown: unknown, { place, tls }: DatabaseAddress): never {
  if (thrown instanceof Failure) throw thrown;
  const code = codeOf(thrown);
  const message = reasonOf(thrown);
  const hint =
    code === '28P01' || code?.startsWith('28') === true
      ? "say where its password is: FENCEPOST_STATE_PASSWORD='{ env: NAME }' or { file: PATH }; or name a file with PGPASSFILE (docs/state.md)"
      : /SSL|certificate|TLS/i.test(message) && tls === 'verified'
        ? 'name its authority with ?sslrootcert=FILE; where nobody can listen: sslmode=disable'
        : code === '42501'
          ? 'let the owner of the database give it: fencepost state init --operators ROLE, or --auditors ROLE (docs/state.md)'
          : 'look at the server, and at the address in --state or FENCEPOST_STATE';
  throw new Failure('state/unavailable', `the database can't be used: ${message}`, {
    where: place,
    hint,
    cause: thrown,
  });
}

function reasonOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return message === '' ? (readErrnoCode(thrown) ?? 'it does not answer') : message;
}

function describeAway(thrown: unknown, leaseMs: number | null, { place }: DatabaseAddress): string {
  const seconds = String(Math.round((leaseMs ?? 0) / 1000));
  return `the database does not answer (${place}): ${reasonOf(thrown)}. No host is started and no change is sent until it does; after ${seconds} s the run stops`;
}

function gone(thrown: unknown, { place }: DatabaseAddress): Failure {
  return new Failure('journal/unwritable', `the journal can't be written: ${reasonOf(thrown)}`, {
    where: place,
    hint: 'bring the database back; no change is sent before its inverse is in it',
    cause: thrown,
  });
}

function notPrepared({ place }: DatabaseAddress): Failure {
  return new Failure('run/unknown', 'nothing of Fencepost is in this database', {
    where: place,
    hint: 'fencepost state init prepares it',
  });
}

export function otherProtocol({ place }: DatabaseAddress, found: number): Failure {
  return new Failure(
    'state/other-version',
    `this database is of version ${String(found)}; this Fencepost speaks version ${String(protocol)}`,
    {
      where: place,
      hint: found < protocol ? 'fencepost state init brings it up' : 'use the Fencepost of those who work with it',
    },
  );
}

/** What a failover could lose; null: nothing is to be said. */
export async function readReplicas(query: Query): Promise<string | null> {
  const [found] = await query<{ standbys: string; names: string }>(
    `SELECT (SELECT count(*) FROM pg_stat_replication) AS standbys, current_setting('synchronous_standby_names') AS names`,
  );
  if (found === undefined || Number(found.standbys) === 0 || found.names !== '') return null;
  return 'the database has replicas, and none is synchronous: a failover may lose records that were acknowledged. Set synchronous_standby_names, or do not fail over while a run is under way';
}
