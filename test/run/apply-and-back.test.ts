// The main job on a fleet in memory: plan, apply, plan again, roll back.
import { expect, test } from 'vitest';
import { essenceOf, memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, planMemory, rollBackMemory } from '../support/memory-run.ts';

test.each([
  { oneList: true },
  { oneList: false },
  { oneList: true, persistentShow: 'blank' },
  { oneList: true, persistentShow: 'frame' },
] as const)('apply, plan again: fine; roll back: as it was (%o)', async (quirks) => {
  const machines = [
    memoryMachine('ex01', { language: 'de' }, quirks),
    memoryMachine('ex02', { language: 'ja', imap: 'running', pop: 'running' }, quirks),
    memoryMachine('ex03', { language: 'ru', exchange: 'none' }, quirks),
  ];
  const before = machines.map(essenceOf);
  const fleet = memoryFleet(machines);
  const plan = await planMemory(fleet);
  expect(plan.hosts.map((one) => one.state)).toEqual(['changes', 'changes', 'changes']);
  const journal = memoryJournal();
  const verdicts = await applyMemory(fleet, plan, { journal });
  expect(verdicts.map((one) => one.verdict)).toEqual(['changed', 'changed', 'changed']);
  const again = await planMemory(fleet);
  expect(again.hosts.map((one) => one.state)).toEqual(['ok', 'ok', 'ok']);

  const back = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() });
  expect(back.verdicts.map((one) => one.verdict)).toEqual(['changed', 'changed', 'changed']);
  expect(machines.map(essenceOf)).toEqual(before);
  expect(fleet.open.size).toBe(0);
});

test.each(['user', 'filtered'] as const)(
  'a rollback by an account without rights (%s) is blocked, not found out',
  async (rights) => {
    const machine = memoryMachine('ex01', { imap: 'running' });
    const fleet = memoryFleet([machine]);
    const journal = memoryJournal();
    await applyMemory(fleet, await planMemory(fleet), { journal });
    const changed = memoryFleet([{ ...machine, rights }]);
    const before = essenceOf(changed.machine('ex01'));
    const back = await rollBackMemory(changed, journal.events, { journal: memoryJournal() });
    expect(back.plan.hosts.map((one) => [one.state, one.steps, one.findings.map((each) => each.code)])).toEqual([
      ['blocked', [], ['account-rights']],
    ]);
    expect(changed.requests.filter((one) => one.kind === 'change')).toEqual([]);
    expect(essenceOf(changed.machine('ex01'))).toEqual(before);
    // Forced or not.
    const forced = await rollBackMemory(changed, journal.events, { journal: memoryJournal() }, true);
    expect(forced.plan.hosts.map((one) => one.state)).toEqual(['blocked']);
  },
);
