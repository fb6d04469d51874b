// What the runners of one run share, asked as the engine asks it: many claim at once, and none gets what another has; a record that came too late,
// or is not the writer's to write, changes nothing. Random fleets and random turns; the rule of it is checked after each.
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readAddress } from '../../../src/journal/postgres/address.ts';
import { createDatabaseState } from '../../../src/journal/postgres/database-state.ts';
import { createDatabase, type Database } from '../../../src/journal/postgres/database.ts';
import { prepareDatabase } from '../../../src/journal/postgres/prepare.ts';
import type { State } from '../../../src/journal/state.ts';
import type { JoinedHost, JoinedRun, JoinedStanding } from '../../../src/model/joined-run.ts';
import type { RunEvent, Verdict } from '../../../src/model/outcome.ts';
import type { Journal } from '../../../src/model/seams.ts';
import { failedVerdicts } from '../../../src/run/fleet/budget.ts';
import { failureOf } from '../../support/failure-of.ts';
import { readRun } from '../../support/read-journal.ts';
import { amount } from '../../support/amount.ts';
import { at, exclusionStep, hostStarted, runStarted } from '../../journal/events.ts';
import { usePostgres } from '../support/use-postgres.ts';

const { suite, postgres, isMissing } = await usePostgres();
let address = '';
let states: State[] = [];

beforeEach(async () => {
  if (isMissing) return;
  address = await postgres.createDatabase();
  const database = open(address);
  await prepareDatabase(database);
  await database.close();
});
afterEach(async () => {
  for (const state of states) await state.close();
  states = [];
});

function open(where: string): Database {
  return createDatabase(readAddress(where), {
    readFile: () => Promise.reject(new Error('no file')),
    elapsedMs: () => performance.now(),
    warn: () => undefined,
  });
}

interface Runner {
  readonly joined: JoinedRun;
  readonly journal: Journal;
}

async function join(run: string, database = open(address)): Promise<Runner> {
  const state = createDatabaseState(database, () => performance.now());
  states.push(state);
  const joined = state.openJoined({
    run,
    user: 'ops',
    now: () => at,
    onTakeover: () => undefined,
    failing: failedVerdicts,
  });
  if (joined === null) throw new Error('a database can be joined');
  await joined.join();
  return { joined, journal: joined.openJournal() };
}

const hostsOf = (names: readonly string[], differences: Partial<JoinedHost> = {}): readonly JoinedHost[] =>
  names.map((host) => ({ host, batch: 1, group: null, ...differences }));
const started = (run: string, names: readonly string[]): RunEvent => ({
  ...runStarted,
  run,
  hosts: names.map((host) => ({ host, state: 'changes' })),
});
const batch = (number: number, hosts: readonly string[]): RunEvent => ({
  at,
  type: 'batch-started',
  batch: number,
  of: 2,
  hosts,
});
const finished = (host: string, verdict: Verdict = 'changed', down?: readonly string[]): RunEvent => ({
  at,
  type: 'host-finished',
  host,
  verdict,
  detail: '',
  failure: null,
  findings: [],
  ...(down === undefined ? {} : { down }),
});
const start = (host: string): RunEvent => hostStarted(host, [exclusionStep(1, 'ipv4')]);
const always = (): boolean => true;
const lock = (host: string) => ({ key: `10.0.0.1:${host}`, label: host });
const refused = async (work: Promise<unknown>): Promise<string> => (await failureOf(work)).code;

/** A run with a coordinator and another runner; batch 1 is open. */
async function openRun(hosts: readonly JoinedHost[], run = 'r1'): Promise<readonly [Runner, Runner]> {
  const names = hosts.map((one) => one.host);
  const [first, second] = [await join(run), await join(run)];
  await Promise.all([first, second].map(({ joined }) => joined.create({ digest: 'd', text: ['plan'] }, hosts)));
  await first.joined.locks.acquire({ key: `run ${run}`, label: `run ${run}` });
  await first.journal.append(started(run, names));
  await first.journal.append(batch(1, names));
  return [first, second];
}

