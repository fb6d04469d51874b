// A host that is left half done says so in its one line: which service is down now, and after a failed rollback what is back and what is not.
import { expect, test } from 'vitest';
import type { Desired } from '../../../src/model/desired.ts';
import { families } from '../../../src/model/host-state.ts';
import { portRange } from '../../../src/model/port-range.ts';
import { presenceOn } from '../../support/machine-state.ts';
import { essenceOf, lost, memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { applyMemory, planMemory, policyOf, rollBackMemory } from '../../support/memory-run.ts';

const imap = 'MSExchangeIMAP4BE';

function stateOf(machine: ReturnType<typeof memoryMachine>): string | undefined {
  return machine.services.find((one) => one.name === imap)?.state;
}

test.each(['stop', 'rollback_host'] as const)(
  'on_failure %s: a service that does not come back is named',
  async (on) => {
    const machine = memoryMachine('ex01', { imap: 'running' }, { scStartFails: imap });
    const fleet = memoryFleet([machine]);
    const plan = await planMemory(fleet, undefined, policyOf({ onFailure: on }));
    const [verdict] = await applyMemory(fleet, plan, { journal: memoryJournal() });
    expect(stateOf(machine)).toBe('stopped');
    expect(verdict?.verdict).toBe('failed-partial');
    expect(verdict?.detail).toMatch(new RegExp(`; DOWN NOW, as far as known: ${imap}$`));
  },
);

test('a service that runs again is not called down', async () => {
  const machine = memoryMachine('ex01', { imap: 'running' }, { refuseAdd: 'ipv6', oneList: false });
  const fleet = memoryFleet([machine]);
  const [verdict] = await applyMemory(fleet, await planMemory(fleet), { journal: memoryJournal() });
  expect(stateOf(machine)).toBe('running');
  expect(verdict?.verdict).toBe('failed-rolled-back');
  expect(verdict?.detail).not.toContain('DOWN');
});

test('a rollback that fails midway says what is back and what is not, and quotes no playbook', async () => {
  const machine = memoryMachine('ex01', {}, { oneList: false });
  const journal = memoryJournal();
  const machines = [machine];
  await applyMemory(memoryFleet(machines), await planMemory(memoryFleet(machines)), { journal });
  const failing = memoryFleet(machines, {
    trouble: ({ kind, shown }) =>
      kind === 'change' && shown.includes('startport=9933') ? { at: 'before', failure: lost('none') } : null,
  });
  const { verdicts } = await rollBackMemory(failing, journal.events, { journal: memoryJournal() });
  const [verdict] = verdicts;
  expect(verdict?.verdict).toBe('failed-partial');
  expect(verdict?.detail).toMatch(
    /; rolled back: release tcp 9955 on ipv4 and ipv6 again; NOT rolled back: release tcp 9933 on ipv4 and ipv6 again$/,
  );
  expect(verdict?.detail).not.toContain('playbook');
  const isReserved = (port: number): boolean => presenceOn(machine, 'ipv4', 'tcp', portRange(port)).active;
  expect([isReserved(9933), isReserved(9955)]).toEqual([true, false]);
});

test('what a rollback could not add on one family and the other brought back is back: the verdict says so, not half done', async () => {
  const released: Desired = {
    exclusions: [{ range: portRange(9933), protocol: 'tcp', families, presence: 'absent', service: null }],
    whenHeldByOwnService: 'restart',
  };
  const rows = { range: portRange(9933), protocol: 'tcp', administered: true, stores: ['active'], families } as const;
  const machine = memoryMachine('ex01', { exclusions: [rows] }, { oneList: true, refuseAdd: 'ipv4' });
  const before = essenceOf(machine);
  const fleet = memoryFleet([machine]);
  const journal = memoryJournal();
  const [changed] = await applyMemory(fleet, await planMemory(fleet, released), { journal });
  expect(changed?.verdict).toBe('changed');
  const { verdicts } = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() });
  expect(essenceOf(machine)).toEqual(before);
  expect(verdicts[0]?.verdict).toBe('changed');
});
