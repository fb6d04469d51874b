// One of a group at a time, and an outage that did not end still is one: whoever of the group was not started when a host of it was left down
// stays as it is, in apply, resume and rollback. The services of the machines are the judge, looked at before every request.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/lab/machine/machine.ts';
import { findService, finishPending, startService } from '../../src/lab/machine/service-control.ts';
import type { Desired } from '../../src/model/desired.ts';
import type { HostVerdict } from '../../src/model/outcome.ts';
import type { OnFailure, Policy, Strategy } from '../../src/model/strategy.ts';
import { startRun, type RunManners } from '../../src/workflows/execute-run.ts';
import { makeHostJobs } from '../../src/workflows/host-jobs.ts';
import { executeResume, planResume } from '../../src/workflows/resume/resume.ts';
import { executeRollback, planRollback } from '../../src/workflows/roll-back.ts';
import { amount } from '../support/amount.ts';
import { createController } from '../support/controller.ts';
import {
  essenceOf,
  lost,
  memoryFleet,
  memoryMachine,
  type MemoryRequest,
  type Trouble,
} from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { backEndPorts, manyPorts, planMemory, policyOf } from '../support/memory-run.ts';
import { memorySeams, noInventory } from '../support/memory-seams.ts';
import { memoryStore, type MemoryStore, type SavedRun } from '../support/memory-store.ts';

const imap = 'MSExchangeIMAP4BE';
const stopping = /\bsc(?:\.exe)? stop\b/i;
const manners: RunManners = { endsAt: null, confirmBatch: () => Promise.resolve(true), inventory: undefined };
const forgiving = { maxFailed: { kind: 'percent', percent: 100 } } as const;

type Groups = Readonly<Record<string, string | null>>;

interface NightOptions {
  readonly strategy?: Partial<Strategy>;
  readonly policy?: Partial<Omit<Policy, 'strategy'>>;
  readonly desired?: Desired;
}

