// A run dies while it undoes a permanent range that nothing shows: between the delete in that store, which Windows accepted, and the one in
// the active store. Whoever comes back deletes both, for the account may have been able to delete nothing; and where Windows accepts that once
// more, says that it may have been somebody else's.
import { expect, test } from 'vitest';
import { reboot, type Machine } from '../../src/lab/machine/machine.ts';
import type { Quirks } from '../../src/lab/machine/quirks.ts';
import { createController } from '../support/controller.ts';
import { memoryFleet, memoryMachine, type MemoryRequest, type Trouble } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import {
  backEndPorts,
  planMemory,
  policyOf,
  resumeMemory,
  rollBackMemory,
  startMemory,
} from '../support/memory-run.ts';
import type { SavedRun } from '../support/memory-store.ts';

const desired = { ...backEndPorts, exclusions: backEndPorts.exclusions.slice(0, 1) };
const hidden: Partial<Quirks> = {
  persistentShow: 'blank',
  persistentRegistry: 'missing',
  oneList: false,
  deletePersistentKeepsActive: true,
  // The second family fails, so that the first one is undone.
  refuseAdd: 'ipv6',
};

/** It may just as well have been deleted, and made again by somebody else. */
const madeSince =
  /tcp 9933 is deleted there, and may have been permanent before the run, or made so by somebody else since/;

/** `isPowerless`: from the first delete to the death the account can do nothing, and netsh says 0 all the same. */
async function dieBetween(isPowerless: boolean) {
  const machine = memoryMachine('ex01', {}, hidden);
  const loseRights = (isLost: boolean): void => {
    machine.rights = isLost ? 'user' : 'administrator';
    Object.assign(machine.quirks, { exitCodesLie: isLost } satisfies Partial<Quirks>);
  };
  const controller = createController();
  let isDeleting = false;
  const trouble = ({ kind, shown }: MemoryRequest): Trouble | null => {
    if (kind !== 'change' || !shown.includes(' delete ')) return null;
    if (isDeleting) return { at: 'before', failure: 'killed' };
    isDeleting = true;
    loseRights(isPowerless);
    return null;
  };
  const fleet = memoryFleet([machine], { trouble, controller });
  const plan = await planMemory(fleet, desired, policyOf({ onFailure: 'rollback_host' }));
  const run = startMemory(fleet, plan, { journal: memoryJournal({ controller }) });
  await controller.died;
  loseRights(false);
  return { machine, saved: run.saved().get('a-run') ?? ({ planText: '', events: [] } satisfies SavedRun) };
}

function rowsAtNextBoot(machine: Machine): number {
  reboot(machine);
  const { ipv4, ipv6 } = machine.exclusions.tcp;
  return [...ipv4.active, ...ipv4.persistent, ...ipv6.active, ...ipv6.persistent].filter(
    (one) => one.range.firstPort === 9933,
  ).length;
}

test('a rollback takes what an account without rights only seemed to delete', async () => {
  const { machine, saved } = await dieBetween(true);
  const { verdicts } = await rollBackMemory(memoryFleet([machine]), saved.events, { journal: memoryJournal() });
  expect(rowsAtNextBoot(machine)).toBe(0);
  expect(verdicts.map((one) => one.verdict)).toEqual(['in-doubt']);
  expect(verdicts[0]?.detail).toMatch(madeSince);
});

test('so does the rollback of a run that was resumed', async () => {
  const { machine, saved } = await dieBetween(true);
  const fleet = memoryFleet([machine]);
  const resumed = await resumeMemory(fleet, new Map([['a-run', saved]]), { journal: memoryJournal() });
  const events = resumed.saved.get('a-run')?.events ?? [];
  const { verdicts } = await rollBackMemory(fleet, events, { journal: memoryJournal() });
  expect(rowsAtNextBoot(machine)).toBe(0);
  expect(verdicts.map((one) => one.verdict)).toEqual(['in-doubt']);
  expect(verdicts[0]?.detail).toMatch(madeSince);
});

test('a rollback that finds nothing more to delete there has rolled it back', async () => {
  const { machine, saved } = await dieBetween(false);
  const { verdicts } = await rollBackMemory(memoryFleet([machine]), saved.events, { journal: memoryJournal() });
  expect(rowsAtNextBoot(machine)).toBe(0);
  expect(verdicts.map((one) => one.verdict)).toEqual(['changed']);
});
