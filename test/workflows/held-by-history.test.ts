// What is held of each host once a run's journal is read for a rollback, a resume or a joined run's verdicts, while it is read, and to the end of what
// is made of it; and that its inventory is not beside it in memory. V8 lets the heap grow to several times of that before it collects again. V8 is asked to collect, and what stays is divided by the hosts.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { restoreConnection } from '../../src/inventory/saved-connection.ts';
import { createReplay } from '../../src/journal/replay.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import type { HostPlan } from '../../src/model/plan.ts';
import type { SavedConnection } from '../../src/model/target.ts';
import { createSharing } from '../../src/plan/share-alike.ts';
import { readPlanToApply } from '../../src/workflows/read-plan.ts';
import { planResume } from '../../src/workflows/resume/resume.ts';
import { createJobs } from '../../src/workflows/resume/resumed-job.ts';
import { createRollbackJobs, planRollback } from '../../src/workflows/roll-back.ts';
import { loadAhead } from '../../src/workflows/saved-targets.ts';
import type { OwnInventory } from '../../src/workflows/seams.ts';
import { collectGarbage, heapBytes } from '../support/heap.ts';
import { memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, planMemory, startMemory } from '../support/memory-run.ts';
import { memorySeams, type MemorySeams } from '../support/memory-seams.ts';
import { memoryStore } from '../support/memory-store.ts';
import { replayRun } from '../support/read-journal.ts';

const hosts = 2000;

async function someRun(): Promise<readonly RunEvent[]> {
  const fleet = memoryFleet([memoryMachine('ex01', { imap: 'running' })]);
  const journal = memoryJournal();
  await applyMemory(fleet, await planMemory(fleet), { journal });
  return journal.events;
}

/** As a journal is read: no event is an object of another. */
function* manyEvents(events: readonly RunEvent[]): Generator<RunEvent> {
  const own = events.filter((event) => 'host' in event);
  const [first] = events;
  if (first?.type === 'run-started') yield first;
  for (let index = 0; index < hosts; index += 1) {
    for (const event of own) yield JSON.parse(JSON.stringify({ ...event, host: `ex${String(index)}` })) as RunEvent;
  }
}

test('of a host that was through, its facts and little more', async () => {
  const events = await someRun();
  const before = heapBytes();
  const [sharing, replay] = [createSharing(), createReplay()];
  for (const event of manyEvents(events)) replay.event(sharing.event(event));
  const read = (heapBytes() - before) / hosts;
  const history = replay.history();
  const told = (heapBytes() - before) / hosts;
  expect(history?.hosts.map((one) => [one.verdict?.verdict, one.steps.length])).toEqual(
    Array.from({ length: hosts }, () => ['changed', 6]),
  );
  // 7.6 and 9.1 kB when none of them was settled.
  expect(read).toBeLessThan(1000);
  expect(told).toBeLessThan(1100);
});

test('in a job of a rollback, nothing of the history but its steps', async () => {
  const fleet = memoryFleet([memoryMachine('ex01', { imap: 'running' })]);
  const { hosts: plans } = await planMemory(fleet);
  const [plan, target] = [plans[0], fleet.targets[0]];
  const makeJob = createRollbackJobs();
  const kept: WeakRef<object>[] = [];
  const jobs: unknown[] = [];
  const replay = createReplay();
  const sharing = createSharing();
  for (const event of manyEvents(await someRun())) replay.event(sharing.event(event));
  const read = replay.history()?.hosts ?? [];
  if (plan === undefined || target === undefined) throw new Error('no host');
  // Each with facts of its own.
  for (const one of read.slice(0, 100)) {
    const history = { ...one, before: { ...one.before } };
    kept.push(new WeakRef(history), new WeakRef(history.before));
    jobs.push(makeJob(plan, history, target));
  }
  // A weak reference holds on until the turn in which it was made is over.
  await nextTurn();
  collectGarbage();
  const alive = kept.filter((one) => one.deref() !== undefined).length;
  expect(jobs).toHaveLength(100);
  // The last one is still in the loop's variables.
  expect(alive).toBeLessThanOrEqual(2);
});

