// The state in PostgreSQL holds the contract of every state (test/journal/store-contract.ts), and what only leases with an epoch can hold: what
// a process writes that lost a host, or its run, is refused; a database that goes away is waited for as long as a lease lasts.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readAddress } from '../../../src/journal/postgres/address.ts';
import { createDatabaseState } from '../../../src/journal/postgres/database-state.ts';
import { createDatabase, type Database } from '../../../src/journal/postgres/database.ts';
import { migrations, protocol } from '../../../src/journal/postgres/sql/migrations.ts';
import { prepareDatabase, standDatabase } from '../../../src/journal/postgres/prepare.ts';
import { identifyProcess } from '../../../src/journal/lock-holder.ts';
import type { State } from '../../../src/journal/state.ts';
import type { RunEvent } from '../../../src/model/outcome.ts';
import { failureOf } from '../../support/failure-of.ts';
import { readRun } from '../../support/read-journal.ts';
import { at, exclusionStep, hostStarted, runStarted } from '../../journal/events.ts';
import { describeState } from '../../journal/store-contract.ts';
import { usePostgres } from '../support/use-postgres.ts';

const { suite, postgres, isMissing } = await usePostgres();
let address = '';
const databases: Database[] = [];
const states: State[] = [];
let warnings: string[] = [];

function databaseAt(where: string, elapsedMs = (): number => performance.now()): Database {
  const database = createDatabase(readAddress(where), {
    readFile: () => Promise.reject(new Error('no file is read here')),
    elapsedMs,
    warn: (text) => warnings.push(text),
  });
  databases.push(database);
  return database;
}

function openState(elapsedMs = (): number => performance.now()): State {
  const state = createDatabaseState(databaseAt(address, elapsedMs), elapsedMs);
  states.push(state);
  return state;
}

const setLease = (ms: number) => postgres.query(address, 'UPDATE fencepost.setting SET lease_ms = $1', [ms]);
/** A process of another machine, which nobody can ask. */
const elsewhere = () => ({ ...identifyProcess(), machine: 'elsewhere', bootId: randomUUID(), pidNamespace: 'pid:[9]' });

beforeEach(async () => {
  if (isMissing) return;
  warnings = [];
  address = await postgres.createDatabase();
  await prepareDatabase(databaseAt(address));
});
afterEach(async () => {
  for (const state of states.splice(0)) await state.close();
  for (const database of databases.splice(0)) await database.close();
});

suite('a PostgreSQL database', () => {
  describeState({
    open: () => Promise.resolve(openState()),
    async openNowhere() {
      const nowhere = databaseAt(await postgres.createDatabase());
      return createDatabaseState(nowhere, () => performance.now());
    },
  });
});

/** The roles of docs/state.md, as `state init` gives them their grants, and a user in each. */
async function grantAsDocumented(): Promise<void> {
  for (const [role, user] of [
    ['operators', 'ann'],
    ['auditors', 'bea'],
  ]) {
    const known = await postgres.query(address, 'SELECT FROM pg_roles WHERE rolname = $1', [role]);
    if (known.length === 0) await postgres.query(address, `CREATE ROLE ${role}; CREATE USER ${user} IN ROLE ${role}`);
  }
  await prepareDatabase(databaseAt(address), [
    { name: 'operators', kind: 'operators' },
    { name: 'auditors', kind: 'auditors' },
  ]);
}

function openAs(user: string): State {
  const state = createDatabaseState(databaseAt(address.replace('fence@', `${user}@`)), () => performance.now());
  states.push(state);
  return state;
}