const events = async (run = 'r1') => {
  const state = createDatabaseState(open(address), () => performance.now());
  states.push(state);
  const { events: found, damage } = await readRun(state.runs, run);
  expect(damage).toBe(null);
  return found;
};

suite('a joined run', () => {
  test('that another makes at this moment is there or not yet there, never a run of one process', async () => {
    for (let night = 0; night < 12; night += 1) {
      const run = `made${String(night)}`;
      const [first, second] = [await join(run), await join(run)];
      const plan = { digest: 'd', text: ['plan'] };
      const looks = Array.from({ length: 12 }, () => second.joined.readStanding());
      const [, ...seen] = await Promise.all([first.joined.create(plan, hostsOf(['ex01'])), ...looks]);
      for (const one of seen) expect(one === null || one.plan === 'd').toBe(true);
      for (const state of states.splice(0)) await state.close();
    }
  });

  test('the shares of its runners are told, whoever asks', async () => {
    const [first, second] = await openRun(hostsOf(['ex01', 'ex02', 'ex03']));
    const told: unknown[] = [];
    const note = ({ runners, own }: { readonly runners: number; readonly own: number }): boolean =>
      told.push([runners, own]) > 0;
    await first.joined.claimHost(note);
    await first.joined.claimHost(note);
    await second.joined.claimHost(note);
    expect(told).toEqual([
      [2, 0],
      [2, 1],
      [2, 0],
    ]);
  });

  test('a host is given to one runner, starts and finishes once, and only with it', async () => {
    const [first, second] = await openRun(hostsOf(['ex01', 'ex02']));
    const claims = await Promise.all([first, second, first, second].map(({ joined }) => joined.claimHost(always)));
    expect(claims.filter((one) => one !== null).toSorted()).toEqual(['ex01', 'ex02']);
    const owner = claims.indexOf('ex01') % 2 === 0 ? first : second;
    const other = owner === first ? second : first;
    expect(await refused(other.joined.locks.acquire(lock('ex01')))).toBe('run/lease-lost');
    expect(await refused(owner.journal.append(start('ex01')))).toBe('run/lease-lost');
    await owner.joined.locks.acquire(lock('ex01'));
    await owner.journal.append(start('ex01'));
    expect(await refused(other.journal.append(start('ex01')))).toBe('run/lease-lost');
    await owner.journal.append(finished('ex01'));
    await Promise.allSettled([other, owner].map(({ journal }) => journal.append(finished('ex01', 'in-doubt'))));
    const own = (await events()).filter((one) => 'host' in one && one.host === 'ex01');
    expect(own.map((one) => one.type)).toEqual(['host-started', 'host-finished']);
  });

  test('an answer that is lost leaves no host with a runner that was never told of it', async () => {
    const [first] = await openRun(hostsOf(['ex01', 'ex02']));
    const database = open(address);
    let lose = 0;
    const losing: Database = {
      ...database,
      async persist(work) {
        for (; lose > 0; lose -= 1) await database.persist(work);
        return database.persist(work);
      },
    };
    const { joined } = await join('r1', losing);
    expect(await joined.claimHost(always)).toBe('ex01');
    lose = 1;
    expect(await joined.claimHost(always)).toBe('ex02');
    expect((await first.joined.readStanding())?.ofRun).toMatchObject({ hasWaiting: false, busy: 2 });
    await joined.returnHost('ex02');
    // What was returned, or is never given out again, is nobody's either.
    lose = 1;
    let isFirst = true;
    const once = (): boolean => isFirst && !(isFirst = false);
    expect(await joined.claimHost(once)).toBe(null);
    expect((await first.joined.readStanding())?.ofRun).toMatchObject({ hasWaiting: true, busy: 1 });
  });

  test('what is new in the journal is waited for while the database is away', async () => {
    const [first, second] = await openRun(hostsOf(['ex01']));
    await second.joined.readStanding();
    await postgres.stopAtOnce();
    const types: string[] = [];
    const read = second.joined.readNew((event) => types.push(event.type));
    await Promise.allSettled([read, postgres.start()]);
    await read;
    expect(types).toEqual(['run-started', 'batch-started']);
    await first.joined.readStanding();
  });

  test('who does not coordinate writes nothing of its frame, and a batch opens once, after the one before it', async () => {
    const [first, second] = await openRun([...hostsOf(['ex01']), ...hostsOf(['ex02'], { batch: 2 })]);
    expect(await refused(second.journal.append(batch(2, ['ex02'])))).toBe('run/lease-lost');
    // ex01 is open.
    await first.journal.append({ at, type: 'batch-finished', batch: 1, failed: 0 });
    await first.journal.append(batch(2, ['ex02']));
    expect((await first.joined.readStanding())?.batch).toBe(1);
    expect(await second.joined.claimHost(always)).toBe('ex01');
    await second.joined.locks.acquire(lock('ex01'));
    await second.journal.append(start('ex01'));
    await second.journal.append(finished('ex01'));
    expect(await second.joined.claimHost(always)).toBe(null);
    await Promise.all([1, 2, 3].map(() => first.journal.append(batch(2, ['ex02']))));
    expect(await second.joined.claimHost(always)).toBe('ex02');
    expect((await events()).filter((one) => one.type === 'batch-started')).toHaveLength(2);
    // Nor does the run end while a host is open.
    await first.journal.append({ at, type: 'run-finished', counts: {} });
    expect((await first.joined.readStanding())?.isClosed).toBe(false);
  });

  test('once it is stopping nobody gets a host, whoever stopped it; that is said once', async () => {
    const [first, second] = await openRun(hostsOf(['ex01', 'ex02']));
    await Promise.all(
      [first, second].map(({ journal }, index) =>
        journal.append({ at, type: 'run-stopping', reason: `reason ${String(index)}` }),
      ),
    );
    expect(await Promise.all([first, second].map(({ joined }) => joined.claimHost(always)))).toEqual([null, null]);
    expect((await events()).filter((one) => one.type === 'run-stopping')).toHaveLength(1);
  });

  test('a runner whose lease is over: what it had not started waits again, what it had is in doubt, and its group stays held', async () => {
    const hosts = [
      ...hostsOf(['ex01'], { group: 'dag1' }),
      ...hostsOf(['ex02'], { group: 'dag2' }),
      ...hostsOf(['ex03'], { group: 'dag1' }),
    ];
    const [first, second] = await openRun(hosts);
    expect([await second.joined.claimHost(always), await second.joined.claimHost(always)]).toEqual(['ex01', 'ex02']);
    expect(await second.joined.claimHost(always)).toBe(null);
    await second.joined.locks.acquire(lock('ex01'));
    await second.journal.append(start('ex01'));
    expect(await first.joined.findLost()).toEqual([]);
    await first.joined.freeLost('ex02');
    // A verdict of a host whose runner lives is not the coordinator's.
    await first.journal.append(finished('ex01', 'in-doubt'));
    expect((await first.joined.readStanding())?.ofRun.busy).toBe(2);
    await postgres.query(
      address,
      `UPDATE fencepost.runner SET expires_at = clock_timestamp() - interval '1 s'
       WHERE id = (SELECT runner FROM fencepost.joined_host WHERE host = 'ex01')`,
    );
    expect((await first.joined.findLost()).map((one) => [one.host, one.isStarted])).toEqual([
      ['ex01', true],
      ['ex02', false],
    ]);
    await first.joined.freeLost('ex02');
    await first.journal.append(finished('ex01', 'in-doubt'));
    expect(await refused(second.joined.locks.acquire(lock('ex02')))).toBe('run/lease-lost');
    const planned: RunEvent = {
      at,
      type: 'command-planned',
      host: 'ex01',
      step: 1,
      direction: 'do',
      line: 'netsh',
      goal: { kind: 'exclusion', store: 'persistent', present: true },
      before: null,
    };
    expect(await refused(second.journal.append(planned))).toBe('run/lease-lost');
    expect(await refused(second.journal.append(finished('ex01')))).toBe('run/lease-lost');
    expect(await first.joined.claimHost(always)).toBe('ex02');
    expect(await first.joined.claimHost(always)).toBe(null);
    expect(await first.joined.listWaiting('held')).toEqual(['ex03']);
  });

  test.each<{ verdict: Verdict; down: readonly string[] | undefined }>([
    { verdict: 'failed-partial', down: ['MSExchangeIMAP4BE'] },
    { verdict: 'in-doubt', down: ['MSExchangeIMAP4BE'] },
    { verdict: 'failed-partial', down: undefined },
    { verdict: 'failed-rolled-back', down: undefined },
  ])('a host that ended $verdict with $down down: whether its group waits, in later batches too', async (one) => {
    const hosts = [
      ...hostsOf(['ex01', 'ex03'], { group: 'dag1' }),
      ...hostsOf(['ex02'], { group: 'dag2' }),
      ...hostsOf(['ex04'], { group: 'dag1', batch: 2 }),
    ];
    const [first, second] = await openRun(hosts);
    expect([await second.joined.claimHost(always), await first.joined.claimHost(always)]).toEqual(['ex01', 'ex02']);
    await second.joined.locks.acquire(lock('ex01'));
    await second.journal.append(start('ex01'));
    expect(await first.joined.claimHost(always)).toBe(null);
    await second.journal.append(finished('ex01', one.verdict, one.down));
    expect((await first.joined.readStanding())?.ofRun).toMatchObject({ busy: 1, failed: 1 });
    expect((await events()).at(-1)).toEqual(finished('ex01', one.verdict, one.down));
    const claims = await Promise.all([first, second].map(({ joined }) => joined.claimHost(always)));
    if (one.down === undefined) {
      expect(claims.filter((host) => host !== null)).toEqual(['ex03']);
      return;
    }
    expect(claims).toEqual([null, null]);
    expect(await first.joined.listWaiting('held')).toEqual(['ex03']);
    // Those that wait get their verdicts, and the next batch opens: the group waits there as well.
    await first.journal.append(finished('ex03', 'skipped'));
    await first.joined.locks.acquire(lock('ex02'));
    await first.journal.append(start('ex02'));
    await first.journal.append(finished('ex02'));
    await first.journal.append({ at, type: 'batch-finished', batch: 1, failed: 1 });
    await first.journal.append(batch(2, ['ex04']));
    expect((await first.joined.readStanding())?.batch).toBe(2);
    expect(await second.joined.claimHost(always)).toBe(null);
    expect(await first.joined.listWaiting('held')).toEqual(['ex04']);
    await first.journal.append(finished('ex04', 'skipped'));
    await first.journal.append({ at, type: 'run-finished', counts: {} });
    expect((await first.joined.readStanding())?.isClosed).toBe(true);
  });

  test.each(['hub', 'site'] as const)(
    'a host of the %s that was left down keeps its group across sites',
    async (down) => {
      const ofSite = { group: 'dag1', site: 'paris', lockKey: '10.0.0.1:ex02' };
      const [first] = await openRun([...hostsOf(['ex01'], { group: 'dag1' }), ...hostsOf(['ex02'], ofSite)]);
      const state = createDatabaseState(open(address), () => performance.now());
      states.push(state);
      const options = {
        user: 'ops',
        now: () => at,
        onTakeover: () => undefined,
        failing: failedVerdicts,
        site: 'paris',
      };
      const joined = state.openSite(options)?.openRun('r1');
      if (joined === undefined) throw new Error('a database has sites');
      await joined.join();
      const site = { joined, journal: joined.openJournal() };
      const [owner, host, other] = down === 'hub' ? [first, 'ex01', site] : [site, 'ex02', first];
      expect(await owner.joined.claimHost(always)).toBe(host);
      await owner.joined.locks.acquire(lock(host));
      await owner.journal.append(start(host));
      await owner.journal.append(finished(host, 'failed-partial', ['MSExchangeIMAP4BE']));
      expect(await other.joined.claimHost(always)).toBe(null);
      expect(await first.joined.listWaiting('held')).toEqual([down === 'hub' ? 'ex02' : 'ex01']);
      await joined.close();
    },
  );

  test('a changed host is claimed to be rolled back by who coordinates, once the run is stopping and its group is free', async () => {
    const hosts = [
      ...hostsOf(['ex01', 'ex02']),
      ...hostsOf(['ex03'], { group: 'dag1' }),
      ...hostsOf(['ex04'], { group: 'dag1' }),
    ];
    const [first, second] = await openRun(hosts);
    for (const host of ['ex01', 'ex02', 'ex03']) {
      expect(await second.joined.claimHost(always)).toBe(host);
      await second.joined.locks.acquire(lock(host));
      await second.journal.append(start(host));
      await second.journal.append(finished(host));
    }
    expect(await second.joined.claimHost(always)).toBe('ex04');
    await second.joined.locks.acquire(lock('ex04'));
    await second.journal.append(start('ex04'));
    expect(await first.joined.claimUndo('ex01')).toBe(false);
    // Nor does a changed host get another verdict before.
    await first.journal.append(finished('ex02', 'failed-partial'));
    await first.journal.append({ at, type: 'run-stopping', reason: 'too many failed' });
    expect(await first.joined.listChanged('all')).toEqual(['ex01', 'ex02', 'ex03']);
    expect(await refused(second.joined.claimUndo('ex01'))).toBe('run/lease-lost');
    // ex04 is of its group.
    expect(await first.joined.claimUndo('ex03')).toBe(false);
    expect(await first.joined.claimUndo('ex01')).toBe(true);
    expect(await first.joined.listChanged('batch')).toEqual(['ex02', 'ex03']);
    await first.joined.locks.acquire(lock('ex01'));
    await first.journal.append(start('ex01'));
    await first.journal.append(finished('ex01', 'rolled-back'));
    // What could not be claimed gets the verdict that says so; nothing else gives a finished host another one.
    await first.journal.append(finished('ex02', 'in-doubt'));
    await first.journal.append(finished('ex03', 'failed-partial'));
    await first.journal.append(finished('ex01', 'failed-partial'));
    expect(await first.joined.countVerdicts()).toEqual({ changed: 1, 'rolled-back': 1, 'failed-partial': 1 });

    // Whoever coordinates is lost: before it starts the host is changed as before, afterwards it is in doubt.
    const expire = `UPDATE fencepost.runner SET expires_at = clock_timestamp() - interval '1 s'
      WHERE id = (SELECT runner FROM fencepost.lease WHERE key = 'run r1')`;
    expect(await first.joined.claimUndo('ex02')).toBe(true);
    await postgres.query(address, expire);
    await second.joined.locks.acquire({ key: 'run r1', label: 'run r1' });
    expect(await second.joined.findLost()).toMatchObject([{ host: 'ex02', isStarted: false, isUndo: true }]);
    await second.joined.freeLost('ex02');
    expect(await second.joined.listChanged('all')).toEqual(['ex02']);
    expect(await refused(first.joined.locks.acquire(lock('ex02')))).toBe('run/lease-lost');
    expect(await second.joined.claimUndo('ex02')).toBe(true);
    await second.joined.locks.acquire(lock('ex02'));
    await second.journal.append(start('ex02'));
    await postgres.query(address, expire);
    const third = await join('r1');
    await third.joined.locks.acquire({ key: 'run r1', label: 'run r1' });
    const lost = (await third.joined.findLost()).filter((one) => one.isUndo);
    expect(lost).toMatchObject([{ host: 'ex02', isStarted: true }]);
    await third.journal.append(finished('ex02', 'in-doubt'));
    expect(await refused(second.journal.append(finished('ex02', 'rolled-back')))).toBe('run/lease-lost');
    expect(await third.joined.countVerdicts()).toEqual({ 'in-doubt': 1, 'rolled-back': 1, 'failed-partial': 1 });
  });

  test('whoever goes on with it alone is refused while a runner lives; afterwards nobody joins it', async () => {
    const [first, second] = await openRun(hostsOf(['ex01']));
    const alone = createDatabaseState(open(address), () => performance.now());
    states.push(alone);
    const self = { machine: 'elsewhere', processId: 1, processStart: null, bootId: randomUUID(), pidNamespace: 'x' };
    const locks = alone.createLocks({ run: 'r1', user: 'ops', now: () => at, onTakeover: () => undefined, self });
    expect(await refused(locks.acquire({ key: 'run r1', label: 'run r1' }))).toBe('run/host-locked');
    expect(await second.joined.claimHost(always)).toBe('ex01');
    await second.joined.locks.acquire(lock('ex01'));
    await postgres.query(address, `UPDATE fencepost.runner SET expires_at = clock_timestamp() - interval '1 s'`);
    await locks.acquire({ key: 'run r1', label: 'run r1' });
    const journal = await alone.runs.reopenRun('r1');
    await journal.append({
      at,
      type: 'run-resumed',
      operator: { user: 'u', machine: 'm', processId: 1, toolVersion: '1' },
    });
    expect((await first.joined.readStanding())?.isClosed).toBe(true);
    expect(await refused(second.journal.append(start('ex01')))).toBe('run/lease-lost');
    expect(await refused(first.joined.claimHost(always))).toBe('run/lease-lost');
    await journal.close();
  });

  test('whatever the turns: no host twice, no two of a group, never more than allowed, none after the budget', async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(null, 'dag1', 'dag2'), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.record({ who: fc.nat(1), does: fc.constantFrom('claim', 'claim', 'finish', 'fail') }), {
          minLength: 1,
          maxLength: 24,
        }),
        async (groups, most, turns) => {
          const run = `p${String((runs += 1))}`;
          const names = groups.map((_, index) => `${run}-${String(index)}`);
          const hosts = names.map((host, index): JoinedHost => ({ host, batch: 1, group: groups[index] ?? null }));
          const runners = await openRun(hosts, run);
          const mayStart = ({ ofRun }: JoinedStanding): boolean => ofRun.busy < most && ofRun.failed === 0;
          const busy = new Map<string, number>();
          const seen = new Set<string>();
          let failed = 0;
          for (const { who, does } of turns) {
            const runner = runners[who];
            if (runner === undefined) continue;
            if (does === 'claim') {
              // Both at once, so that they race.
              const claims = await Promise.all(runners.map(({ joined }) => joined.claimHost(mayStart)));
              for (const [index, host] of claims.entries()) {
                if (host === null) continue;
                expect([failed, seen.has(host)]).toEqual([0, false]);
                seen.add(host);
                busy.set(host, index);
              }
              expect(busy.size).toBeLessThanOrEqual(most);
              const held = [...busy.keys()].flatMap((host) => groups[names.indexOf(host)] ?? []);
              expect(new Set(held).size).toBe(held.length);
            } else {
              const own = [...busy].find(([, index]) => index === who)?.[0];
              if (own === undefined) continue;
              await runner.joined.locks.acquire(lock(own));
              await runner.journal.append(start(own));
              await runner.journal.append(finished(own, does === 'fail' ? 'in-doubt' : 'changed'));
              if (does === 'fail') failed += 1;
              busy.delete(own);
            }
          }
          for (const state of states.splice(0)) await state.close();
        },
      ),
      { numRuns: amount({ share: 12, ci: 50 }) },
    );
  });
});