test('in a job of a resumed run, as little as in any other', async () => {
  const fleet = memoryFleet([memoryMachine('ex01', { imap: 'running' })]);
  const [planned] = (await planMemory(fleet)).hosts;
  if (planned === undefined) throw new Error('no host');
  const history = replayRun([...(await someRun())]);
  const scope = { touched: new Set<string>(), started: new Map() };
  const plans = Array.from({ length: 5 * hosts }, () => planned);
  const made = (): unknown => plans.map(createJobOf());
  function createJobOf() {
    const makeJob = createJobs({ ...history, hosts: [] }, scope, fleet.targets, new Set());
    return (plan: HostPlan) => makeJob(plan, false);
  }
  // V8's own part of the first thousands is not theirs.
  const first = made();
  const before = heapBytes();
  const second = made();
  const bytesEach = (heapBytes() - before) / plans.length;
  expect([first, second].map((one) => (one as readonly unknown[]).length)).toEqual([5 * hosts, 5 * hosts]);
  // 575 bytes with a shape for each.
  expect(bytesEach).toBeLessThan(450);
});

describe('an inventory', () => {
  const nothing = { targets: [], groups: new Map(), unsupported: new Map(), warnings: [], files: [], sha256: '' };

  test('that is read ahead is held until it is asked for, and what is wrong with it is told then', async () => {
    const seen: WeakRef<object>[] = [];
    const load = () => {
      const inventory = { ...nothing };
      seen.push(new WeakRef(inventory));
      return Promise.resolve(inventory);
    };
    const ahead = await loadAhead({ named: undefined, canAsk: false, load });
    expect(seen).toHaveLength(1);
    expect((await ahead.load())?.sha256).toBe('');
    expect(seen).toHaveLength(1);
    await nextTurn();
    await nextTurn();
    collectGarbage();
    expect(seen.map((one) => one.deref())).toEqual([undefined]);
    await ahead.load();
    expect(seen).toHaveLength(2);

    const broken = await loadAhead({
      named: undefined,
      canAsk: false,
      load: () => Promise.reject(new Error('broken')),
    });
    await expect(broken.load()).rejects.toThrow('broken');
  });

  test('is read before the journal of the run that it is for', async () => {
    const fleet = memoryFleet([memoryMachine('ex01')]);
    const plan = await planMemory(fleet);
    const started = startMemory(fleet, plan, { journal: memoryJournal() });
    await started.outcome;
    const order = async (work: (seams: MemorySeams, inventory: OwnInventory) => Promise<unknown>) => {
      const told: string[] = [];
      const kept = memoryStore({ runs: started.saved() });
      const store: typeof kept = {
        ...kept,
        readRun(run, visit) {
          told.push('journal');
          return kept.readRun(run, visit);
        },
        readPlan(run) {
          told.push('plan');
          return kept.readPlan(run);
        },
      };
      const load = () => {
        told.push('inventory');
        return Promise.resolve(null);
      };
      const inventory = { named: undefined, canAsk: true, load };
      await work(memorySeams({ connector: fleet.connector, store }), inventory);
      return [told[0], told.filter((one) => one === 'inventory').length];
    };
    const ask = { run: 'a-run', limit: null, force: false, concurrency: 1 };
    expect(await order((seams, inventory) => planRollback({ ...ask, inventory }, seams))).toEqual(['inventory', 1]);
    expect(await order((seams, inventory) => planResume({ ...ask, inventory }, seams))).toEqual(['inventory', 1]);
    const saved = { name: 'tonight.plan', isApplied: false } as const;
    const apply = async (seams: MemorySeams, inventory: OwnInventory) =>
      readPlanToApply({ ...saved, text: seams.store.readPlan('a-run'), inventory }, seams);
    expect((await order(apply))[1]).toBe(1);
  });
});

test('of how it is reached, one object of the same shape as that of every other', () => {
  const saved: SavedConnection = {
    address: 'ex01.corp.example',
    port: 5986,
    scheme: 'https',
    path: '/wsman',
    auth: 'kerberos',
    username: 'CORP\\ops',
    caFile: null,
    tlsServerName: null,
    timeouts: { connectMs: 10_000, operationMs: 20_000, requestMs: 30_000, hostMs: 300_000 },
    tls: { fingerprint: null, minVersion: '1.2', validation: 'validate' },
    credential: 'password',
    kerberos: { service: 'HTTP', hostname: null },
  };
  const own = restoreConnection(saved, null);
  const given = Array.from({ length: 5 * hosts }, (_, index) => ({ ...saved, port: index }));
  // V8's own part of the first thousands is not theirs.
  const first = given.map((one) => restoreConnection(one, own));
  const before = heapBytes();
  const restored = given.map((one) => restoreConnection(one, own));
  const bytesEach = (heapBytes() - before) / given.length;
  expect(restored).toEqual(first);
  expect(restored.map((one) => one.port)).toEqual(given.map((one) => one.port));
  // 580 bytes with a shape for each.
  expect(bytesEach).toBeLessThan(400);
});