suite('with the grants of state init, an operator', () => {
  beforeEach(grantAsDocumented);

  describeState({
    open: () => Promise.resolve(openAs('ann')),
    async openNowhere() {
      const empty = await postgres.createDatabase();
      return createDatabaseState(databaseAt(empty.replace('fence@', 'ann@')), () => performance.now());
    },
  });

  test('starts a host, finishes it, and takes a run from elsewhere', async () => {
    const { journal } = await beginHost(openAs('ann'), 'r1');
    await journal.append(finished('ex01'));
    await openAs('ann').checkWritable();
    const from = openState().runs;
    const { records, lastDigest: digest } = await readRun(from, 'r1');
    const copy = { plan: from.readPlan('r1'), journal: openState().readJournal('r1'), head: { records, digest } };
    await openAs('ann').takeRun('r2', copy);
    expect(await readRun(openState().runs, 'r2')).toMatchObject({ records: 3, damage: null });
  });

  test('changes no record, plan, applied plan or rule, and makes nothing', async () => {
    await beginHost(openAs('ann'), 'r1');
    const ann = address.replace('fence@', 'ann@');
    for (const change of [
      `UPDATE fencepost.record SET line = ''`,
      'DELETE FROM fencepost.record',
      'TRUNCATE fencepost.record',
      `UPDATE fencepost.plan_part SET bytes = ''`,
      'DELETE FROM fencepost.applied_plan',
      'UPDATE fencepost.setting SET lease_ms = 1000',
      'ALTER TABLE fencepost.record DISABLE TRIGGER USER',
      'CREATE TABLE fencepost.other ()',
    ]) {
      await expect(postgres.query(ann, change), change).rejects.toThrow(/permission denied|must be owner/);
    }
  });
});

suite('with the grants of state init, an auditor', () => {
  beforeEach(grantAsDocumented);

  test('reads everything, and writes nothing', async () => {
    await beginHost(openState(), 'r1');
    const state = openAs('bea');
    await state.checkExists();
    expect(await state.runs.listRuns()).toEqual(['r1']);
    expect(await readRun(state.runs, 'r1')).toMatchObject({ records: 2, damage: null, head: 'agrees' });
    expect((await state.listRunLocks()).map(({ run, isAlive }) => [run, isAlive])).toEqual([['r1', true]]);
    expect((await state.listLocks('r1', 0)).map(({ holder }) => holder.label)).toEqual(['ex01', 'run r1']);
    const histories = state.openHistories(
      state.createLocks({ run: 'r1', user: 'bea', now: () => at, onTakeover: () => undefined }),
      () => Promise.resolve(),
    );
    expect(await histories.read()).toEqual({ histories: [], damaged: [] });
    expect(await state.readHeadSignature('r1')).toBeNull();
    expect(await standDatabase(databaseAt(address.replace('fence@', 'bea@')))).toMatchObject({ runs: 1, records: 2 });
    expect((await failureOf(state.checkWritable())).code).toBe('journal/unwritable');
    expect(await failureOf(state.runs.createRun('r2', ['plan']))).toMatchObject({
      code: 'state/unavailable',
      hint: expect.stringContaining('docs/state.md') as string,
    });
  });
});

test.skipIf(isMissing)('a user without any grant is told what is missing', async () => {
  await postgres.query(address, 'DROP USER IF EXISTS cid; CREATE USER cid');
  const refused = await failureOf(openAs('cid').checkExists());
  expect([refused.code, refused.hint]).toEqual(['state/unavailable', expect.stringContaining('docs/state.md')]);
});

const stopping = (reason: string): RunEvent => ({ at, type: 'run-stopping', reason });
const planned = (host: string): RunEvent => ({
  at,
  type: 'command-planned',
  host,
  step: 1,
  direction: 'do',
  line: 'netsh',
  goal: { kind: 'exclusion', store: 'persistent', present: true },
  before: null,
});
const finished = (host: string): RunEvent => ({
  at,
  type: 'host-finished',
  host,
  verdict: 'changed',
  detail: 'done',
  failure: null,
  findings: [],
});

