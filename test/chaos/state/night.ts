// The stage of one night of joined runs: simulated servers, each behind a way that can be cut, a database, and the real command line in
// processes of its own, each with its own way to the database. It plays nothing itself and asserts nothing.
import { readFile } from 'node:fs/promises';
import { readAddress } from '../../../src/journal/postgres/address.ts';
import { createDatabase } from '../../../src/journal/postgres/database.ts';
import { createDatabaseState } from '../../../src/journal/postgres/database-state.ts';
import { writeInventory } from '../../../src/lab/inventory-text.ts';
import { usualQuirks } from '../../../src/lab/machine/quirks.ts';
import type { MishapSpec } from '../../../src/lab/scenario/server-spec.ts';
import type { RunEvent } from '../../../src/model/outcome.ts';
import type { TestPostgres } from '../../interop/support/postgres.ts';
import type { RunningCli } from '../../support/cli.ts';
import { openLab, type TestLab } from '../../support/lab.ts';
import { readRun } from '../../support/read-journal.ts';
import type { HostRequest, StateHistory, ToldEvent } from './find-faults.ts';
import { openWay, type Way } from './partition.ts';

export interface NightSize {
  readonly hosts: number;
  readonly groups: number;
  readonly concurrency: number;
  readonly leaseMs: number;
  /** Its playbook rolls back all that was changed once some fail, and at the end every server is to be as before. */
  readonly goesBack?: boolean;
}

export interface Player {
  readonly name: string;
  readonly process: RunningCli;
  readonly toDatabase: Way;
}

export interface Night {
  readonly size: NightSize;
  /** By host. */
  readonly toHosts: readonly Way[];
  /** Changes that the servers accepted. */
  readonly changed: () => number;
  start(what: 'join' | 'resume' | 'rollback'): Promise<Player>;
  /** A run of its own, no part of the history, for hosts that the night's run has left as they were: 0: done. */
  applyRest(): Promise<number | null>;
  /** 0: every server is as desired. */
  verify(): Promise<number | null>;
  isOver(): Promise<boolean>;
  history(): Promise<StateHistory>;
  close(): Promise<void>;
}

type Postgres = Pick<TestPostgres, 'createDatabase' | 'query' | 'port'>;

const changing = /\b(?:add|delete) excludedportrange\b|\bsc(?:\.exe)? (?:stop|start)\b/i;
const run = 'night';

/** Where the playbook rolls back all, some of the last hosts give it the reason. */
const refused: MishapSpec = {
  on: { operation: 'command', nth: 1, line: 'add excludedportrange', request: null },
  act: { kind: 'fault', code: 5 },
  times: 9,
};

const playbook = ({ hosts, concurrency, goesBack = false }: NightSize): string => `name: A night
on_failure: ${goesBack ? 'rollback_run' : 'rollback_host'}
hosts: exchange
exclusions:
  - { port: 9933, for: MSExchangeIMAP4BE }
  - { port: 9955, for: MSExchangePOP3BE }
strategy:
  canary: 1
  batches: [${String(Math.ceil(hosts / 3))}, 100%]
  concurrency: ${String(concurrency)}
  max_failed: ${goesBack ? '0' : '100%'}
  one_at_a_time_by: availability_group
`;

