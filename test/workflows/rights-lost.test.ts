// The account of a run loses its rights in the middle of an undo, on a server where nothing shows what is permanent: what Windows answered before
// and behind that proves nothing, and no verdict calls the host as it was. Found by the simulator.
import { expect, test } from 'vitest';
import type { Machine } from '../../src/lab/machine/machine.ts';
import type { Quirks } from '../../src/lab/machine/quirks.ts';
import { doAsStranger } from '../../src/lab/stranger.ts';
import { families, stores, type Store } from '../../src/model/host-state.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import { portRange } from '../../src/model/port-range.ts';
import { executeRollback, planRollback } from '../../src/workflows/roll-back.ts';
import { lost, memoryFleet, memoryMachine, type MemoryRequest, type Trouble } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, planMemory, policyOf, rollBackMemory } from '../support/memory-run.ts';
import { memorySeams, noInventory } from '../support/memory-seams.ts';
import { memoryStore } from '../support/memory-store.ts';

const hidden: Partial<Quirks> = { persistentShow: 'blank', persistentRegistry: 'missing', oneList: false };
const range = portRange(7000, 10);
const about = { range, protocol: 'tcp', families: ['ipv4'] } as const;

function has(machine: Machine, store: Store): boolean {
  return machine.exclusions.tcp.ipv4[store].some((one) => one.range.firstPort === range.firstPort);
}

function desire(presence: 'present' | 'absent') {
  return { exclusions: [{ ...about, presence, service: null }], whenHeldByOwnService: 'block' } as const;
}

/** From the journals of the run and of the rollbacks before this one. */
async function rollBackAgain(machine: Machine, runs: Readonly<Record<string, readonly RunEvent[]>>) {
  const saved = new Map(Object.entries(runs).map(([run, events]) => [run, { planText: '', events }]));
  const seams = memorySeams({
    connector: memoryFleet([machine]).connector,
    store: memoryStore({ runs: saved }),
    run: 'again',
  });
  const asked = { run: 'a-run', limit: null, force: false, concurrency: 1, inventory: noInventory };
  const manners = { endsAt: null, confirmBatch: () => Promise.resolve(true), inventory: undefined };
  const { verdicts } = await executeRollback(await planRollback(asked, seams), manners, seams);
  return verdicts[0];
}

test('a delete that was accepted, and the next one refused: what the next rollback deletes may be somebody else’s', async () => {
  const machine = memoryMachine('ex01', {}, { ...hidden, deletePersistentKeepsActive: true });
  const journal = memoryJournal();
  const fleet = memoryFleet([machine]);
  await applyMemory(fleet, await planMemory(fleet, desire('present')), { journal });
  expect(stores.filter((one) => has(machine, one))).toEqual([...stores]);
  let changes = 0;
  const trouble = ({ kind }: MemoryRequest): null => {
    if (kind === 'change') changes += 1;
    if (kind === 'change' && changes === 2) machine.rights = 'filtered';
    return null;
  };
  const rollback = memoryJournal();
  const back = await rollBackMemory(memoryFleet([machine], { trouble }), journal.events, { journal: rollback });
  expect(back.verdicts.map((one) => one.verdict)).toEqual(['failed-partial']);
  // The permanent row has gone all the same, and somebody else makes it again.
  expect(has(machine, 'persistent')).toBe(false);
  machine.rights = 'administrator';
  doAsStranger(machine, { ...about, does: 'reserve', store: 'persistent' });
  const verdict = await rollBackAgain(machine, { 'a-run': journal.events, 'back-1': rollback.events });
  expect(has(machine, 'persistent')).toBe(false);
  expect(verdict?.verdict).toBe('in-doubt');
  expect(verdict?.detail).toMatch(
    /tcp 7000-7009 is deleted there, and may have been .* made so by somebody else since/,
  );
});

test('an undo whose add is refused does not take the range for permanent, where the lost delete took it out of force', async () => {
  const row = { ...about, administered: true, stores, families } as const;
  const machine = memoryMachine('ex01', { exclusions: [row] }, hidden);
  let changes = 0;
  const trouble = ({ kind }: MemoryRequest): Trouble | null => {
    if (kind === 'change') changes += 1;
    if (kind === 'change' && changes === 1) return { at: 'after', failure: lost('unknown') };
    // Behind the delete.
    if (changes === 1) machine.rights = 'filtered';
    return null;
  };
  const fleet = memoryFleet([machine], { trouble });
  const journal = memoryJournal();
  const plan = await planMemory(memoryFleet([machine]), desire('absent'), policyOf({ onFailure: 'rollback_host' }));
  const [applied] = await applyMemory(fleet, plan, { journal });
  expect(applied?.verdict).toBe('failed-partial');
  expect(stores.filter((one) => has(machine, one))).toEqual([]);
  machine.rights = 'administrator';
  const verdict = await rollBackAgain(machine, { 'a-run': journal.events });
  expect(stores.filter((one) => has(machine, one))).toEqual([...stores]);
  expect(verdict?.verdict).toBe('in-doubt');
  expect(verdict?.detail).toMatch(/tcp 7000-7009 is added there again, and may not have been permanent before/);
});
