// A range in one store only, whose missing half Windows refuses to add: it is deleted and added in one command line. What the machine's
// tables show afterwards counts, after whatever trouble; and the half that was there is never given up for a port that is open.
import { describe, expect, test } from 'vitest';
import { createListeners, type Machine } from '../../../src/lab/machine/machine.ts';
import type { Quirks } from '../../../src/lab/machine/quirks.ts';
import type { ServerSpec } from '../../../src/lab/scenario/server-spec.ts';
import { families, stores, type Store } from '../../../src/model/host-state.ts';
import { portRange } from '../../../src/model/port-range.ts';
import { lost, memoryFleet, memoryMachine, type MemoryRequest, type Trouble } from '../../support/memory-fleet.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { applyMemory, backEndPorts, planMemory, policyOf, rollBackMemory } from '../../support/memory-run.ts';

const refusing: Partial<Quirks> = { addPersistentOverActive: 'refused', addActiveOverPersistent: 'refused' };
const imapOnly = { ...backEndPorts, exclusions: backEndPorts.exclusions.slice(0, 1) };

function halfReserved(half: Store, quirks: Partial<Quirks>, spec: Partial<Omit<ServerSpec, 'quirks' | 'name'>> = {}) {
  const row = { range: portRange(9933), protocol: 'tcp', administered: true, stores: [half], families } as const;
  return memoryMachine('ex01', { exclusions: [row], ...spec }, { ...refusing, ...quirks });
}

/** Where tcp 9933 is, on either family. */
function where(machine: Machine): readonly string[] {
  return families.map((family) => {
    const tables = machine.exclusions.tcp[family];
    return stores.filter((store) => tables[store].some((one) => one.range.firstPort === 9933)).join('+') || 'none';
  });
}

async function apply(
  machine: Machine,
  trouble: (request: MemoryRequest) => Trouble | null = () => null,
  onFailure: 'stop' | 'rollback_host' = 'rollback_host',
) {
  const plan = await planMemory(memoryFleet([machine]), imapOnly, policyOf({ onFailure }));
  const fleet = memoryFleet([machine], { trouble });
  const journal = memoryJournal();
  const [verdict] = await applyMemory(fleet, plan, { journal });
  const sent = fleet.requests.filter((one) => one.kind === 'change').map((one) => one.shown);
  const rollBack = () => rollBackMemory(memoryFleet([machine]), journal.events, { journal: memoryJournal() });
  return { verdict, sent, rollBack, plan };
}

const isReplacement = ({ kind, shown }: MemoryRequest): boolean =>
  kind === 'change' && shown.includes('delete excludedportrange') && shown.includes('add excludedportrange');

describe.each(stores)('in the %s store only', (half) => {
  test.each<Partial<Quirks>>([
    {},
    { oneList: false },
    { exitCodesLie: true },
    { duplicateAdd: 'exists' },
    { persistentShow: 'blank' },
    { deletePersistentKeepsActive: half === 'active' },
  ])('it is completed in one command line, and rolled back to the half that was there: %j', async (quirks) => {
    const machine = halfReserved(half, quirks);
    const { verdict, rollBack } = await apply(machine);
    expect(verdict?.verdict).toBe('changed');
    expect(where(machine)).toEqual(['active+persistent', 'active+persistent']);
    const back = await rollBack();
    expect(back.verdicts.map((one) => one.verdict)).toEqual(['changed']);
    expect(where(machine)).toEqual([half, half]);
  });

  test.each(['before', 'after'] as const)('the answer to it is lost %s it ran: done, or as it was', async (at) => {
    const machine = halfReserved(half, {});
    const { verdict, rollBack } = await apply(machine, (request) =>
      isReplacement(request) ? { at, failure: lost('unknown') } : null,
    );
    expect(verdict?.verdict).toBe(at === 'after' ? 'changed' : 'failed-rolled-back');
    expect(where(machine)).toEqual(at === 'after' ? ['active+persistent', 'active+persistent'] : [half, half]);
    await rollBack();
    expect(where(machine)).toEqual([half, half]);
  });

  test('the range is deleted, and Windows refuses every add: it is put back by the rollback as soon as Windows takes it', async () => {
    const machine = halfReserved(half, {});
    const refuse = (request: MemoryRequest): Trouble | null => {
      if (isReplacement(request)) Object.assign(machine.quirks, { refuseAdd: 'ipv4' });
      return null;
    };
    const { verdict, rollBack } = await apply(machine, refuse);
    expect(verdict?.verdict).toBe('failed-partial');
    expect(where(machine)).toEqual(['none', 'none']);
    Object.assign(machine.quirks, { refuseAdd: 'none' });
    await rollBack();
    expect(where(machine)).toEqual([half, half]);
  });

  test('somebody opens the port before it: nothing is deleted, and the failure names him', async () => {
    const machine = halfReserved(half, {});
    const { verdict, sent } = await apply(machine, ({ kind, ofKind }) => {
      if (kind === 'change' && ofKind === 1) {
        machine.sockets.push(...createListeners(9933, 'tcp', 4, ['ipv4']));
      }
      return null;
    });
    expect(verdict?.verdict).toBe('failed-rolled-back');
    expect(verdict?.failure?.hint).toMatch(/it was not replaced, for tcp 9933 is open in .*: free the port/);
    expect(where(machine)).toEqual([half, half]);
    expect(sent.join()).not.toContain('delete excludedportrange');
  });
});

test('the line itself puts the active half back if the add is refused', async () => {
  const machine = halfReserved('active', {});
  const { verdict, sent } = await apply(machine, (request) => {
    return isReplacement(request) ? { at: 'before', failure: lost('unknown') } : null;
  });
  expect(verdict?.verdict).toBe('failed-rolled-back');
  expect(where(machine)).toEqual(['active', 'active']);
  const line = sent.find((one) => one.includes('delete excludedportrange')) ?? '';
  const verbs = [...line.matchAll(/(add|delete) excludedportrange \S+ \S+ \S+ store=(\w+)/g)].map(
    (one) => `${one[1] ?? ''} ${one[2] ?? ''}`,
  );
  expect(verbs).toEqual(['delete active', 'add persistent', 'add active']);
});