export async function openNight(postgres: Postgres, size: NightSize): Promise<Night> {
  const state = await postgres.createDatabase();
  const names = Array.from({ length: size.hosts }, (_, index) => `ex${String(index + 1).padStart(4, '0')}`);
  const groups = Object.fromEntries(names.map((name, index) => [name, `dag${String(index % size.groups)}`]));
  const requests: HostRequest[] = [];
  const lab = await openLab(
    names.map((name, index) => ({
      name,
      quirks: { ...usualQuirks, oneList: true },
      mishaps: size.goesBack === true && index >= size.hosts * 0.8 && index % 3 === 0 ? [refused] : [],
      variables: { availability_group: groups[name] ?? '' },
    })),
    {
      delayMs: 20,
      onRequest(host, { operation, commandLine, shellId, status, at }) {
        if (operation !== 'command' || commandLine === null || !changing.test(commandLine)) return;
        requests.push({ host, line: commandLine, shellId, status, atMs: Date.parse(at), doneMs: Date.now() });
      },
    },
  );
  const before = lab.states();
  const toHosts = await Promise.all(lab.fleet.servers.map((server) => openWay(server.port)));
  const servers = lab.fleet.servers.map(({ name, spec, scheme }, index) => ({
    name,
    spec,
    scheme,
    port: toHosts[index]?.port ?? 0,
  }));
  const inventory = [
    '-i',
    await lab.write('through-ways.yml', writeInventory({ ...lab.fleet, servers }, { passwordFile: 'password' })),
  ];
  const book = await lab.write('playbook.yml', playbook(size));
  const plan = lab.path('night.plan');
  const players: Player[] = [];
  let untilMs = Number.POSITIVE_INFINITY;
  for (const args of [
    ['state', 'init'],
    ['plan', ...inventory, '-p', book, '--out', plan],
  ]) {
    const made = await lab.start(args, { env: { FENCEPOST_STATE: state } }).ended;
    if (made.exitCode !== 0) throw new Error(made.stderr);
  }
  await postgres.query(state, `UPDATE fencepost.setting SET lease_ms = ${String(size.leaseMs)}`);

  return {
    size,
    toHosts,
    changed: () => requests.filter((one) => one.status === 200).length,
    async start(what) {
      const toDatabase = await openWay(postgres.port);
      const name = `${what}-${String(players.length + 1)}`;
      const told = ['--events', lab.path(`${name}.ndjson`)];
      const work = what === 'join' ? ['apply', plan, ...inventory, '--join', run] : [what, run, ...inventory];
      // A rollback is a run of its own, no part of the history.
      if (what === 'rollback') untilMs = Math.min(untilMs, Date.now());
      const process = lab.start([...work, '--yes', ...told], {
        env: { FENCEPOST_STATE: state.replace(`:${String(postgres.port)}/`, `:${String(toDatabase.port)}/`) },
        timeoutMs: 240_000,
      });
      process.ended.catch(() => undefined);
      const player = { name, process, toDatabase };
      players.push(player);
      return player;
    },
    async applyRest() {
      untilMs = Date.now();
      const rest = ['apply', ...inventory, '-p', book, '--yes'];
      return (await lab.start(rest, { env: { FENCEPOST_STATE: state }, timeoutMs: 240_000 }).ended).exitCode;
    },
    async verify() {
      return (await lab.start(['verify', ...inventory, '-p', book], { timeoutMs: 240_000 }).ended).exitCode;
    },
    async isOver() {
      const closed = await postgres.query(state, 'SELECT FROM fencepost.joined_run WHERE closed');
      return closed.length > 0;
    },
    async history() {
      const told = await Promise.all(
        players
          .filter((one) => !one.name.startsWith('rollback'))
          .map(async ({ name }) => [name, await readTold(lab.path(`${name}.ndjson`))] as const),
      );
      return {
        events: await readEvents(state),
        requests: requests.filter((one) => one.atMs < untilMs),
        told: Object.fromEntries(told),
        groups,
        offGoal: size.goesBack === true ? findNotBack(lab, before) : findOffGoal(lab, before),
      };
    },
    async close() {
      for (const { process } of players) process.kill('SIGKILL');
      await Promise.allSettled(players.map((one) => one.process.ended));
      await Promise.all([...toHosts, ...players.map((one) => one.toDatabase)].map((one) => one.close()));
      await lab.close();
    },
  };
}

interface MachineLook {
  readonly exclusions: readonly unknown[];
  readonly services: unknown;
}

/** By its reservations or its services. */
function findNotBack(lab: TestLab, before: Readonly<Record<string, unknown>>): readonly string[] {
  const look = (one: unknown): string => {
    const { exclusions, services } = one as MachineLook;
    return JSON.stringify([exclusions, withoutProcesses(services)]);
  };
  const now = lab.states();
  return Object.keys(before).filter((name) => look(now[name]) !== look(before[name]));
}

/** One that the run did not change, or whose services are not as they were. What is desired of its ports `verify` says. */
function findOffGoal(lab: TestLab, before: Readonly<Record<string, unknown>>): readonly string[] {
  const now = lab.states() as Readonly<Record<string, MachineLook>>;
  return Object.keys(now).filter((name) => {
    const [is, was] = [now[name], before[name] as MachineLook | undefined];
    if (is === undefined || was === undefined || is.exclusions.length <= was.exclusions.length) return true;
    return JSON.stringify(withoutProcesses(is.services)) !== JSON.stringify(withoutProcesses(was.services));
  });
}

/** A service that was started again has another process. */
function withoutProcesses(services: unknown): unknown {
  return JSON.parse(JSON.stringify(services, (key, value: unknown) => (/process/i.test(key) ? null : value)));
}

/** A process that was killed may have left half a line. */
async function readTold(file: string): Promise<readonly ToldEvent[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as ToldEvent);
}

async function readEvents(address: string): Promise<readonly RunEvent[]> {
  const elapsedMs = (): number => performance.now();
  const seams = { readFile: () => Promise.reject(new Error('no file')), elapsedMs, warn: () => undefined };
  const database = createDatabase(readAddress(address), seams);
  const state = createDatabaseState(database, elapsedMs);
  try {
    const { events, damage } = await readRun(state.runs, run);
    if (damage !== null) throw new Error(`the journal is damaged: ${JSON.stringify(damage)}`);
    return events;
  } finally {
    await state.close();
  }
}
