// Runs that died: no end in the journal and no living lock. Every moment of a real run's journal is tried as its last one. The lock is looked at
// first, so that a run that finishes in between is never told to be dead; the dying process and whoever finds it give one key.
import { beforeAll, describe, expect, test } from 'vitest';
import type { RunLock } from '../../../src/journal/run-locks.ts';
import type { RunEvent } from '../../../src/model/outcome.ts';
import { findDeadRuns } from '../../../src/workflows/notify/find-dead-runs.ts';
import { noteUnfinishedRun } from '../../../src/workflows/notify/other-notes.ts';
import { createRunNarrator } from '../../../src/workflows/notify/run-notes.ts';
import { memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { planMemory, policyOf, startMemory } from '../../support/memory-run.ts';
import { memoryStore } from '../../support/memory-store.ts';

const now = '2026-12-06T03:00:00.000Z';
const origin = { from: 'operator@jump02', at: now };
let planText = '';
let events: readonly RunEvent[] = [];

beforeAll(async () => {
  const machines = ['ex01', 'ex02'].map((name) => memoryMachine(name, { imap: 'running' }));
  const fleet = memoryFleet(machines);
  const plan = await planMemory(fleet, undefined, policyOf({}, { concurrency: 1 }));
  const { outcome, saved } = startMemory(fleet, plan, { journal: memoryJournal() });
  expect((await outcome).failure).toBeNull();
  const run = saved().get('a-run');
  [planText, events] = [run?.planText ?? '', run?.events ?? []];
});

const storeOf = (count: number, run = 'a-run') =>
  memoryStore({ runs: new Map([[run, { planText, events: events.slice(0, count) }]]) });

/** One search after the other, as one watch makes them: the journal's length and the locks at each. */
async function watch(...looks: readonly (readonly [count: number, ...locks: readonly (readonly RunLock[])[]])[]) {
  const judged = new Map<string, string>();
  const found: number[] = [];
  for (const [count, ...locks] of looks) {
    const left = [...locks];
    const listRunLocks = () => Promise.resolve((left.length > 1 ? left.shift() : left[0]) ?? []);
    found.push((await findDeadRuns({ store: storeOf(count), listRunLocks, now, judged })).length);
  }
  return found;
}

async function search(count: number, locks: readonly (readonly RunLock[])[] = [[]], run = 'a-run') {
  const left = [...locks];
  const listRunLocks = () => Promise.resolve((left.length > 1 ? left.shift() : left[0]) ?? []);
  return findDeadRuns({ store: storeOf(count, run), listRunLocks, now, judged: new Map() });
}

const lock = (isAlive: boolean): RunLock => ({ run: 'a-run', holder: 'operator@jump01 (process 7)', isAlive });

describe('at every moment', () => {
  test('a run without its end is dead, one with it is not', async () => {
    expect(events.length).toBeGreaterThan(15);
    for (let count = 1; count <= events.length; count += 1) {
      expect([count, (await search(count)).length]).toEqual([count, count === events.length ? 0 : 1]);
    }
  });

  test('its process and whoever finds it tell it under one key; what is serious is an alarm', async () => {
    for (let count = 1; count < events.length; count += 1) {
      const narrator = createRunNarrator('operator@jump01', null);
      for (const event of events.slice(0, count)) narrator.event(event);
      const [dead] = await search(count);
      if (dead === undefined) throw new Error('not found');
      expect(dead.lastAt).toBe(narrator.unfinished()?.lastAt);
      const [found, own] = [noteUnfinishedRun(dead, false, origin), noteUnfinishedRun(dead, true, origin)];
      expect(found.key).toBe(own.key);
      expect([found.event, own.event]).toEqual(['run-died', 'run-stopped']);
      const open = events
        .slice(0, count)
        .reduce((sum, { type }) => sum + Number(type === 'host-started') - Number(type === 'host-finished'), 0);
      expect([count, found.severity]).toEqual([count, open > 0 ? 'alarm' : 'warning']);
      expect(found.next).toMatch(/^fencepost (?:resume|rollback) a-run/);
    }
  });
});

test('a finished run whose guards are confirmed later is not dead; one that is resumed after its end and dies is', async () => {
  const guard = {
    type: 'guard',
    host: 'ex01',
    task: '\\Fencepost\\a-run',
    withinMs: 60_000,
    by: 'person',
  } as const;
  const confirmed: RunEvent = { at: '2026-12-06T02:00:00.000Z', ...guard, state: 'called-off' };
  const resumed: RunEvent = {
    at: '2026-12-06T02:30:00.000Z',
    type: 'run-resumed',
    operator: { user: 'operator', machine: 'jump01', processId: 7, toolVersion: '0.1.0' },
  };
  const searchIn = (more: readonly RunEvent[]) => {
    const store = memoryStore({ runs: new Map([['a-run', { planText, events: [...events, ...more] }]]) });
    return findDeadRuns({ store, listRunLocks: () => Promise.resolve([]), now, judged: new Map() });
  };
  expect(await searchIn([confirmed])).toEqual([]);
  expect(await searchIn([confirmed, resumed])).toHaveLength(1);
});

test('a run that cannot be read is named, for whether it died is not known', async () => {
  const unread: string[] = [];
  const store = { ...storeOf(3), readRun: () => Promise.reject(new Error('EIO')) };
  const search = { store, listRunLocks: () => Promise.resolve([]), now, judged: new Map<string, string>() };
  expect(await findDeadRuns({ ...search, onUnread: (run) => unread.push(run) })).toEqual([]);
  expect(unread).toEqual(['a-run']);
});

test('a run whose process lives is never told, whatever its journal says', async () => {
  expect(await search(3, [[lock(true)]])).toEqual([]);
  expect(await search(3, [[lock(false), lock(true)]])).toEqual([]);
});

test('the dead holder of its lock is named', async () => {
  const [dead] = await search(3, [[lock(false)]]);
  expect(dead?.holder).toBe('operator@jump01 (process 7)');
});

test('one that somebody resumes between the two looks is not told', async () => {
  expect(await search(3, [[lock(false)], [lock(true)]])).toEqual([]);
});

test("one that never started has sent nothing, and one of long ago is nobody's night", async () => {
  expect(await search(0)).toEqual([]);
  expect(await search(3, [[]], '20261101-220000-000abc')).toEqual([]);
  expect(await search(3, [[]], '20261107-220000-000abc')).toHaveLength(1);
});

describe('one watch', () => {
  const whole = () => events.length;
  const other: RunLock = { run: 'a-run', holder: 'operator@jump01 (process 8)', isAlive: false };

  test('looks at a dead run once, and again when another process had it', async () => {
    expect(await watch([3, [lock(false)]], [3, [lock(false)]], [5, [other]])).toEqual([1, 0, 1]);
    expect(await watch([3, [lock(false)]], [4, [lock(true)]], [5, [lock(false)]])).toEqual([1, 0, 1]);
  });

  test('looks at a finished run again when somebody resumed it', async () => {
    expect(await watch([whole(), []], [whole(), []])).toEqual([0, 0]);
    expect(await watch([whole(), []], [whole() - 1, [other]])).toEqual([0, 1]);
    expect(await watch([whole(), []], [whole(), [lock(true)]], [whole() - 1, []])).toEqual([0, 0, 1]);
  });

  test('looks again when its second look at the locks failed', async () => {
    const judged = new Map<string, string>();
    const store = storeOf(3);
    let looks = 0;
    const listRunLocks = (): Promise<readonly RunLock[]> => {
      looks += 1;
      return looks === 2 ? Promise.reject(new Error('EIO')) : Promise.resolve([]);
    };
    await expect(findDeadRuns({ store, listRunLocks, now, judged })).rejects.toThrow('EIO');
    expect(await findDeadRuns({ store, listRunLocks, now, judged })).toHaveLength(1);
  });

  test('looks again at one that was resumed between its two looks', async () => {
    expect(await watch([3, [lock(false)], [lock(true)]], [5, [lock(false)]])).toEqual([0, 1]);
  });
});