/** A run in which this process has one host. */
async function beginHost(state: State, run: string, self = identifyProcess()) {
  const locks = state.createLocks({ run, user: 'ops', now: () => at, onTakeover: () => undefined, self });
  const own = await locks.acquire({ key: `run ${run}`, label: `run ${run}` });
  const journal = await state.runs.createRun(run, ['plan']);
  await journal.append(runStarted);
  const host = await locks.acquire({ key: '10.0.0.1:5985', label: 'ex01' });
  await journal.append(hostStarted('ex01', [exclusionStep(1, 'ipv4')]));
  return { locks, own, journal, host };
}

suite('a lease', () => {
  test('that another took over: what its first holder writes about that host is refused, about the run it is not', async () => {
    const first = openState();
    const { journal } = await beginHost(first, 'r1', elsewhere());
    // Its signs of life stop, as those of a frozen process do.
    await postgres.query(address, `UPDATE fencepost.runner SET expires_at = clock_timestamp() - interval '1 s'`);
    const second = openState();
    const taken: string[] = [];
    const locks = second.createLocks({
      run: 'r2',
      user: 'ops',
      now: () => at,
      onTakeover: (label) => taken.push(label),
    });
    const host = await locks.acquire({ key: '10.0.0.1:5985', label: 'ex01' });
    expect(taken).toEqual(['ex01']);
    for (const event of [planned('ex01'), { at, type: 'shell-opened', host: 'ex01', shellId: 'S' } as const]) {
      expect((await failureOf(journal.append(event))).code).toBe('run/lease-lost');
    }
    await journal.append(stopping('the run goes on'));
    await journal.append(finished('ex01'));
    const { events, damage } = await readRun(second.runs, 'r1');
    expect([events.map((one) => one.type), damage]).toEqual([
      ['run-started', 'host-started', 'run-stopping', 'host-finished'],
      null,
    ]);
    // The verdict of the one that lost it released nothing of the other's.
    expect(
      (
        await failureOf(
          first
            .createLocks({ run: 'r1', user: 'ops', now: () => at, onTakeover: () => undefined })
            .acquire({ key: '10.0.0.1:5985', label: 'ex01' }),
        )
      ).code,
    ).toBe('run/host-locked');
    await host.release();
  });

  test("a host's last record and the release of its lease are one transaction", async () => {
    const { journal, host } = await beginHost(openState(), 'r1');
    const free = () =>
      postgres.query<{ free: boolean; records: string }>(
        address,
        `SELECT l.runner IS NULL AS free, r.records FROM fencepost.lease l, fencepost.run r WHERE l.key = '10.0.0.1:5985'`,
      );
    // A transaction that fails at its end leaves neither.
    await postgres.query(
      address,
      `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'at commit'; END $$;
       CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON fencepost.lease DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW WHEN (NEW.runner IS NULL) EXECUTE FUNCTION fail()`,
    );
    expect((await failureOf(journal.append(finished('ex01')))).code).toBe('state/unavailable');
    expect(await free()).toEqual([{ free: false, records: '2' }]);
    await postgres.query(address, 'DROP TRIGGER late ON fencepost.lease');
    await host.release();
    await journal.close();
    const second = openState();
    const again = await beginHost(second, 'r2');
    await again.journal.append(finished('ex01'));
    const [{ free: isFree } = { free: false }] = await free();
    expect(isFree).toBe(true);
    expect((await failureOf(again.journal.append(planned('ex01')))).code).toBe('run/lease-lost');
  });

  test('of the run that another took over: nothing more is written by its first holder', async () => {
    const first = openState();
    const { journal } = await beginHost(first, 'r1', elsewhere());
    await postgres.query(address, `UPDATE fencepost.runner SET expires_at = clock_timestamp() - interval '1 s'`);
    const second = openState();
    const locks = second.createLocks({ run: 'r1', user: 'ops', now: () => at, onTakeover: () => undefined });
    await locks.acquire({ key: 'run r1', label: 'run r1' });
    const resumed = await second.runs.reopenRun('r1');
    await resumed.append(stopping('taken over'));
    for (const event of [finished('ex01'), stopping('too late')]) {
      expect((await failureOf(journal.append(event))).code).toBe('run/lease-lost');
    }
    await resumed.append(stopping('and on'));
    expect(await readRun(second.runs, 'r1')).toMatchObject({ records: 4, damage: null, head: 'agrees' });
  });

  test('that lives, in a process that can not be asked, is not taken; it says how long it was silent', async () => {
    await beginHost(openState(), 'r1', elsewhere());
    const locks = openState().createLocks({ run: 'r2', user: 'ops', now: () => at, onTakeover: () => undefined });
    const refused = await failureOf(locks.acquire({ key: '10.0.0.1:5985', label: 'ex01' }));
    expect([refused.code, refused.message]).toEqual([
      'run/host-locked',
      expect.stringMatching(/run r1 .*last sign of life was \d+ s ago \(dead after 30 s\)/),
    ]);
  });

  test('is kept by signs of life, and ends without them', async () => {
    await setLease(1000);
    await beginHost(openState(), 'r1', elsewhere());
    const locks = openState().createLocks({ run: 'r2', user: 'ops', now: () => at, onTakeover: () => undefined });
    await sleep(1600);
    expect((await failureOf(locks.acquire({ key: '10.0.0.1:5985', label: 'ex01' }))).code).toBe('run/host-locked');
  });

  test('a process that slept longer than a lease lasts sends nothing that it was about to send', async () => {
    let slept = 0;
    const locks = openState(() => performance.now() + slept).createLocks({
      run: 'r1',
      user: 'ops',
      now: () => at,
      onTakeover: () => undefined,
    });
    const host = await locks.acquire({ key: '10.0.0.1:5985', label: 'ex01' });
    host.refuseLost?.();
    slept = 31_000;
    expect(await failureOf(Promise.resolve().then(() => host.refuseLost?.()))).toMatchObject({
      code: 'run/lease-lost',
      where: 'ex01',
      effect: 'none',
    });
  });

  test('a process that slept longer than a lease lasts asks before anything follows from what it wrote', async () => {
    let slept = 0;
    const first = openState(() => performance.now() + slept);
    const { journal } = await beginHost(first, 'r1', elsewhere());
    // Between the commit of an intent and its acknowledgement: the other takes the host over.
    const second = openState();
    const locks = second.createLocks({ run: 'r2', user: 'ops', now: () => at, onTakeover: () => undefined });
    await postgres.query(
      address,
      `CREATE FUNCTION nap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$;
       CREATE TRIGGER nap AFTER INSERT ON fencepost.record FOR EACH STATEMENT EXECUTE FUNCTION nap()`,
    );
    const appended = failureOf(journal.append(planned('ex01')));
    await sleep(200);
    slept = 60_000;
    await postgres.query(address, `UPDATE fencepost.runner SET expires_at = clock_timestamp() - interval '1 s'`);
    // Its next sign of life is late.
    await postgres.query(
      address,
      'CREATE TRIGGER nap BEFORE UPDATE ON fencepost.runner FOR EACH STATEMENT EXECUTE FUNCTION nap()',
    );
    await locks.acquire({ key: '10.0.0.1:5985', label: 'ex01' });
    expect((await appended).code).toBe('run/lease-lost');
    expect((await failureOf(journal.append(planned('ex01')))).code).toBe('run/lease-lost');
  });
});

