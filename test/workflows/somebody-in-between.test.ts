// Somebody else comes between the two halves of a command, or between two rollbacks of one run. What he did stays, and nothing is called as
// it is not. Found by the simulator.
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/lab/machine/machine.ts';
import type { StrangerDeed } from '../../src/lab/scenario/server-spec.ts';
import { doAsStranger } from '../../src/lab/stranger.ts';
import type { Desired } from '../../src/model/desired.ts';
import { families, stores, type Family, type Store } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import { createStopControl } from '../../src/run/fleet/stop.ts';
import { startRun, type RunManners } from '../../src/workflows/execute-run.ts';
import { makeHostJobs } from '../../src/workflows/host-jobs.ts';
import { executeResume, planResume } from '../../src/workflows/resume/resume.ts';
import { executeRollback, planRollback } from '../../src/workflows/roll-back.ts';
import { failureOf } from '../support/failure-of.ts';
import {
  essenceOf,
  lost,
  memoryFleet,
  memoryMachine,
  type MemoryFleetOptions,
  type Trouble,
} from '../support/memory-fleet.ts';
import { planMemory, policyOf } from '../support/memory-run.ts';
import { memorySeams, noInventory } from '../support/memory-seams.ts';
import { memoryStore } from '../support/memory-store.ts';

const manners: RunManners = { endsAt: null, confirmBatch: () => Promise.resolve(true), inventory: undefined };

interface FirstRun {
  readonly desired?: Desired;
  /** What becomes of its requests; the n-th change is named by its number among the changes. */
  readonly trouble?: (change: number) => Trouble | null;
}

async function applyTo(
  machines: readonly Machine[],
  stopAt: string | null = null,
  { desired, trouble }: FirstRun = {},
) {
  const plan = await planMemory(memoryFleet(machines), desired, policyOf({}, { concurrency: 1 }));
  let changes = 0;
  const store = memoryStore();
  const stop = createStopControl();
  const fleet = memoryFleet(machines, {
    trouble({ host, kind }) {
      if (host === stopAt && kind === 'change') stop.request('interrupted');
      if (kind === 'change') changes += 1;
      return trouble?.(changes) ?? null;
    },
  });
  const request = { kind: 'apply', of: null, plan, planFile: null, jobs: makeHostJobs(plan, fleet.targets) } as const;
  const applied = await startRun(request, manners, memorySeams({ connector: fleet.connector, store, stop }));
  const seamsOf = (run: string, options: MemoryFleetOptions = {}) =>
    memorySeams({ connector: memoryFleet(machines, options).connector, store, run });
  const asked = { run: 'a-run', limit: null, force: false, concurrency: 1, inventory: noInventory };
  return {
    verdicts: applied.verdicts.map((one) => one.verdict),
    async rollBack(run: string, options: MemoryFleetOptions = {}) {
      const seams = seamsOf(run, options);
      const planned = await planRollback(asked, seams);
      if (planned.plan.hosts.some((one) => one.state === 'blocked')) return ['blocked'];
      if (planned.plan.hosts.every((one) => one.state !== 'changes')) return ['unchanged'];
      return (await executeRollback(planned, manners, seams)).verdicts.map((one) => one.verdict);
    },
    async planResume(options: MemoryFleetOptions = {}) {
      const seams = seamsOf('unused', options);
      const planned = await planResume(asked, seams);
      return () => executeResume(planned, manners, seams);
    },
  };
}

describe('a resume that was planned', () => {
  test('is refused once the run was rolled back meanwhile, and changes nothing', async () => {
    const machines = ['ex01', 'ex02'].map((name) => memoryMachine(name));
    const before = machines.map(essenceOf);
    const night = await applyTo(machines, 'ex01');
    expect(night.verdicts).toEqual(['changed', 'skipped']);
    const executePlanned = await night.planResume();
    expect(await night.rollBack('back')).toEqual(['changed']);
    const failure = await failureOf(executePlanned());
    expect([failure.code, failure.effect]).toEqual(['run/cannot-resume', 'none']);
    expect(machines.map(essenceOf)).toEqual(before);
  });

  test('is refused once another one has finished, and goes on by itself', async () => {
    const machines = ['ex01', 'ex02'].map((name) => memoryMachine(name));
    const night = await applyTo(machines, 'ex01');
    const [first, second] = [await night.planResume(), await night.planResume()];
    expect((await first()).verdicts.map((one) => one.verdict)).toEqual(['changed', 'changed']);
    expect((await failureOf(second())).code).toBe('run/cannot-resume');
  });
});

