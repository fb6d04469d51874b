// `npm run bench:state`: what a state in PostgreSQL costs as runs grow. For each size a joined run of so many hosts, carried out by eight processes
// without any server to reach: records and claims a second, time of a claim, memory of a process, bytes a host. A server of its own, with
// fsync. `--hosts 1000,50000`, `--runners 8`; `--at-most N` carries out only so many hosts of each. Prints a table and asserts nothing.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readAddress } from '../../src/journal/postgres/address.ts';
import { createDatabase } from '../../src/journal/postgres/database.ts';
import { prepareDatabase } from '../../src/journal/postgres/prepare.ts';
import { runStarted } from '../journal/events.ts';
import { startPostgres, type TestPostgres } from '../interop/support/postgres.ts';
import { endWithUs, obeySignals } from '../support/end-with-us.ts';
import { applyFleet } from '../support/memory-apply.ts';
import type { RunnerTask, RunnerUsage } from './state-runner.ts';

obeySignals();
const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '1000,5000,20000,50000' },
    runners: { type: 'string', default: '8' },
    concurrency: { type: 'string', default: '400' },
    'at-most': { type: 'string', default: '1000000' },
  },
});
const runners = Number(values.runners);

function start(task: RunnerTask): Promise<RunnerUsage> {
  const child = fork(fileURLToPath(new URL('./state-runner.js', import.meta.url)));
  const forget = endWithUs(() => child.kill('SIGKILL'));
  child.send(task);
  return new Promise((resolve, reject) => {
    child.once('message', (usage) => {
      resolve(usage as RunnerUsage);
    });
    child.once('exit', (code) => {
      forget();
      if (code !== 0) reject(new Error(`a runner ended with ${String(code)}`));
    });
  });
}

async function measure(hosts: number, postgres: TestPostgres): Promise<Readonly<Record<string, string | number>>> {
  const address = await postgres.createDatabase();
  const database = createDatabase(readAddress(address), {
    readFile: () => Promise.reject(new Error('no file')),
    elapsedMs: () => performance.now(),
    warn: () => undefined,
  });
  await prepareDatabase(database);
  await database.close();
  const { journal } = await applyFleet({ hosts: 'c' });
  const events = journal.events.filter((one) => 'host' in one);
  const atMost = Math.min(hosts, Number(values['at-most']));
  const task = {
    address,
    run: 'bench',
    hosts,
    atMost,
    concurrency: Number(values.concurrency),
    events,
    first: runStarted,
  };
  const size = async (): Promise<number> => {
    const [found] = await postgres.query<{ bytes: string }>(
      address,
      'SELECT pg_database_size(current_database()) AS bytes',
    );
    return Number(found?.bytes);
  };
  const empty = await size();
  const startedMs = performance.now();
  const used = await Promise.all(
    Array.from({ length: runners }, (_, index) => start({ ...task, isFirst: index === 0 })),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  const sum = (of: (one: RunnerUsage) => number): number => used.reduce((total, one) => total + of(one), 0);
  const records = sum((one) => one.records);
  const [line] = await postgres.query<{ bytes: string }>(
    address,
    'SELECT avg(length(line)) AS bytes FROM fencepost.record',
  );
  return {
    hosts,
    'carried out': atMost,
    'records a host': events.length,
    'bytes a record': Math.round(Number(line?.bytes)),
    'hosts/s': Math.round(atMost / seconds),
    'records/s': Math.round(records / seconds),
    'claims/s': Math.round(sum((one) => one.claims) / seconds),
    'ms a claim': (sum((one) => one.claimMs) / sum((one) => one.claims)).toFixed(1),
    'ms a turn before it': (sum((one) => one.turnMs) / sum((one) => one.claims)).toFixed(1),
    'MB a runner': Math.round(Math.max(...used.map((one) => one.peakMemoryMb))),
    'CPU ms a host': (sum((one) => one.cpuMs) / atMost).toFixed(1),
    'kB a host': (((await size()) - empty) / 1024 / atMost).toFixed(1),
  };
}

const postgres = await startPostgres({ settings: ['fsync = on', 'max_connections = 200'] });
try {
  const rows: Readonly<Record<string, string | number>>[] = [];
  for (const hosts of values.hosts.split(',')) {
    rows.push(await measure(Number(hosts), postgres));
    console.log(JSON.stringify(rows.at(-1)));
  }
  console.table(rows);
} finally {
  await postgres.dispose();
}
