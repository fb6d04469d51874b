// Somebody reserves or releases a port while a rollback is under way, before any of its requests. IPv4 and IPv6 share one list here: the
// rollback's first command frees the port on both, and what stands there afterwards is not the run's. Found by the simulator.
import { expect, test } from 'vitest';
import type { StrangerDeed } from '../../src/lab/scenario/server-spec.ts';
import { doAsStranger } from '../../src/lab/stranger.ts';
import { families } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import { essenceOf, memoryFleet, memoryMachine, type MemoryRequest } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, planMemory, rollBackMemory } from '../support/memory-run.ts';

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
