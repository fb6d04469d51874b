// Somebody reserves or releases a port while a rollback is under way, before any of its requests. IPv4 and IPv6 share one list here: the
// rollback's first command frees the port on both, and what stands there afterwards is not the run's. Found by the simulator.
import { expect, test } from 'vitest';
import type { Machine } from '../../src/lab/machine/machine.ts';
import type { StrangerDeed } from '../../src/lab/scenario/server-spec.ts';
import { doAsStranger } from '../../src/lab/stranger.ts';
import { families } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import { executeRollback, planRollback } from '../../src/workflows/roll-back.ts';
import {
  essenceOf,
  lost,
  memoryFleet,
  memoryMachine,
  type MemoryFleet,
  type MemoryRequest,
} from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, planMemory, policyOf, rollBackMemory } from '../support/memory-run.ts';
import { memorySeams, noInventory } from '../support/memory-seams.ts';
import { memoryStore } from '../support/memory-store.ts';

const deed: StrangerDeed = {
  does: 'reserve',
  protocol: 'tcp',
  range: portRange(9955),
  store: 'persistent',
  families,
};

async function rollBackWithStranger(before: number) {
  const machine = memoryMachine('ex01');
  const expected = structuredClone(machine);
  const calm = memoryFleet([machine]);
  const journal = memoryJournal();
  await applyMemory(calm, await planMemory(calm), { journal });
  let isThere = false;
  const trouble = ({ number }: MemoryRequest): null => {
    if (number !== before) return null;
    isThere = true;
    const was = JSON.stringify(essenceOf(machine));
    doAsStranger(machine, deed);
    if (JSON.stringify(essenceOf(machine)) !== was) doAsStranger(expected, deed);
    return null;
  };
  const fleet = memoryFleet([machine], { trouble });
  const { verdicts } = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() });
  return {
    isThere,
    verdict: verdicts[0]?.verdict,
    isKept: JSON.stringify(essenceOf(machine)) === JSON.stringify(essenceOf(expected)),
  };
}

test('what somebody reserves during a rollback stays, and the rollback says so', async () => {
  const nights = [];
  for (let before = 1; ; before += 1) {
    const night = await rollBackWithStranger(before);
    if (!night.isThere) break;
    nights.push(night);
  }
  expect(nights.filter((one) => !one.isKept)).toEqual([]);
  expect(nights.map((one) => one.verdict)).toContain('failed-partial');
  expect(nights.length).toBeGreaterThan(5);
});

test('what somebody released since, of both ports and both families, is one sentence of the conflict', async () => {
  const machine = memoryMachine('ex01');
  const fleet = memoryFleet([machine]);
  const journal = memoryJournal();
  await applyMemory(fleet, await planMemory(fleet), { journal });
  for (const port of [9933, 9955])
    doAsStranger(machine, { ...deed, range: portRange(port), store: 'active', does: 'release' });
  const before = essenceOf(machine);
  const { verdicts } = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() });
  expect(essenceOf(machine)).toEqual(before);
  expect(verdicts.map(({ verdict, detail }) => [verdict, detail])).toEqual([
    [
      'conflict',
      'somebody else changed this host since: tcp 9955 and tcp 9933 on ipv4 and ipv6 are in the persistent store only; the run left it in both stores',
    ],
  ]);
});

/** A rollback that knows of those before it. */
async function rollBackAgain({ connector }: MemoryFleet, runs: Readonly<Record<string, readonly RunEvent[]>>) {
  const saved = new Map(Object.entries(runs).map(([run, events]) => [run, { planText: '', events }]));
  const seams = memorySeams({ connector, store: memoryStore({ runs: saved }), run: 'again' });
  const planned = await planRollback(
    { run: 'a-run', limit: null, force: false, concurrency: 1, inventory: noInventory },
    seams,
  );
  const manners = { endsAt: null, confirmBatch: () => Promise.resolve(true), inventory: undefined };
  return (await executeRollback(planned, manners, seams)).verdicts;
}

test('what somebody puts in force while its permanent half is released is left, or named and put back by the next rollback', async () => {
  const range = portRange(19_955);
  const wished = { range, protocol: 'tcp', families, presence: 'present', service: null } as const;
  const desired = { exclusions: [wished], whenHeldByOwnService: 'block' } as const;
  const inForce: StrangerDeed = { ...deed, range, store: 'active' };
  const nights = [];
  for (let before = 1; ; before += 1) {
    const machine = memoryMachine('ex01', {}, { addTakesEffect: 'next-boot', oneList: false });
    const expected = structuredClone(machine);
    doAsStranger(expected, inForce);
    const journal = memoryJournal();
    // The add that puts the range in force never ran: the run has made it permanent alone.
    const isAddInForce = ({ kind, shown }: MemoryRequest): boolean =>
      kind === 'change' && / add [^&]*store=active/.test(shown);
    const trouble = (one: MemoryRequest) =>
      isAddInForce(one) ? ({ at: 'before', failure: lost('none') } as const) : null;
    const running = memoryFleet([machine], { trouble });
    await applyMemory(running, await planMemory(running, desired, policyOf({ onFailure: 'stop' })), { journal });
    const stranger = { isThere: false };
    const comes = ({ number }: MemoryRequest): null => {
      if (number === before) doAsStranger(machine, inForce);
      stranger.isThere ||= number === before;
      return null;
    };
    const rollback = memoryJournal();
    const { verdicts } = await rollBackMemory(memoryFleet([machine], { trouble: comes }), journal.events, {
      journal: rollback,
    });
    if (!stranger.isThere) break;
    const [verdict] = verdicts;
    const isKept = (): boolean =>
      families.every((one) =>
        machine.exclusions.tcp[one].active.some((row) => row.range.firstPort === range.firstPort),
      );
    const isKeptAtOnce = isKept();
    const next = isKeptAtOnce
      ? []
      : await rollBackAgain(memoryFleet([machine]), { 'a-run': journal.events, 'back-1': rollback.events });
    nights.push({
      verdict: verdict?.verdict,
      isKept: isKept(),
      isNamed:
        isKeptAtOnce ||
        (/its delete took that along/.test(verdict?.detail ?? '') &&
          / add excludedportrange .*startport=19955 .*store=active$/.test(verdict?.failure?.hint ?? '')),
      isPutBack: next.map((one) => one.verdict).join() === 'changed' && isSame(machine, expected),
    });
  }
  expect(nights.filter((one) => !one.isKept || !one.isNamed)).toEqual([]);
  // Seen before the delete, and in its very moment.
  expect(nights.map((one) => one.verdict)).toContain('failed-rolled-back');
  expect(nights.filter((one) => one.isPutBack).map((one) => one.verdict)).toEqual(['failed-partial']);
});

function isSame(machine: Machine, expected: Machine): boolean {
  return JSON.stringify(essenceOf(machine)) === JSON.stringify(essenceOf(expected));
}