/** Servers whose IMAP back end runs, in these groups, in this order; planned. */
async function beginNight(groups: Groups, { strategy = {}, policy = {}, desired = backEndPorts }: NightOptions = {}) {
  const machines = Object.keys(groups).map((name) => memoryMachine(name, { imap: 'running' }));
  const machine = (host: string): Machine => {
    const found = machines.find((one) => one.name === host);
    if (found === undefined) throw new Error(`there is no ${host}`);
    return found;
  };
  const before = new Map(machines.map((one) => [one.name, JSON.stringify(essenceOf(one))]));
  const isUp = (host: string): boolean => findService(machine(host), imap)?.state === 'running';
  /** Hosts that were sent a change. */
  const sentTo = new Set<string>();
  /** Hosts that were down, or told to stop a service, while another of their group was down. */
  const together = new Set<string>();
  const isAnotherDown = (host: string): boolean =>
    Object.keys(groups).some(
      (other) => other !== host && groups[other] === groups[host] && groups[host] !== null && !isUp(other),
    );
  const look = (): void => {
    for (const host of Object.keys(groups)) if (!isUp(host) && isAnotherDown(host)) together.add(host);
  };
  const note = ({ host, kind, line }: MemoryRequest): void => {
    if (kind === 'change') sentTo.add(host);
    if (kind === 'change' && stopping.test(line) && isAnotherDown(host)) together.add(host);
  };
  let trouble: (request: MemoryRequest) => Trouble | null = () => null;
  const plan = await planMemory(
    memoryFleet(machines),
    desired,
    policyOf(policy, { ...forgiving, ...strategy }),
    (host) => groups[host] ?? null,
  );
  let saved: ReadonlyMap<string, SavedRun> = new Map();
  const began: (readonly string[])[] = [];
  const open = (run: string, controller = createController()) => {
    const fleet = memoryFleet(machines, {
      controller,
      trouble(request) {
        look();
        note(request);
        return trouble(request);
      },
    });
    // A process that is dead writes nothing any more.
    const store = memoryStore({ runs: saved, journal: memoryJournal({ controller }) });
    return { fleet, seams: memorySeams({ connector: fleet.connector, store, run }) };
  };
  const tell = (verdicts: readonly HostVerdict[], run: string, store: MemoryStore) => {
    look();
    const earlier = saved.get(run)?.events.length ?? 0;
    saved = store.saved();
    const events = (saved.get(run)?.events ?? []).slice(earlier);
    began.push(events.flatMap((one) => (one.type === 'host-started' ? [one.host] : [])));
    return Object.fromEntries(verdicts.map((one) => [one.host, one]));
  };
  return {
    sentTo,
    together,
    isUp,
    isAsBefore: (host: string) => JSON.stringify(essenceOf(machine(host))) === before.get(host),
    /** `sc start` of the service fails on that host from now on, or no more. */
    breakStart(host: string, isBroken = true) {
      Object.assign(machine(host).quirks, { scStartFails: isBroken ? imap : null });
    },
    start(host: string) {
      const service = findService(machine(host), imap);
      if (service === undefined || startService(machine(host), service) !== null)
        throw new Error(`${host} has no ${imap}`);
      finishPending(machine(host), service);
    },
    refuseAdd(host: string) {
      Object.assign(machine(host).quirks, { refuseAdd: 'ipv4' });
    },
    setTrouble(next: typeof trouble) {
      trouble = next;
    },
    /** Hosts that were started, in their order, by the latest command. */
    startedLast: () => began.at(-1) ?? [],
    async apply(controller = createController()) {
      const { fleet, seams } = open('a-run', controller);
      const request = {
        kind: 'apply',
        of: null,
        plan,
        planFile: null,
        jobs: makeHostJobs(plan, fleet.targets),
      } as const;
      const ended = startRun(request, manners, seams);
      const outcome = await Promise.race([ended, controller.died]);
      return tell(outcome?.verdicts ?? [], 'a-run', seams.store);
    },
    async resume() {
      const { seams } = open('unused');
      const planned = await planResume({ run: 'a-run', concurrency: 10, inventory: noInventory }, seams);
      const { verdicts } = await executeResume(planned, manners, seams);
      return tell(verdicts, 'a-run', seams.store);
    },
    async rollBack(run: string, limit: string | null = null) {
      const { seams } = open(run);
      const asked = { run: 'a-run', limit, force: false, concurrency: 10, inventory: noInventory };
      const { verdicts } = await executeRollback(await planRollback(asked, seams), manners, seams);
      return tell(verdicts, run, seams.store);
    },
  };
}

type Night = Awaited<ReturnType<typeof beginNight>>;

const words = (verdicts: Readonly<Record<string, HostVerdict>>) =>
  Object.fromEntries(Object.entries(verdicts).map(([host, one]) => [host, one.verdict]));

const settle = (host: string, by = 'fencepost resume a-run, or: fencepost rollback a-run'): string =>
  `${host} of its group (group = dag1) was left with ${imap} stopped, as far as known; settle ${host} first: ${by}`;

/** The answer to the first change of that host is lost, whatever the host did, and nobody reaches it any more. */
function loseAfterStop(night: Night, lostHost: string): void {
  let isGone = false;
  night.setTrouble(({ host, kind, line }) => {
    if (host !== lostHost) return null;
    if (isGone) return { at: 'before', failure: lost('none') };
    isGone = kind === 'change' && stopping.test(line);
    return isGone ? { at: 'before', failure: lost('unknown') } : null;
  });
}