/** Rolls back with a stranger before the n-th request, and again without. Null: there is no such request. */
async function rollBackTwice(
  machine: Machine,
  deed: StrangerDeed,
  before: number,
  { left, run }: { readonly left: StrangerDeed; readonly run: FirstRun },
) {
  const expected = structuredClone(machine);
  const night = await applyTo([machine], null, run);
  const met: number[] = [];
  const first = await night.rollBack('back-1', {
    trouble({ number }) {
      if (number !== before) return null;
      met.push(number);
      const was = JSON.stringify(essenceOf(machine));
      doAsStranger(machine, deed);
      if (JSON.stringify(essenceOf(machine)) !== was) doAsStranger(expected, left);
      return null;
    },
  });
  await night.rollBack('back-2');
  const isKept = JSON.stringify(essenceOf(machine)) === JSON.stringify(essenceOf(expected));
  return met.length > 0 ? { before, first, isKept } : null;
}

/** `left`: what of the deed is there without the run. */
async function everyMoment(
  makeMachine: () => Machine,
  deed: StrangerDeed,
  left: StrangerDeed = deed,
  run: FirstRun = {},
) {
  const nights = [];
  for (let before = 1; ; before += 1) {
    const night = await rollBackTwice(makeMachine(), deed, before, { left, run });
    if (night === null) return nights;
    nights.push(night);
  }
}

function reservePop(families: readonly Family[]): StrangerDeed {
  return { does: 'reserve', protocol: 'tcp', range: portRange(9955), store: 'persistent', families };
}

describe('what somebody else reserves during a rollback', () => {
  test('is left by the next rollback too, where each family has a list of its own', async () => {
    const nights = await everyMoment(() => memoryMachine('ex01', {}, { oneList: false }), reservePop(['ipv6']));
    expect(nights.filter((one) => !one.isKept)).toEqual([]);
    expect(nights.flatMap((one) => one.first)).toContain('failed-partial');
  });

  test('is not deleted by a command that nothing asks for any more, where the range was in force before', async () => {
    const row = { range: portRange(9955), protocol: 'tcp', administered: true, stores: ['active'], families } as const;
    const nights = await everyMoment(() => memoryMachine('ex01', { exclusions: [row] }), reservePop(families));
    expect(nights.filter((one) => !one.isKept)).toEqual([]);
    expect(nights.length).toBeGreaterThan(4);
  });
});

test('what somebody else reserves after a rollback has seen that a lost command did not bring it about is left by the next one', async () => {
  // Each family has a list of its own; of the third change, for IPv4, the answer is lost, and the host is away from then on.
  const run: FirstRun = {
    trouble: (change) => (change < 3 ? null : { at: change === 3 ? 'after' : 'before', failure: lost('unknown') }),
  };
  const makeMachine = () => memoryMachine('ex01', {}, { oneList: false });
  const nights = await everyMoment(makeMachine, reservePop(['ipv6']), reservePop(['ipv6']), run);
  // Of what was there before its first look, or seen by one that began nothing, no journal has when it came.
  const began = nights.filter(
    (one) => one.before > 2 && !['unchanged', 'blocked', 'stale'].includes(one.first[0] ?? ''),
  );
  expect(began.filter((one) => !one.isKept)).toEqual([]);
  expect(began.length).toBeGreaterThan(4);
});

test('what a lost command did, and a rollback saw before it began, somebody else has released since', async () => {
  // Of the third change, for IPv4 on a list of its own, the answer is lost, and the host is away from then on.
  const machine = memoryMachine('ex01', {}, { oneList: false });
  const night = await applyTo([machine], null, {
    trouble: (change) => (change < 3 ? null : { at: change === 3 ? 'after' : 'before', failure: lost('unknown') }),
  });
  const isAway = { at: 'before', failure: lost('unknown') } as const;
  const trouble: MemoryFleetOptions['trouble'] = ({ kind }) => (kind === 'change' ? isAway : null);
  expect(await night.rollBack('back-1', { trouble })).toEqual(['failed-partial']);
  const isIn = (store: Store) => machine.exclusions.tcp.ipv4[store].some((one) => one.range.firstPort === 9955);
  expect(stores.map(isIn)).toEqual([true, true]);
  const port = { protocol: 'tcp', range: portRange(9955), store: 'active', families: ['ipv4'] } as const;
  doAsStranger(machine, { ...port, does: 'release' });
  const left = essenceOf(machine);
  expect(await night.rollBack('back-2')).toEqual(['blocked']);
  expect(essenceOf(machine)).toEqual(left);
});

