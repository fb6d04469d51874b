// IPv4 and IPv6 may share one exclusion list: a way back cut short on one family has moved the other along, and that is nobody else's doing.
import { expect, test } from 'vitest';
import { deleteExclusion } from '../../src/lab/machine/port-table.ts';
import { families } from '../../src/model/host-state.ts';
import type { RunEvent, StepLook } from '../../src/model/outcome.ts';
import type { ExclusionStep, Presence } from '../../src/model/plan.ts';
import { portRange } from '../../src/model/port-range.ts';
import { essenceOf, memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, planMemory, rollBackMemory } from '../support/memory-run.ts';

const untilBoot = {
  range: portRange(9955),
  protocol: 'tcp',
  administered: true,
  stores: ['active'],
  families,
} as const;

async function cutShort(noted: (step: ExclusionStep) => readonly RunEvent[]) {
  const machine = memoryMachine('ex01', { exclusions: [untilBoot] }, { oneList: true });
  const before = JSON.stringify(essenceOf(machine));
  const fleet = memoryFleet([machine]);
  const journal = memoryJournal();
  const plan = await planMemory(fleet);
  await applyMemory(fleet, plan, { journal });
  const step = plan.hosts[0]?.steps.find((one) => one.sentence.includes('9955 on ipv4'));
  if (step?.kind !== 'exclusion') throw new Error('no such step');
  // The first command of the way back took the range out of both stores, on both families; the second was never sent.
  deleteExclusion(machine, { family: 'ipv4', protocol: 'tcp', firstPort: 9955, portCount: 1, store: 'persistent' });
  const events = [...journal.events, ...noted(step)];
  const { verdicts } = await rollBackMemory(fleet, events, { journal: memoryJournal() });
  return { verdict: verdicts[0]?.verdict, isAsBefore: JSON.stringify(essenceOf(machine)) === before };
}

const both = { active: true, persistent: true };
const goal = { kind: 'exclusion', store: 'persistent', present: false } as const;
const look = (presence: Presence): StepLook => ({ kind: 'exclusion', presence: { ipv4: presence, ipv6: presence } });
const at = '2026-12-05T22:30:00.000Z';

function intended({ number, undo }: ExclusionStep): RunEvent {
  return {
    at,
    type: 'command-planned',
    host: 'ex01',
    step: number,
    direction: 'undo',
    line: undo[0]?.line ?? '',
    goal,
    before: look(both),
  };
}

function answered({ number: step }: ExclusionStep): RunEvent {
  const presence = { active: false, persistent: false };
  const looks = { state: { kind: 'exclusion', presence }, before: look(both), after: look(presence) } as const;
  return { at, type: 'command-finished', host: 'ex01', step, direction: 'undo', exitCode: 0, text: 'Ok.', ...looks };
}

test('cut short before the answer was noted', async () => {
  expect(await cutShort((step) => [intended(step)])).toEqual({ verdict: 'changed', isAsBefore: true });
});

test('cut short after the answer was noted, before the other family was asked', async () => {
  expect(await cutShort((step) => [intended(step), answered(step)])).toEqual({ verdict: 'changed', isAsBefore: true });
});

test('with nothing noted it is somebody else, and the host is refused', async () => {
  expect(await cutShort(() => [])).toMatchObject({ verdict: 'conflict' });
});
