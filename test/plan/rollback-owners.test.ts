// A range that has to be added back while its port is open: its own service is stopped for it and started again, anybody else bars the way.
import { expect, test } from 'vitest';
import { families } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import { takeProcessId, createListeners, type Machine } from '../../src/lab/machine/machine.ts';
import { essenceOf, memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, planMemory, rollBackMemory } from '../support/memory-run.ts';

/** Until the next boot only: made permanent by the run, to be active only again after its rollback. */
const untilBoot = {
  range: portRange(9933),
  protocol: 'tcp',
  administered: true,
  stores: ['active'],
  families,
} as const;

async function applyThenBack(oneList: boolean, imap: 'running' | 'stopped', since: (machine: Machine) => void) {
  const machine = memoryMachine('ex01', { imap, exclusions: [untilBoot] }, { oneList });
  const before = JSON.stringify(essenceOf(machine));
  const fleet = memoryFleet([machine]);
  const journal = memoryJournal();
  await applyMemory(fleet, await planMemory(fleet), { journal });
  expect(JSON.stringify(essenceOf(machine))).not.toBe(before);
  since(machine);
  const found = JSON.stringify(essenceOf(machine));
  const { plan, verdicts } = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() });
  const now = JSON.stringify(essenceOf(machine));
  return { verdict: verdicts[0]?.verdict, plan: plan.hosts[0], isAsBefore: now === before, isUntouched: now === found };
}

test.each([true, false])(
  'the service is stopped, the range added back, the service started (one list: %s)',
  async (oneList) => {
    const { verdict, plan, isAsBefore } = await applyThenBack(oneList, 'running', () => undefined);
    expect([verdict, isAsBefore]).toEqual(['changed', true]);
    const services = plan?.steps.flatMap((step) => (step.kind === 'service' ? [step.verb] : []));
    expect([services?.[0], services?.at(-1)]).toEqual(['stop', 'start']);
  },
);

test('a stranger on the port bars the way, and nothing is lost by trying', async () => {
  const { verdict, plan, isUntouched } = await applyThenBack(true, 'stopped', (machine) => {
    const processId = takeProcessId(machine);
    machine.processes.push({ processId, imageName: 'broker.exe', services: [] });
    machine.sockets.push(...createListeners(9933, 'tcp', processId, families));
  });
  expect([verdict, isUntouched]).toEqual(['blocked', true]);
  expect(plan?.findings.map((one) => one.code)).toContain('held-by-stranger');
});
