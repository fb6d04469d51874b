// Where nothing shows what is permanent and Windows' "Ok." is all there is: the undo of every command that was sent is sent, by the automatic
// undo and by a rollback alike; and where a permanent range may have been there before the run, no verdict says that all is as it was.
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/lab/machine/machine.ts';
import type { Quirks } from '../../src/lab/machine/quirks.ts';
import { doAsStranger } from '../../src/lab/stranger.ts';
import { families, type Store } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import type { OnFailure } from '../../src/model/strategy.ts';
import { exitCodeOfRun } from '../../src/cli/exit-codes.ts';
import { executeRollback, isRollbackDue, planRollback } from '../../src/workflows/roll-back.ts';
import {
  essenceOf,
  lost,
  memoryFleet,
  memoryMachine,
  type MemoryFleet,
  type MemoryRequest,
  type Trouble,
} from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, backEndPorts, planMemory, policyOf, rollBackMemory } from '../support/memory-run.ts';
import { memorySeams, noInventory } from '../support/memory-seams.ts';
import { memoryStore } from '../support/memory-store.ts';

const hidden: Partial<Quirks> = { persistentShow: 'blank', persistentRegistry: 'missing', oneList: false };
const desired = { ...backEndPorts, exclusions: backEndPorts.exclusions.slice(0, 1) };
const manners = { endsAt: null, confirmBatch: () => Promise.resolve(true), inventory: undefined };
const mayHaveBeen = /nothing shows what is permanent .*tcp 9933 is deleted there, and may have been permanent/;

interface Lived {
  readonly machine: Machine;
  readonly first: readonly string[];
  readonly back: readonly string[];
  readonly details: readonly string[];
  readonly codes: readonly number[];
}

/** Applies, and rolls back from the journal. */
async function live(machine: Machine, onFailure: OnFailure): Promise<Lived> {
  const fleet = memoryFleet([machine]);
  const journal = memoryJournal();
  const plan = await planMemory(fleet, desired, policyOf({ onFailure }));
  const applied = await applyMemory(fleet, plan, { journal });
  const back = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() });
  const told = [...applied, ...back.verdicts];
  return {
    machine,
    first: applied.map((one) => one.verdict),
    back: back.verdicts.map((one) => one.verdict),
    details: told.map((one) => one.detail),
    codes: [exitCodeOfRun(applied, false), exitCodeOfRun(back.verdicts, false)],
  };
}

function has(machine: Machine, store: Store): boolean {
  return machine.exclusions.tcp.ipv4[store].some((one) => one.range.firstPort === 9933);
}

describe('a permanent add that takes effect at the next boot', () => {
  const quirks: Partial<Quirks> = { ...hidden, addTakesEffect: 'next-boot' };

  test('the automatic undo deletes it too, and says what cannot be told', async () => {
    const machine = memoryMachine('ex01', {}, quirks);
    const before = essenceOf(machine);
    const { first, details, codes } = await live(machine, 'rollback_host');
    expect(essenceOf(machine)).toEqual(before);
    expect(first).toEqual(['in-doubt']);
    expect(details[0]).toMatch(mayHaveBeen);
    expect(codes[0]).toBe(3);
  });

  test('a rollback deletes it too, and says what cannot be told', async () => {
    const machine = memoryMachine('ex01', {}, quirks);
    const before = essenceOf(machine);
    const { first, back, details, codes } = await live(machine, 'stop');
    expect(first).toEqual(['failed-partial']);
    expect(essenceOf(machine)).toEqual(before);
    expect(back).toEqual(['in-doubt']);
    expect(details[1]).toMatch(mayHaveBeen);
    expect(codes[1]).toBe(3);
  });
});

describe.each(['rollback_host', 'stop'] as const)('on failure: %s', (onFailure) => {
  test.each<{ readonly what: string; readonly quirks: Partial<Quirks> }>([
    { what: 'Windows refuses with an exit code of 0', quirks: { ...hidden, exitCodesLie: true } },
    { what: 'Windows takes an add twice', quirks: { ...hidden, duplicateAdd: 'ok' } },
  ])('a range was permanent before, unseen: nothing says that all is as it was ($what)', async ({ quirks }) => {
    const row = {
      range: portRange(9933),
      protocol: 'tcp',
      administered: true,
      stores: ['persistent'],
      families,
    } as const;
    const { machine, first, back, details } = await live(
      memoryMachine('ex01', { exclusions: [row] }, quirks),
      onFailure,
    );
    expect(has(machine, 'active')).toBe(false);
    // It is gone, and that is said where it went.
    expect(has(machine, 'persistent')).toBe(false);
    const verdict = onFailure === 'stop' ? back : first;
    expect(verdict).toEqual(['in-doubt']);
    expect(details[onFailure === 'stop' ? 1 : 0]).toMatch(mayHaveBeen);
  });
});