test('what somebody else puts in force during a rollback that makes it permanent alone stays in force', async () => {
  const range = portRange(7000, 10);
  const row = { range, protocol: 'tcp', administered: true, stores: ['persistent'], families } as const;
  const absent = { range, protocol: 'tcp', presence: 'absent', service: null, families } as const;
  const run: FirstRun = { desired: { exclusions: [absent], whenHeldByOwnService: 'block' } };
  const deed = (store: Store): StrangerDeed => ({ does: 'reserve', protocol: 'tcp', range, store, families: ['ipv4'] });
  const makeMachine = () => memoryMachine('ex01', { exclusions: [row] }, { oneList: false });
  const nights = await everyMoment(makeMachine, deed('persistent'), deed('active'), run);
  // Where it was there before the rollback began, that is a conflict: nothing is touched.
  const began = nights.filter((one) => !['unchanged', 'blocked', 'stale'].includes(one.first[0] ?? ''));
  expect(began.filter((one) => !one.isKept)).toEqual([]);
  expect(nights.flatMap((one) => one.first)).toContain('failed-partial');
});

test('what somebody else releases during a rollback is not put back, where the run had only made it permanent', async () => {
  const row = { range: portRange(9955), protocol: 'tcp', administered: true, stores: ['active'], families } as const;
  const release = (store: Store): StrangerDeed => {
    return { does: 'release', protocol: 'tcp', range: portRange(9955), store, families };
  };
  for (const store of stores) {
    const makeMachine = () => memoryMachine('ex01', { exclusions: [row] }, { oneList: true });
    const nights = await everyMoment(makeMachine, release(store), release('active'));
    // Where it was released before the rollback began, that is a conflict: nothing is touched.
    const wrong = nights.filter(
      (one) => !one.isKept && !['unchanged', 'blocked', 'stale'].includes(one.first[0] ?? ''),
    );
    expect([store, wrong]).toEqual([store, []]);
    expect(nights.flatMap((one) => one.first)).toContain('failed-partial');
  }
});

test('what somebody takes out of force before a resume that cannot put it back is for the operator', async () => {
  const machine = memoryMachine('ex01', {}, { oneList: false });
  const gone: Trouble = { at: 'before', failure: lost('unknown') };
  // The third change is lost, and the host is away for the undo.
  const night = await applyTo([machine], null, { trouble: (change) => (change < 3 ? null : gone) });
  const imap: StrangerDeed = { does: 'release', protocol: 'tcp', range: portRange(9933), store: 'active', families };
  doAsStranger(machine, imap);
  let changes = 0;
  const executePlanned = await night.planResume({
    trouble({ kind }) {
      if (kind === 'change') changes += 1;
      return changes < 2 || kind !== 'change' ? null : gone;
    },
  });
  const resumed = await executePlanned();
  expect(resumed.verdicts.map((one) => one.verdict)).toEqual(['failed-partial']);
  const left = essenceOf(machine);
  expect(machine.exclusions.tcp.ipv6.active.some((one) => one.range.firstPort === 9933)).toBe(false);
  expect(machine.exclusions.tcp.ipv6.persistent.some((one) => one.range.firstPort === 9933)).toBe(true);
  expect(await night.rollBack('back')).toEqual(['blocked']);
  expect(essenceOf(machine)).toEqual(left);
});

test('a service that somebody stops after the run has started it again is named', async () => {
  const machine = memoryMachine('ex01', { imap: 'running' });
  const plan = await planMemory(memoryFleet([machine]));
  let isStopped = false;
  const fleet = memoryFleet([machine], {
    trouble({ kind, line }) {
      const isReserved = machine.exclusions.tcp.ipv6.persistent.some((one) => one.range.firstPort === 9955);
      if (isStopped || kind !== 'ask' || !line.includes('ver & ') || !isReserved) return null;
      isStopped = true;
      doAsStranger(machine, { does: 'stop', service: 'MSExchangeIMAP4BE' });
      return null;
    },
  });
  const request = { kind: 'apply', of: null, plan, planFile: null, jobs: makeHostJobs(plan, fleet.targets) } as const;
  const { verdicts } = await startRun(request, manners, memorySeams({ connector: fleet.connector }));
  expect(isStopped).toBe(true);
  expect(verdicts[0]?.detail).toContain('MSExchangeIMAP4BE RAN AGAIN AND IS STOPPED NOW: somebody else stopped it');
});