describe('apply', () => {
  const fleet = { ex01: 'dag1', ex02: 'dag2', ex03: 'dag1', ex04: 'dag2', ex05: null };
  test.each<{ name: string; strategy: Partial<Strategy>; policy?: Partial<Policy> }>([
    { name: 'all at once', strategy: {} },
    { name: 'one at a time', strategy: { concurrency: 1 } },
    { name: 'in batches of one', strategy: { batches: [{ kind: 'count', hosts: 1 }] } },
    { name: 'and nothing is rolled back', strategy: {}, policy: { onFailure: 'stop' } },
  ])('a host is left down ($name): the others of its group stay as they are, the other groups go on', async (one) => {
    const night = await beginNight(fleet, one);
    night.breakStart('ex01');
    const verdicts = await night.apply();
    expect(night.isUp('ex01')).toBe(false);
    expect([...night.sentTo].toSorted()).toEqual(['ex01', 'ex02', 'ex04', 'ex05']);
    expect([night.isUp('ex03'), night.isAsBefore('ex03')]).toEqual([true, true]);
    expect(words(verdicts)).toEqual({
      ex01: 'failed-partial',
      ex02: 'changed',
      ex03: 'skipped',
      ex04: 'changed',
      ex05: 'changed',
    });
    expect(verdicts['ex01']?.down).toEqual([imap]);
    expect(verdicts['ex03']).toMatchObject({ detail: `not started: ${settle('ex01')}`, failure: null });
  });

  test('a host that may be down, for nobody could ask it any more, keeps its group waiting as well', async () => {
    const night = await beginNight(fleet);
    loseAfterStop(night, 'ex01');
    const verdicts = await night.apply();
    expect(words(verdicts)).toMatchObject({ ex01: 'in-doubt', ex02: 'changed', ex03: 'skipped', ex04: 'changed' });
    expect(verdicts['ex03']?.detail).toBe(`not started: ${settle('ex01')}`);
    expect(night.isAsBefore('ex03')).toBe(true);
    expect(night.sentTo.has('ex03')).toBe(false);
  });

  test('a host that failed and runs again keeps nobody waiting', async () => {
    const night = await beginNight(fleet);
    night.refuseAdd('ex01');
    expect(words(await night.apply())).toMatchObject({ ex01: 'failed-rolled-back', ex03: 'changed' });
    expect([...night.together]).toEqual([]);
    expect(night.isUp('ex01')).toBe(true);
  });

  test('hosts of no group are kept apart from none', async () => {
    const night = await beginNight({ ex01: null, ex02: null });
    night.breakStart('ex01');
    expect(words(await night.apply())).toEqual({ ex01: 'failed-partial', ex02: 'changed' });
  });

  test.each<OnFailure>(['rollback_batch', 'rollback_run'])(
    '%s: what was changed of the group before is not rolled back beside it, and says so; other groups are',
    async (onFailure) => {
      const maxFailed = { kind: 'count', hosts: 0 } as const;
      const night = await beginNight(
        { ex01: 'dag1', ex02: 'dag2', ex03: 'dag1', ex04: 'dag1' },
        { strategy: { concurrency: 1, maxFailed }, policy: { onFailure } },
      );
      night.breakStart('ex03');
      const verdicts = await night.apply();
      expect(words(verdicts)).toEqual({
        ex01: 'failed-partial',
        ex02: 'rolled-back',
        ex03: 'failed-partial',
        ex04: 'skipped',
      });
      expect(verdicts['ex01']?.detail).toBe(
        `changed; because other hosts failed, could not roll back: ${settle('ex03')}`,
      );
      expect([night.isUp('ex01'), night.isAsBefore('ex01'), night.isAsBefore('ex02')]).toEqual([true, false, true]);
      expect([...night.together]).toEqual([]);
      // Once it is settled, one command brings all of it back.
      night.breakStart('ex03', false);
      expect(words(await night.rollBack('back'))).toMatchObject({ ex01: 'changed', ex03: 'changed' });
      for (const host of ['ex01', 'ex02', 'ex03', 'ex04']) expect([host, night.isAsBefore(host)]).toEqual([host, true]);
    },
  );
});

