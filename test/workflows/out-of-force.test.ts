// Windows starts again while a range is in force whose permanent half the run has deleted: it goes out of force, and no command of the run did
// that. Nobody can tell it from somebody who took it out of force, so no verdict calls the host as it was. Found by the simulator.
import { expect, test } from 'vitest';
import { reboot, type Machine } from '../../src/lab/machine/machine.ts';
import { families, stores } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import type { OnFailure } from '../../src/model/strategy.ts';
import { essenceOf, lost, memoryFleet, memoryMachine, type Trouble } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, planMemory, policyOf, rollBackMemory } from '../support/memory-run.ts';

const range = portRange(7000, 10);
const row = { range, protocol: 'tcp', administered: true, stores, families } as const;
const absent = { range, protocol: 'tcp', presence: 'absent', service: null, families: ['ipv4'] } as const;
const desired = { exclusions: [absent], whenHeldByOwnService: 'block' } as const;

/** Deletes the permanent half; then Windows starts again, and the next command never runs. */
async function applyWithRestart(onFailure: OnFailure) {
  // What is deleted as permanent stays in force until the next boot.
  const quirks = { deletePersistentKeepsActive: true, oneList: false };
  const machine = memoryMachine('ex01', { exclusions: [row] }, quirks);
  const before = essenceOf(machine);
  let changes = 0;
  const fleet = memoryFleet([machine], {
    trouble({ kind }): Trouble | null {
      if (kind === 'change') changes += 1;
      if (kind !== 'change' || changes !== 2) return null;
      reboot(machine);
      return { at: 'before', failure: lost('none') };
    },
  });
  const journal = memoryJournal();
  const plan = await planMemory(fleet, desired, policyOf({ onFailure }));
  const [applied] = await applyMemory(fleet, plan, { journal });
  return { machine, before, journal, applied };
}

function storesOf(machine: Machine): readonly string[] {
  return stores.filter((one) => machine.exclusions.tcp.ipv4[one].some((found) => found.range.firstPort === 7000));
}

const notKnown = /tcp 7000-7009 on ipv4 is in .*: changed by this run or by somebody else; which one is not known/;

test('the automatic undo makes it permanent again, leaves it out of force, and says so; so does a rollback, until it is forced', async () => {
  const { machine, before, journal, applied } = await applyWithRestart('rollback_host');
  expect(storesOf(machine)).toEqual(['persistent']);
  expect(applied?.verdict).toBe('failed-partial');
  expect(applied?.detail).toMatch(notKnown);
  expect(applied?.detail).toMatch(/is in the persistent store only: /);
  const fleet = memoryFleet([machine]);
  const back = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() });
  expect(back.verdicts[0]?.verdict).toBe('conflict');
  expect(back.verdicts[0]?.detail).toMatch(notKnown);
  expect(storesOf(machine)).toEqual(['persistent']);
  const forced = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() }, true);
  expect(forced.verdicts[0]?.verdict).toBe('changed');
  expect(essenceOf(machine)).toEqual(before);
});

test('a rollback of a run that left it so asks, and brings it back when it is forced', async () => {
  const { machine, before, journal } = await applyWithRestart('stop');
  expect(storesOf(machine)).toEqual([]);
  const fleet = memoryFleet([machine]);
  const back = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() });
  expect(back.verdicts[0]?.verdict).toBe('conflict');
  expect(back.verdicts[0]?.detail).toMatch(notKnown);
  expect(storesOf(machine)).toEqual([]);
  const forced = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() }, true);
  expect(forced.verdicts[0]?.verdict).toBe('changed');
  expect(essenceOf(machine)).toEqual(before);
});
