// A run that dies at any moment while its failure policy undoes it, or right before: `resume` goes on undoing and never forward again, and
// what failed before the death counts.
import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/model/outcome.ts';
import { families } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import type { Policy, Strategy } from '../../src/model/strategy.ts';
import { amount, everyNth } from '../support/amount.ts';
import { createController } from '../support/controller.ts';
import { essenceOf, memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { planMemory, policyOf, resumeMemory, startMemory } from '../support/memory-run.ts';

/** ex01 and ex02 can be changed, ex03 refuses, ex04 comes after it, a host at a time. */
function fourMachines() {
  return [
    memoryMachine('ex01', { imap: 'running' }),
    memoryMachine('ex02', { imap: 'running' }),
    memoryMachine('ex03', {}, { refuseAdd: 'ipv6', oneList: false }),
    memoryMachine('ex04'),
  ];
}

const oneByOne: Partial<Strategy> = { concurrency: 1, batches: [{ kind: 'count', hosts: 1 }] };

async function night(
  policy: Partial<Omit<Policy, 'strategy'>>,
  strategy: Partial<Strategy> = oneByOne,
  first = fourMachines(),
) {
  const plan = await planMemory(memoryFleet(structuredClone(first)), undefined, policyOf(policy, strategy));
  const whole = memoryJournal();
  await startMemory(memoryFleet(structuredClone(first)), plan, { journal: whole }).outcome;
  return { before: first.map((one) => JSON.stringify(essenceOf(one))), first, plan, events: whole.events };
}

/** Dies behind every append after which the journal is so, and says behind which one. One host at a time: always the same journal. */
async function* deathsWhen(
  { first, plan, events }: Awaited<ReturnType<typeof night>>,
  isSo: (events: readonly RunEvent[]) => boolean,
) {
  const counts = events.map((_, index) => index + 1).filter((n) => isSo(events.slice(0, n)));
  const stride = counts.length > 20 ? amount({ share: 4, ci: 1 }) : 1;
  for (const n of everyNth(counts, stride)) {
    const machines = structuredClone(first);
    const controller = createController();
    const journal = memoryJournal({ controller, trouble: (_, append) => (append === n ? 'killed-after' : null) });
    const run = startMemory(memoryFleet(machines, { controller }), plan, { journal });
    await Promise.race([run.outcome, controller.died]);
    expect([n, controller.dead, isSo(journal.events)]).toEqual([n, true, true]);
    yield { n, machines, saved: run.saved(), events: journal.events };
  }
}

/** Between the first failure and the end of the run. */
function isUndoing(events: readonly RunEvent[]): boolean {
  return hasFailed(events, 'ex03') && events.at(-1)?.type !== 'run-finished';
}

function hasFailed(events: readonly RunEvent[], host: string): boolean {
  return events.some((one) => one.type === 'host-finished' && one.host === host && one.verdict.startsWith('failed'));
}

test('rollback_run: after the failure that exceeds the budget every death ends with all hosts as they were', async () => {
  const whole = await night({ onFailure: 'rollback_run' });
  const wrong: string[] = [];
  let deaths = 0;
  for await (const { n, machines, saved, events } of deathsWhen(whole, isUndoing)) {
    deaths += 1;
    const resumed = await resumeMemory(memoryFleet(machines), saved, { journal: memoryJournal() });
    const words = resumed.verdicts
      .map((one) => `${one.host} ${one.verdict}`)
      .toSorted()
      .join(', ');
    if (words !== 'ex01 rolled-back, ex02 rolled-back, ex03 failed-rolled-back, ex04 skipped') {
      wrong.push(`append ${n} (${events.at(-1)?.type ?? ''}): ${words}`);
    }
    const changed = machines.filter((one, index) => JSON.stringify(essenceOf(one)) !== whole.before[index]);
    if (changed.length > 0) wrong.push(`append ${n}: ${changed.map((one) => one.name).join(', ')} not as before`);
  }
  expect(wrong).toEqual([]);
  expect(deaths).toBeGreaterThan(amount({ share: 5, ci: 20 }));
});

test('a failure after the resumption undoes what was changed before it, too', async () => {
  const whole = await night({ onFailure: 'rollback_run' });
  let deaths = 0;
  const isBetween = (events: readonly RunEvent[]): boolean =>
    events.at(-1)?.type === 'batch-finished' && !hasFailed(events, 'ex03');
  for await (const { n, machines, saved } of deathsWhen(whole, isBetween)) {
    deaths += 1;
    await resumeMemory(memoryFleet(machines), saved, { journal: memoryJournal() });
    expect([n, machines.map((one) => JSON.stringify(essenceOf(one)))]).toEqual([n, whole.before]);
  }
  expect(deaths).toBe(2);
});

test('rollback_host: hosts that were not started stay so, and those in change are finished', async () => {
  const whole = await night({ onFailure: 'rollback_host' }, { concurrency: 1 });
  let deaths = 0;
  for await (const { n, machines, saved } of deathsWhen(whole, isUndoing)) {
    deaths += 1;
    const resumed = await resumeMemory(memoryFleet(machines), saved, { journal: memoryJournal() });
    const verdicts = Object.fromEntries(resumed.verdicts.map((one) => [one.host, one.verdict]));
    expect([n, verdicts]).toEqual([
      n,
      { ex01: 'changed', ex02: 'changed', ex03: 'failed-rolled-back', ex04: 'skipped' },
    ]);
    expect(JSON.stringify(essenceOf(machines[3] ?? memoryMachine('none')))).toBe(whole.before[3]);
  }
  expect(deaths).toBeGreaterThan(0);
});

test('a host that failed before the death and fails again counts once, of its batch and of the run', async () => {
  const all = { kind: 'percent', percent: 100 } as const;
  const strategy = {
    concurrency: 1,
    batches: [all],
    maxFailed: all,
    maxFailedTotal: { kind: 'count', hosts: 1 },
  } as const;
  const machines = fourMachines();
  // Its service comes back neither with the change nor without: it is tried again.
  machines[2] = memoryMachine('ex03', { imap: 'running' }, { scStartFails: 'MSExchangeIMAP4BE' });
  const whole = await night({ onFailure: 'rollback_host' }, strategy, machines);
  const isBetween = (events: readonly RunEvent[]): boolean => {
    const last = events.at(-1);
    return last?.type === 'host-finished' && last.host === 'ex03';
  };
  let deaths = 0;
  for await (const { n, machines, saved } of deathsWhen(whole, isBetween)) {
    deaths += 1;
    const journal = memoryJournal();
    const resumed = await resumeMemory(memoryFleet(machines), saved, { journal });
    expect(journal.events).toContainEqual(expect.objectContaining({ type: 'host-started', host: 'ex03' }));
    const verdicts = Object.fromEntries(resumed.verdicts.map((one) => [one.host, one.verdict]));
    expect([n, verdicts]).toEqual([n, { ex01: 'changed', ex02: 'changed', ex03: 'failed-partial', ex04: 'changed' }]);
  }
  expect(deaths).toBe(1);
});

test('of a run that came to its end no failure counts, neither for what is tried again nor against it', async () => {
  const all = { kind: 'percent', percent: 100 } as const;
  const strategy = { ...oneByOne, maxFailed: all, maxFailedTotal: { kind: 'count', hosts: 0 } } as const;
  const machines = fourMachines();
  machines[2] = memoryMachine('ex03', { imap: 'running' }, { scStartFails: 'MSExchangeIMAP4BE' });
  const plan = await planMemory(memoryFleet(machines), undefined, policyOf({ onFailure: 'rollback_host' }, strategy));
  const first = startMemory(memoryFleet(machines), plan, { journal: memoryJournal() });
  expect((await first.outcome).verdicts.map((one) => one.verdict)).toContain('skipped');
  const journal = memoryJournal();
  const resumed = await resumeMemory(memoryFleet(machines), first.saved(), { journal });
  const started = journal.events.flatMap((one) => (one.type === 'host-started' ? [one.host] : []));
  const verdicts = Object.fromEntries(resumed.verdicts.map((one) => [one.host, one.verdict]));
  expect([started, verdicts['ex03'], verdicts['ex04']]).toEqual([['ex03'], 'failed-partial', 'skipped']);
});

test('a service that stands in the way of an undo runs again, also where a resumed run undoes what it changed before', async () => {
  // Windows adds no range over an open port: putting back what was reserved until the next boot only takes an outage.
  const range = portRange(9933);
  const row = { range, protocol: 'tcp', administered: true, stores: ['active'], families } as const;
  const machines = [
    memoryMachine('ex01', { imap: 'running', exclusions: [row] }),
    memoryMachine('ex02', {}, { refuseAdd: 'ipv6', oneList: false }),
  ];
  const before = machines.map(essenceOf);
  const plan = await planMemory(memoryFleet(machines), undefined, policyOf({ onFailure: 'rollback_run' }, oneByOne));
  const controller = createController();
  const journal = memoryJournal({
    controller,
    trouble: (event) => (event.type === 'host-finished' && event.host === 'ex02' ? 'killed-after' : null),
  });
  const run = startMemory(memoryFleet(machines, { controller }), plan, { journal });
  await controller.died;
  const resumed = await resumeMemory(memoryFleet(machines), run.saved(), { journal: memoryJournal() });
  expect(resumed.verdicts.map((one) => `${one.host} ${one.verdict}`).toSorted()).toEqual([
    'ex01 rolled-back',
    'ex02 failed-rolled-back',
  ]);
  expect(machines.map(essenceOf)).toEqual(before);
});

test('the budget of the interrupted batch goes on: a failure before and one after it exceed a budget of one', async () => {
  const machines = ['f', 'c', 'f', 'c'].map((kind, index) =>
    memoryMachine(`ex0${index + 1}`, {}, kind === 'f' ? { refuseAdd: 'ipv6', oneList: false } : {}),
  );
  const policy = policyOf({}, { concurrency: 1, maxFailed: { kind: 'count', hosts: 1 } });
  const plan = await planMemory(memoryFleet(machines), undefined, policy);
  const controller = createController();
  const journal = memoryJournal({
    controller,
    trouble: (event) => (event.type === 'host-started' && event.host === 'ex02' ? 'killed-before' : null),
  });
  const run = startMemory(memoryFleet(machines, { controller }), plan, { journal });
  await controller.died;
  const resumed = await resumeMemory(memoryFleet(machines), run.saved(), { journal: memoryJournal() });
  expect(resumed.verdicts.map((one) => `${one.host} ${one.verdict}`)).toEqual([
    'ex01 failed-rolled-back',
    'ex02 changed',
    'ex03 failed-rolled-back',
    'ex04 skipped',
  ]);
});
