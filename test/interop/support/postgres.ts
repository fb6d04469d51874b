// A PostgreSQL server of the test's own: as an ordinary user, in a folder that goes away with it, on loopback and on a socket. It can be
// stopped in the hardest way (SIGQUIT to the postmaster: pg_ctl stop -m immediate) and started again over the same data.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { endWithUs } from '../../support/end-with-us.ts';
import { freePort } from './shared/free-port.ts';

const run = promisify(execFile);
/** Debian's nobody: the server refuses to run as root. */
export const nobody = 65_534;

export interface TestPostgres {
  readonly folder: string;
  readonly port: number;
  /** A new, empty database: its address over loopback, with TLS off. */
  createDatabase(): Promise<string>;
  /** As the superuser, in one database. */
  query<R>(address: string, text: string, values?: readonly unknown[]): Promise<readonly R[]>;
  /** Nothing is flushed, no connection is told. */
  stopAtOnce(): Promise<void>;
  start(): Promise<void>;
  /** The server over the same connections goes on when it resolves. */
  dispose(): Promise<void>;
}

/** Null: it is there. */
export async function missingPostgres(): Promise<string | null> {
  const folder = await findPrograms();
  if (folder !== null) return null;
  const missing = 'PostgreSQL is not installed: apt-get install postgresql';
  if (process.env['CI'] !== undefined) throw new Error(missing);
  return missing;
}

/** FENCEPOST_POSTGRES names the programs of another version. */
async function findPrograms(): Promise<string | null> {
  const named = process.env['FENCEPOST_POSTGRES'];
  if (named !== undefined) return named;
  const base = '/usr/lib/postgresql';
  const versions = await readdir(base).catch(() => []);
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? null : join(base, newest, 'bin');
}

export interface PostgresOptions {
  /** Lines of postgresql.conf. */
  readonly settings?: readonly string[];
  /** What `initDatabases` made, which is copied. Default: made anew. */
  readonly template?: string;
}

const isRoot = process.getuid?.() === 0;
const who = isRoot ? { uid: nobody, gid: nobody } : {};
const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8' };

async function programsThere(): Promise<string> {
  const programs = await findPrograms();
  if (programs === null) throw new Error('PostgreSQL is not installed');
  return programs;
}

/** A folder for the server, in one that is there: nobody else may look into it. */
async function makeOwnFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  if (isRoot) await chown(path, nobody, nobody);
}

/** The databases of a new server, in a folder that is not there yet. */
export async function initDatabases(
  data: string,
  onChild: (child: ChildProcess) => void = () => undefined,
): Promise<void> {
  const programs = await programsThere();
  await makeOwnFolder(data);
  const initdb = ['-D', data, '-U', 'fence', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
  const prepared = run(join(programs, 'initdb'), initdb, { env, ...who, cwd: data });
  onChild(prepared.child);
  await prepared;
}

export async function startPostgres({ settings = [], template }: PostgresOptions = {}): Promise<TestPostgres> {
  const programs = await programsThere();
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-postgres-'));
  /** The server, or what prepares it. */
  let child: ChildProcess | null = null;
  const forget = endWithUs(() => {
    child?.kill('SIGQUIT');
    // Its own processes end in their time.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  });
  await chmod(folder, 0o755);
  const data = join(folder, 'data');
  const socket = join(folder, 'socket');
  await makeOwnFolder(socket);
  // With owner and modes, which the server insists on.
  if (template === undefined)
    await initDatabases(data, (one) => {
      child = one;
    });
  else await run('cp', ['-a', template, data]);
  const port = await freePort();
  const conf = [
    `port = ${String(port)}`,
    `listen_addresses = '127.0.0.1'`,
    `unix_socket_directories = '${socket}'`,
    // A power cut is not played here; a crash of the server needs no flush.
    'fsync = off',
    ...settings,
  ];
  await writeFile(join(data, 'postgresql.auto.conf'), `${conf.join('\n')}\n`);
  let server: ChildProcess | null = null;
  let databases = 0;

  async function query<R>(address: string, text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    const client = new pg.Client({ connectionString: address.replace(/\?.*$/, ''), ssl: false });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(text, [...values])).rows as readonly R[];
    } finally {
      await client.end();
    }
  }
  const addressOf = (database: string): string =>
    `postgres://fence@127.0.0.1:${String(port)}/${database}?sslmode=disable`;

  async function start(): Promise<void> {
    const started = spawn(join(programs, 'postgres'), ['-D', data], { env, ...who, cwd: data, stdio: 'ignore' });
    child = started;
    server = started;
    for (let tries = 0; ; tries += 1) {
      try {
        await query(addressOf('postgres'), 'SELECT 1');
        return;
      } catch (thrown) {
        if (tries > 200 || started.exitCode !== null) throw thrown;
      }
      await sleep(50);
    }
  }

  async function stop(signal: 'SIGQUIT' | 'SIGINT'): Promise<void> {
    const running = server;
    if (running === null) return;
    server = null;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await ended;
  }

  await start();
  return {
    folder,
    port,
    async createDatabase() {
      const name = `fleet${String((databases += 1))}`;
      await query(addressOf('postgres'), `CREATE DATABASE ${name}`);
      return addressOf(name);
    },
    query,
    stopAtOnce: () => stop('SIGQUIT'),
    start,
    async dispose() {
      await stop('SIGQUIT');
      await rm(folder, { recursive: true, force: true });
      forget();
    },
  };
}