suite('a database that goes away', () => {
  test('and comes back within a lease: records wait, none is lost, none is written twice, and it is said', async () => {
    const { journal, locks } = await beginHost(openState(), 'r1');
    await postgres.stopAtOnce();
    const appends = ['a', 'b', 'c'].map((reason) => journal.append(stopping(reason)));
    const other = locks.acquire({ key: '10.0.0.2:5985', label: 'ex02' });
    await sleep(600);
    await postgres.start();
    await Promise.all([...appends, other]);
    await journal.close();
    expect(await readRun(openState().runs, 'r1')).toMatchObject({ records: 5, damage: null, head: 'agrees' });
    expect(warnings).toEqual([
      expect.stringContaining('the database does not answer'),
      expect.stringContaining('answers again'),
    ]);
  });

  test('for longer than a lease: nothing is acknowledged any more', async () => {
    await setLease(1000);
    const { journal, locks } = await beginHost(openState(), 'r1');
    await postgres.stopAtOnce();
    try {
      const failures = await Promise.all([
        failureOf(journal.append(planned('ex01'))),
        failureOf(locks.acquire({ key: '10.0.0.2:5985', label: 'ex02' })),
      ]);
      expect(failures.map((one) => one.code)).toEqual(['journal/unwritable', 'journal/unwritable']);
      expect((await failureOf(journal.append(finished('ex01')))).code).toBe('journal/unwritable');
    } finally {
      await postgres.start();
    }
    expect((await readRun(openState().runs, 'r1')).records).toBe(2);
  });

  test('an append whose commit came off and whose answer was lost is there once', async () => {
    const { journal } = await beginHost(openState(), 'r1');
    for (let n = 0; n < 3; n += 1) {
      const killing = (async () => {
        await sleep(5 * n);
        await postgres.query(
          address,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fencepost'`,
        );
      })();
      await Promise.all(Array.from({ length: 20 }, (_, k) => journal.append(stopping(`${String(n)} ${String(k)}`))));
      await killing;
    }
    await journal.close();
    const { events, damage } = await readRun(openState().runs, 'r1');
    const reasons = events.flatMap((one) => (one.type === 'run-stopping' ? [one.reason] : []));
    expect([reasons.length, new Set(reasons).size, damage]).toEqual([60, 60, null]);
  });
});

