// A run whose hosts wait to be confirmed dies, and nobody comes before their guards start: what resume, rollback and status then say is
// what the simulated machines are like. And what they do while a guard, their own or another run's, is still there.
import { expect, test } from 'vitest';
import { runDueTasks } from '../../src/lab/tasks/run-due-tasks.ts';
import { doAsStranger } from '../../src/lab/stranger.ts';
import { families } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import type { EventOf, RunEvent } from '../../src/model/outcome.ts';
import { readRunStatus } from '../../src/workflows/run-status.ts';
import { createController } from '../support/controller.ts';
import { notAsDesired } from '../support/machine-state.ts';
import { memoryClock } from '../support/memory-clock.ts';
import { essenceOf, memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import {
  backEndPorts,
  planMemory,
  policyOf,
  resumeMemory,
  rollBackMemory,
  startMemory,
} from '../support/memory-run.ts';
import { memoryStore } from '../support/memory-store.ts';

const withinMs = 900_000;

/** The first host is changed and waits; the run dies behind the first exclusion of the second; the third was never started. */
async function died() {
  const machines = ['ex01', 'ex02', 'ex03'].map((name) => memoryMachine(name, { imap: 'running' }));
  const [first, second] = machines;
  if (first === undefined || second === undefined) throw new Error('no machines');
  const before = machines.map(essenceOf);
  const confirm = { withinMs, by: 'person' } as const;
  const plan = await planMemory(memoryFleet(machines), undefined, policyOf({ confirm }, { concurrency: 1 }));
  const controller = createController();
  const clock = memoryClock();
  const fleet = memoryFleet(machines, {
    controller,
    clock,
    trouble: ({ host, kind, shown }) =>
      host === 'ex02' && kind === 'change' && shown.includes('add excludedportrange') && !shown.includes('/create')
        ? { at: 'after', failure: 'killed' }
        : null,
  });
  const run = startMemory(fleet, plan, { journal: memoryJournal({ controller }), clock });
  await controller.died;
  const saved = run.saved();
  const events = saved.get('a-run')?.events ?? [];
  const wait = (): void => {
    clock.advance(withinMs);
    for (const machine of machines) runDueTasks(machine, machine.nowMs + withinMs);
  };
  const later = memoryFleet(machines, { clock });
  return { machines, first, second, before, saved, events, clock, later, wait };
}

const guardsOf = (events: readonly RunEvent[], host: string): readonly string[] =>
  events.filter((one): one is EventOf<'guard'> => one.type === 'guard' && one.host === host).map((one) => one.state);

const left = (machines: Awaited<ReturnType<typeof died>>['machines']): unknown =>
  machines.map((one) => [notAsDesired(one, backEndPorts).length, one.tasks.length]);

test('resumed too late: what the hosts undid is planned again and done, and waits to be confirmed again', async () => {
  const { machines, before, saved, clock, later, wait } = await died();
  wait();
  expect(machines.map(essenceOf)).toEqual(before);
  const { verdicts, saved: after } = await resumeMemory(later, saved, { journal: memoryJournal(), clock });
  expect(verdicts.map((one) => one.verdict)).toEqual(['changed', 'changed', 'changed']);
  expect(left(machines)).toEqual([
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
  const events = after.get('a-run')?.events ?? [];
  expect(guardsOf(events, 'ex01')).toEqual(['planned', 'armed', 'fired', 'planned', 'armed']);
  wait();
  expect(machines.map(essenceOf)).toEqual(before);
});

test('resumed in time: the host that waits is left as it is', async () => {
  const { machines, saved, clock, later } = await died();
  const { verdicts } = await resumeMemory(later, saved, { journal: memoryJournal(), clock });
  expect(verdicts.map((one) => one.verdict)).toEqual(['changed', 'changed', 'changed']);
  expect(later.requests.filter(({ host, kind }) => host === 'ex01' && kind === 'change')).toEqual([]);
  expect(left(machines)).toEqual([
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
});

test('rolled back too late: nothing is sent, and it is said that the hosts undid it by themselves', async () => {
  const { machines, before, saved, events, clock, later, wait } = await died();
  wait();
  const journal = memoryJournal();
  const { verdicts } = await rollBackMemory(later, events, { journal, clock });
  expect(verdicts.map((one) => [one.host, one.verdict])).toEqual([
    ['ex01', 'unchanged'],
    ['ex02', 'unchanged'],
  ]);
  expect(verdicts[0]?.detail).toMatch(/^the host undid the changes by itself/);
  expect(later.requests.filter(({ kind }) => kind === 'change')).toEqual([]);
  expect(machines.map(essenceOf)).toEqual(before);
  const run = saved.get('a-run');
  if (run === undefined) throw new Error('no run');
  const rollback = { planText: '', events: journal.events };
  const status = await readRunStatus(
    'a-run',
    memoryStore({
      runs: new Map([
        ['a-run', run],
        ['a-rollback', rollback],
      ]),
    }),
  );
  expect(status.hosts.map((one) => [one.verdict, one.changed, one.down, one.guard, one.rolledBackBy])).toEqual([
    ['undone-by-host', [], [], undefined, null],
    ['undone-by-host', [], [], undefined, null],
    [null, [], [], undefined, null],
  ]);
});

test('rolled back in time: the guards are called off first', async () => {
  const { machines, before, events, clock, later } = await died();
  const { verdicts } = await rollBackMemory(later, events, { journal: memoryJournal(), clock });
  expect(verdicts.map((one) => one.verdict)).toEqual(['changed', 'changed']);
  expect(later.requests.find(({ kind }) => kind === 'change')?.shown).toContain('schtasks /delete');
  expect(machines.map(essenceOf)).toEqual(before);
});

test('a guard that is gone from a host that is still changed has not run: the host is rolled back', async () => {
  const { first, before, events, clock, later } = await died();
  first.tasks = [];
  const { verdicts } = await rollBackMemory(later, events, { journal: memoryJournal(), clock });
  expect(verdicts[0]).toMatchObject({ host: 'ex01', verdict: 'changed' });
  expect(later.requests.some(({ host, kind }) => host === 'ex01' && kind === 'change')).toBe(true);
  expect(essenceOf(first)).toEqual(before[0]);
});

test('what somebody else reserves after a guard has run is not rolled back', async () => {
  const { first, events, saved, clock, later, wait } = await died();
  wait();
  const { saved: after } = await resumeMemory(later, saved, { journal: memoryJournal(), clock });
  const journal = after.get('a-run')?.events ?? [];
  // The resumed run died right behind noting that the guard had run.
  const upTo = journal.findIndex((one) => one.type === 'guard' && one.host === 'ex01' && one.state === 'fired');
  expect(notAsDesired(first, backEndPorts)).toEqual([]);
  first.tasks = [];
  const changed = essenceOf(first);
  const again = memoryFleet([...later.machines.values()], { clock });
  const { verdicts } = await rollBackMemory(again, journal.slice(0, upTo + 1), { journal: memoryJournal(), clock });
  expect(verdicts.find((one) => one.host === 'ex01')?.verdict).toMatch(/^(?:un)?changed$/);
  expect(essenceOf(first)).toEqual(changed);
  expect(events.length).toBeLessThan(journal.length);
});

test('what somebody else reserves until the next boot, before it is resumed, is not undone when that fails', async () => {
  const { second, saved, clock, later, wait } = await died();
  wait();
  const range = portRange(9955);
  doAsStranger(second, { does: 'reserve', protocol: 'tcp', store: 'active', families, range });
  const found = essenceOf(second);
  const { verdicts, saved: after } = await resumeMemory(later, saved, { journal: memoryJournal(), clock });
  expect(verdicts.find((one) => one.host === 'ex02')).toMatchObject({
    verdict: 'failed-rolled-back',
    failure: { code: 'guard/not-armed' },
  });
  expect(essenceOf(second)).toEqual(found);
  const events = after.get('a-run')?.events ?? [];
  expect(guardsOf(events, 'ex02')).toContain('fired');
  await rollBackMemory(memoryFleet([...later.machines.values()], { clock }), events, {
    journal: memoryJournal(),
    clock,
  });
  expect(essenceOf(second)).toEqual(found);
});

test.each(['resume', 'rollback'] as const)('the guard of another run blocks %s, its own does not', async (what) => {
  const { second, saved, events, clock, later } = await died();
  const [own] = second.tasks;
  if (own === undefined) throw new Error('no guard');
  second.tasks.push({ ...own, path: '\\Fencepost\\another-run' });
  const found = essenceOf(second);
  const options = { journal: memoryJournal(), clock };
  const { plan, verdicts } =
    what === 'resume' ? await resumeMemory(later, saved, options) : await rollBackMemory(later, events, options);
  const host = plan.hosts.find((one) => one.target === 'ex02');
  expect([host?.state, host?.findings[0]?.code]).toEqual(['blocked', 'guard-left']);
  expect(verdicts.find((one) => one.host === 'ex02')?.detail).toContain('another-run');
  expect(verdicts.find((one) => one.host === 'ex01')?.verdict).toBe('changed');
  expect(essenceOf(second)).toEqual(found);
});