describe('resume', () => {
  /** ex02 is left down; ex01 of its group, which comes before it in the plan, could not be reached and is not started yet. */
  async function afterFailure(options: NightOptions = {}) {
    const night = await beginNight({ ex01: 'dag1', ex02: 'dag1', ex03: 'dag1', ex04: 'dag2' }, options);
    night.breakStart('ex02');
    night.setTrouble(({ host }) => (host === 'ex01' ? { at: 'before', failure: lost('none') } : null));
    const verdicts = words(await night.apply());
    expect(verdicts).toEqual({ ex01: 'unreachable', ex02: 'failed-partial', ex03: 'skipped', ex04: 'changed' });
    night.setTrouble(() => null);
    return night;
  }

  test.each<{ name: string; strategy: Partial<Strategy> }>([
    { name: 'all at once', strategy: {} },
    { name: 'with a canary', strategy: { canary: 1 } },
  ])('settles the host that is down first, then changes the rest of its group ($name)', async ({ strategy }) => {
    const night = await afterFailure({ strategy });
    night.breakStart('ex02', false);
    const verdicts = await night.resume();
    expect(night.startedLast()).toEqual(['ex02', 'ex01', 'ex03']);
    expect(words(verdicts)).toEqual({ ex01: 'changed', ex02: 'changed', ex03: 'changed', ex04: 'changed' });
    expect([...night.together]).toEqual([]);
    for (const host of ['ex01', 'ex02', 'ex03', 'ex04']) expect([host, night.isUp(host)]).toEqual([host, true]);
  });

  test.each<{ name: string; prepare: (night: Night) => void }>([
    { name: 'does not start again', prepare: () => undefined },
    {
      name: 'can not be reached',
      prepare(night) {
        night.setTrouble(({ host }) => (host === 'ex02' ? { at: 'before', failure: lost('none') } : null));
      },
    },
  ])('the host that is down $name: the rest of its group stays as it is', async ({ prepare }) => {
    const night = await afterFailure();
    prepare(night);
    const verdicts = await night.resume();
    expect(night.isUp('ex02')).toBe(false);
    expect(words(verdicts)).toMatchObject({ ex01: 'skipped', ex03: 'skipped', ex04: 'changed' });
    for (const host of ['ex01', 'ex03']) {
      expect(verdicts[host]?.detail).toBe(`not started: ${settle('ex02')}`);
      expect([night.isAsBefore(host), night.sentTo.has(host)]).toEqual([true, false]);
    }
  });

  test('somebody started the service of the host that was down: it keeps nobody waiting', async () => {
    const night = await afterFailure();
    night.breakStart('ex02', false);
    night.start('ex02');
    const verdicts = await night.resume();
    expect(words(verdicts)).toMatchObject({ ex01: 'changed', ex02: 'changed', ex03: 'changed' });
    expect([...night.together]).toEqual([]);
  });

  test('of a run that died in a later batch: the host that is down comes before that batch goes on', async () => {
    const night = await beginNight(
      { ex01: 'dag1', ex02: 'dag2', ex03: 'dag2', ex04: 'dag1' },
      { strategy: { batches: [{ kind: 'count', hosts: 2 }], concurrency: 1 } },
    );
    night.breakStart('ex01');
    const controller = createController();
    night.setTrouble(({ host, kind }) =>
      host === 'ex03' && kind === 'change' ? { at: 'before', failure: 'killed' } : null,
    );
    await night.apply(controller);
    expect(night.isUp('ex01')).toBe(false);
    night.setTrouble(() => null);
    night.breakStart('ex01', false);
    const verdicts = await night.resume();
    expect(night.startedLast()).toEqual(['ex01', 'ex03', 'ex04']);
    expect(words(verdicts)).toEqual({ ex01: 'changed', ex02: 'changed', ex03: 'changed', ex04: 'changed' });
    expect([...night.together]).toEqual([]);
  });
});