suite('what is in it', () => {
  test('no record is changed or removed, not by its owner either; one that is all the same is damage', async () => {
    const { journal } = await beginHost(openState(), 'r1');
    await journal.append(stopping('a'));
    for (const change of [
      'DELETE FROM fencepost.record',
      `UPDATE fencepost.record SET line = ''`,
      'TRUNCATE fencepost.record',
    ]) {
      await expect(postgres.query(address, change)).rejects.toThrow('only added');
    }
    await postgres.query(address, 'ALTER TABLE fencepost.record DISABLE TRIGGER USER');
    await postgres.query(address, 'DELETE FROM fencepost.record WHERE sequence = 3');
    expect((await readRun(openState().runs, 'r1')).damage).toMatchObject({ line: 3 });
    expect((await failureOf(openState().runs.reopenRun('r1'))).code).toBe('journal/damaged');
  });

  test('one of the first version is refused, and brought up with its runs', async () => {
    const old = await postgres.createDatabase();
    await postgres.query(old, `CREATE SCHEMA fencepost; ${migrations[0] ?? ''}`);
    await postgres.query(old, `INSERT INTO fencepost.setting (protocol, lease_ms) VALUES (1, 7000)`);
    await postgres.query(old, `INSERT INTO fencepost.run (name, records, digest) VALUES ('r1', 0, '0')`);
    const before = await failureOf(databaseAt(old).transact((query) => query('SELECT 1')));
    expect([before.code, before.hint]).toEqual([
      'state/other-version',
      expect.stringContaining('fencepost state init'),
    ]);
    expect(await prepareDatabase(databaseAt(old))).toEqual({ from: 1, to: protocol });
    expect(await standDatabase(databaseAt(old))).toMatchObject({ protocol, leaseMs: 7000, runs: 1 });
  });

  test('one of the fourth version is brought up, and its roles with it', async () => {
    const old = await postgres.createDatabase();
    await postgres.query(old, `CREATE SCHEMA fencepost; ${migrations.slice(0, 4).join('')}`);
    await postgres.query(old, `INSERT INTO fencepost.setting (protocol, lease_ms) VALUES (4, 7000)`);
    await postgres.query(old, `DROP ROLE IF EXISTS fourth; CREATE ROLE fourth LOGIN`);
    await postgres.query(old, `INSERT INTO fencepost.team_role (name, kind) VALUES ('fourth', 'operators')`);
    expect(await prepareDatabase(databaseAt(old))).toEqual({ from: 4, to: protocol });
    const operator = old.replace('fence@', 'fourth@');
    expect(await standDatabase(databaseAt(operator))).toMatchObject({ protocol, waiting: 0, approvals: 0 });
    await postgres.query(operator, `INSERT INTO fencepost.letter (id, channel, body) VALUES ('l', 'room', 'b')`);
    expect(await standDatabase(databaseAt(operator))).toMatchObject({ waiting: 1 });
  });

  test('one of the sixth version is brought up in the middle of a run of sites', async () => {
    const old = await postgres.createDatabase();
    await postgres.query(old, `CREATE SCHEMA fencepost; ${migrations.slice(0, 6).join('')}`);
    await postgres.query(
      old,
      `INSERT INTO fencepost.setting (protocol, lease_ms) VALUES (6, 7000);
       INSERT INTO fencepost.run (name, records, digest) VALUES ('night', 0, '0');
       INSERT INTO fencepost.joined_run (run, plan, batch) VALUES ('night', 'p', 1);
       INSERT INTO fencepost.joined_host (run, host, place, batch, site) VALUES
         ('night', 'ex01', 0, 1, NULL), ('night', 'ex02', 1, 1, 'paris'), ('night', 'ex03', 2, 2, 'paris');
       INSERT INTO fencepost.joined_batch (run, batch, hosts) VALUES ('night', 1, 2), ('night', 2, 1);
       DROP ROLE IF EXISTS sixth; CREATE ROLE sixth LOGIN; CALL fencepost.add_site('sixth', 'paris')`,
    );
    expect(await prepareDatabase(databaseAt(old))).toEqual({ from: 6, to: protocol });
    const stand = `SELECT batch, run_hosts, batch_hosts, site_waiting FROM fencepost.stand_for_site($1, $2, NULL, '{}', true)`;
    const role = old.replace('fence@', 'sixth@');
    expect(await postgres.query(role, stand, ['night', 'paris'])).toEqual([
      { batch: 1, run_hosts: 3, batch_hosts: 2, site_waiting: 1 },
    ]);
    await expect(postgres.query(role, stand, ['night', 'london'])).rejects.toThrow('does not act for site london');
  });

  test('is prepared once, by many at once; of a newer version it is refused', async () => {
    const empty = await postgres.createDatabase();
    const made = await Promise.all([1, 2, 3].map(() => prepareDatabase(databaseAt(empty))));
    expect(made.map((one) => one.from).toSorted()).toEqual([0, migrations.length, migrations.length]);
    await postgres.query(empty, 'UPDATE fencepost.setting SET protocol = 99');
    const newer = databaseAt(empty);
    expect((await failureOf(newer.transact(() => Promise.resolve()))).code).toBe('state/other-version');
    expect((await failureOf(prepareDatabase(newer))).code).toBe('state/other-version');
    expect(await standDatabase(newer)).toMatchObject({ protocol: 99, tls: false, replicas: null });
  });

  test('a server that can not be reached, and one without TLS where it has to be, are said', async () => {
    const away = databaseAt('postgres://fence@127.0.0.1:1/fleet?sslmode=disable');
    expect((await failureOf(away.transact(() => Promise.resolve()))).code).toBe('state/unavailable');
    const plain = await failureOf(
      databaseAt(address.replace('?sslmode=disable', '')).transact(() => Promise.resolve()),
    );
    expect([plain.code, plain.hint]).toEqual(['state/unavailable', expect.stringContaining('sslmode=disable')]);
  });
});