test('an undo whose answer was lost may have deleted what was permanent before, and says so', async () => {
  const row = {
    range: portRange(9933),
    protocol: 'tcp',
    administered: true,
    stores: ['persistent'],
    families,
  } as const;
  const machine = memoryMachine('ex01', { exclusions: [row] }, { ...hidden, exitCodesLie: true });
  const fleet = memoryFleet([machine], {
    // Of the first delete no answer comes; the second one finds nothing to delete.
    trouble({ shown, kind }: MemoryRequest): Trouble | null {
      if (kind !== 'change' || !shown.includes(' delete ') || !has(machine, 'persistent')) return null;
      Object.assign(machine.quirks, { exitCodesLie: false });
      return { at: 'after', failure: lost('unknown') };
    },
  });
  const applied = await applyMemory(fleet, await planMemory(fleet, desired), { journal: memoryJournal() });
  expect(has(machine, 'persistent')).toBe(false);
  expect(applied[0]?.detail).toMatch(mayHaveBeen);
  expect(applied.map((one) => one.verdict)).toEqual(['in-doubt']);
});

test.each(['rollback_host', 'stop'] as const)(
  'a range that is added again where nothing shows the store may not have been permanent: it is said (on failure: %s)',
  async (onFailure) => {
    const range = { firstPort: 7000, portCount: 10 };
    const row = { range, protocol: 'tcp', administered: true, stores: ['active'], families } as const;
    const machine = memoryMachine('ex01', { exclusions: [row] }, { ...hidden, oneList: true, exitCodesLie: true });
    const fleet = memoryFleet([machine]);
    const absent = { range, protocol: 'tcp', families, presence: 'absent', service: null } as const;
    const released = { exclusions: [absent], whenHeldByOwnService: 'block' } as const;
    const journal = memoryJournal();
    const plan = await planMemory(fleet, released, policyOf({ onFailure }));
    const applied = await applyMemory(fleet, plan, { journal });
    const back = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() });
    const told = onFailure === 'stop' ? back.verdicts : applied;
    const isPermanent = machine.exclusions.tcp.ipv4.persistent.some((one) => one.range.firstPort === 7000);
    expect(isPermanent).toBe(true);
    expect(told.map((one) => one.verdict)).toEqual(['in-doubt']);
    expect(told[0]?.detail).toMatch(/tcp 7000-7009 is added there again, and may not have been permanent/);
  },
);

test('where the active store confirms what Windows accepted, a rollback is one without a doubt', async () => {
  const machine = memoryMachine('ex01', {}, hidden);
  const before = essenceOf(machine);
  const { first, back } = await live(machine, 'rollback_host');
  expect([first, back]).toEqual([['changed'], ['changed']]);
  expect(essenceOf(machine)).toEqual(before);
});

describe.each(['command-planned', 'command-finished', 'step-finished'] as const)(
  'a life that dies behind the %s of a delete that nothing shows',
  (last) => {
    const quirks: Partial<Quirks> = { ...hidden, addTakesEffect: 'next-boot' };
    const ipv4 = { ...desired, exclusions: desired.exclusions.map((one) => ({ ...one, families: ['ipv4'] as const })) };
    /** The journal as the death leaves it. */
    const cut = (events: readonly RunEvent[]): readonly RunEvent[] => {
      const index = events.findIndex(
        (one) => one.type === 'command-planned' && one.goal.kind === 'exclusion' && !one.goal.present,
      );
      return events.slice(0, events.findIndex((one, at) => at >= index && one.type === last) + 1);
    };
    const start = async (onFailure: OnFailure) => {
      const machine = memoryMachine('ex01', {}, quirks);
      const fleet = memoryFleet([machine]);
      const journal = memoryJournal();
      await applyMemory(fleet, await planMemory(fleet, ipv4, policyOf({ onFailure })), { journal });
      return { fleet, events: journal.events };
    };
    const rollBackAgain = async (fleet: MemoryFleet, runs: ReadonlyMap<string, readonly RunEvent[]>) => {
      const saved = new Map([...runs].map(([run, events]) => [run, { planText: '', events }]));
      const seams = memorySeams({ connector: fleet.connector, store: memoryStore({ runs: saved }), run: 'again' });
      const request = { run: 'a-run', limit: null, force: false, concurrency: 1, inventory: noInventory };
      const planned = await planRollback(request, seams);
      const { verdicts } = await executeRollback(planned, manners, seams);
      return { isDue: isRollbackDue(planned), verdicts, told: seams.store.saved().get('again')?.events ?? [] };
    };

    test('a rollback: the next one says what cannot be told, and the one after it has nothing left to say', async () => {
      const { fleet, events } = await start('stop');
      const journal = memoryJournal();
      await rollBackMemory(fleet, events, { journal });
      const runs = new Map([
        ['a-run', events],
        ['back-1', cut(journal.events)],
      ] as const);
      const again = await rollBackAgain(fleet, runs);
      expect(again.isDue).toBe(true);
      expect(again.verdicts.map((one) => one.verdict)).toEqual(['in-doubt']);
      expect(again.verdicts[0]?.detail).toMatch(mayHaveBeen);
      const then = await rollBackAgain(fleet, new Map([...runs, ['back-2', again.told]]));
      // Whether the delete came through nobody knows: it is sent again.
      const sentAgain = last === 'command-planned' ? 'changed' : 'unchanged';
      expect(then.verdicts.map((one) => one.verdict)).toEqual([sentAgain]);
      expect(then.verdicts[0]?.detail).not.toMatch(mayHaveBeen);
    });

    test('the automatic undo: a rollback says it', async () => {
      const { fleet, events } = await start('rollback_host');
      const again = await rollBackAgain(fleet, new Map([['a-run', cut(events)]]));
      expect(again.isDue).toBe(true);
      expect(again.verdicts.map((one) => one.verdict)).toEqual(['in-doubt']);
      expect(again.verdicts[0]?.detail).toMatch(mayHaveBeen);
    });
  },
);