describe('rollback', () => {
  /** ex01 is changed, ex02 of its group is left down. */
  async function afterFailure() {
    const night = await beginNight({ ex01: 'dag1', ex02: 'dag1', ex03: 'dag2' });
    night.breakStart('ex02');
    expect(words(await night.apply())).toEqual({ ex01: 'changed', ex02: 'failed-partial', ex03: 'changed' });
    return night;
  }

  test('brings the host that is down back first, then the rest of its group', async () => {
    const night = await afterFailure();
    night.breakStart('ex02', false);
    expect(words(await night.rollBack('back'))).toEqual({ ex01: 'changed', ex02: 'changed', ex03: 'changed' });
    const started = night.startedLast().filter((host) => host !== 'ex03');
    expect(started).toEqual(['ex02', 'ex01']);
    for (const host of ['ex01', 'ex02', 'ex03']) expect([host, night.isAsBefore(host)]).toEqual([host, true]);
  });

  test('while it stays down nothing else of the group is touched, unless it is named', async () => {
    const night = await afterFailure();
    const verdicts = await night.rollBack('back-1');
    const wayOut =
      'fencepost rollback a-run; should it not come back, roll back those you name: fencepost rollback a-run -l HOST';
    expect(words(verdicts)).toMatchObject({ ex01: 'skipped', ex03: 'changed' });
    // The journal of a rollback knows the value of the variable, not its name.
    expect(verdicts['ex01']?.detail).toBe(`not started: ${settle('ex02', wayOut).replace('group = dag1', 'dag1')}`);
    expect([night.isUp('ex02'), night.isUp('ex01'), night.isAsBefore('ex01')]).toEqual([false, true, false]);
    expect(words(await night.rollBack('back-2', 'ex01'))).toEqual({ ex01: 'changed' });
    expect(night.isAsBefore('ex01')).toBe(true);
  });
});

test('random nights: never two of a group down at once, whatever breaks, in apply, resume and rollback', async () => {
  const hosts = ['ex01', 'ex02', 'ex03', 'ex04', 'ex05', 'ex06'];
  const some = fc.record({
    groups: fc.array(fc.constantFrom('dag1', 'dag2', null), { minLength: 6, maxLength: 6 }),
    broken: fc.subarray(hosts),
    refusing: fc.subarray(hosts),
    lostAt: fc.integer({ min: 1, max: 40 }),
    lostHost: fc.constantFrom(...hosts),
    diesAt: fc.option(fc.integer({ min: 5, max: 60 })),
    size: fc.integer({ min: 1, max: 6 }),
    canary: fc.nat(1),
    concurrency: fc.integer({ min: 1, max: 4 }),
    onFailure: fc.constantFrom<OnFailure>('stop', 'rollback_host', 'rollback_batch', 'rollback_run'),
    maxFailed: fc.integer({ min: 0, max: 3 }),
    mended: fc.subarray(hosts),
    next: fc.constantFrom('resume', 'rollback'),
    desired: fc.constantFrom(backEndPorts, manyPorts),
  });
  await fc.assert(
    fc.asyncProperty(some, async (one) => {
      const groups = Object.fromEntries(hosts.map((host, index) => [host, one.groups[index] ?? null]));
      const { size, canary, concurrency, maxFailed, onFailure } = one;
      const strategy: Partial<Strategy> = {
        canary,
        batches: [{ kind: 'count', hosts: size }],
        concurrency,
        maxFailed: { kind: 'count', hosts: maxFailed },
      };
      const night = await beginNight(groups, { strategy, policy: { onFailure }, desired: one.desired });
      for (const host of one.broken) night.breakStart(host);
      for (const host of one.refusing) night.refuseAdd(host);
      const isMended = one.mended.includes(one.lostHost);
      let isFirstLife = true;
      night.setTrouble(({ host, number, kind }) => {
        if (isFirstLife && number === one.diesAt) return { at: 'after', failure: 'killed' };
        if (isMended && !isFirstLife) return null;
        if (host !== one.lostHost || number < one.lostAt) return null;
        return { at: kind === 'change' ? 'after' : 'before', failure: lost(kind === 'change' ? 'unknown' : 'none') };
      });
      await night.apply();
      for (const host of one.mended) night.breakStart(host, false);
      isFirstLife = false;
      if (one.next === 'resume') await night.resume();
      else await night.rollBack('back');
      expect([...night.together]).toEqual([]);
    }),
    { numRuns: amount({ share: 12, ci: 200, all: 2000 }) },
  );
});