test('a rollback that fails behind such a delete says it too', async () => {
  const machine = memoryMachine('ex01', {}, { ...hidden, addTakesEffect: 'next-boot' });
  const journal = memoryJournal();
  const fleet = memoryFleet([machine]);
  await applyMemory(fleet, await planMemory(fleet, desired, policyOf({ onFailure: 'stop' })), { journal });
  let changes = 0;
  const failing = memoryFleet([machine], {
    // The look that verifies is lost.
    trouble({ kind }) {
      if (kind === 'change') changes += 1;
      return kind === 'ask' && changes > 0 ? { at: 'before', failure: lost('none') } : null;
    },
  });
  const back = await rollBackMemory(failing, journal.events, { journal: memoryJournal() });
  expect(has(machine, 'persistent')).toBe(false);
  expect(back.verdicts.map((one) => one.verdict)).toEqual(['failed-partial']);
  expect(back.verdicts[0]?.detail).toMatch(mayHaveBeen);
});

test('what somebody else puts in force just before the add may be permanent by him or by the run: it is said, and left', async () => {
  const machine = memoryMachine('ex01', {}, { ...hidden, duplicateAdd: 'ok' });
  const fleet = memoryFleet([machine], {
    trouble({ kind }) {
      if (kind !== 'change' || has(machine, 'active')) return null;
      const row = { protocol: 'tcp', range: portRange(9933), store: 'active', families } as const;
      doAsStranger(machine, { ...row, does: 'reserve' });
      return null;
    },
  });
  const journal = memoryJournal();
  const applied = await applyMemory(fleet, await planMemory(fleet, desired), { journal });
  // The run made it permanent, and cannot know.
  expect([has(machine, 'active'), has(machine, 'persistent')]).toEqual([true, true]);
  expect(applied.map((one) => one.verdict)).toEqual(['failed-partial']);
  expect(applied[0]?.detail).toMatch(/changed by this run or by somebody else; which one is not known; left as it is/);
  const back = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() });
  expect(back.verdicts.map((one) => one.verdict)).toEqual(['conflict']);
  expect(back.verdicts[0]?.detail).toMatch(/nothing shows whether it is in the persistent one: changed by this run or/);
  const forced = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() }, true);
  expect([has(machine, 'active'), has(machine, 'persistent')]).toEqual([true, false]);
  expect(forced.verdicts.map((one) => one.verdict)).toEqual(['in-doubt']);
});

test('an add that Windows refuses leaves nothing to delete, and no doubt', async () => {
  const machine = memoryMachine('ex01', {}, { ...hidden, refuseAdd: 'ipv4' });
  const before = essenceOf(machine);
  const { first } = await live(machine, 'rollback_host');
  expect(first).toEqual(['failed-rolled-back']);
  expect(essenceOf(machine)).toEqual(before);
});

test('a first permanent range brings the table to light: the undo of one family does not add it for the other', async () => {
  // No permanent range of UDP was there, so nothing showed that store; the first one shows in both families' tables.
  const quirks: Partial<Quirks> = { persistentShowWhenEmpty: 'blank', persistentRegistry: 'missing', oneList: true };
  const machine = memoryMachine('ex01', {}, quirks);
  const before = essenceOf(machine);
  const range = { firstPort: 9960, portCount: 5 };
  const udp = { range, protocol: 'udp', families, presence: 'present', service: null } as const;
  const plan = await planMemory(memoryFleet([machine]), { exclusions: [udp], whenHeldByOwnService: 'block' });
  // The look that verifies is lost.
  const changes = (): boolean => machine.exclusions.udp.ipv6.persistent.length > 0;
  let isLost = false;
  const trouble = ({ kind, line }: MemoryRequest): Trouble | null => {
    if (isLost || kind !== 'ask' || !changes() || !line.includes('ver')) return null;
    isLost = true;
    return { at: 'before', failure: lost('none') };
  };
  const applied = await applyMemory(memoryFleet([machine], { trouble }), plan, { journal: memoryJournal() });
  expect(isLost).toBe(true);
  expect(essenceOf(machine)).toEqual(before);
  expect(applied.map((one) => one.verdict)).toEqual(['failed-rolled-back']);
});
