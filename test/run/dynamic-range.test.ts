// A playbook that sets the dynamic range: planned, applied, verified and rolled back like a range that is reserved, and brought back after a
// death at any moment, lost answers and other people's changes. What counts is the true state of the simulated servers.
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/lab/machine/machine.ts';
import type { Desired } from '../../src/model/desired.ts';
import { families, type Family } from '../../src/model/host-state.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import { portRange, type PortRange } from '../../src/model/port-range.ts';
import { createController } from '../support/controller.ts';
import { amount } from '../support/amount.ts';
import { essenceOf, lost, memoryFleet, memoryMachine, type Trouble } from '../support/memory-fleet.ts';
import { memoryJournal, type AppendTrouble } from '../support/memory-journal.ts';
import {
  applyMemory,
  backEndPorts,
  planMemory,
  policyOf,
  resumeMemory,
  rollBackMemory,
  startMemory,
} from '../support/memory-run.ts';

const ofExchange = portRange(6005, 59530);
const low = portRange(1024, 64512);
const ofWindows = portRange(49152, 16384);
const desired: Desired = {
  exclusions: [],
  dynamicRange: { protocol: 'tcp', families, range: ofExchange },
  whenHeldByOwnService: 'block',
};

function machineWith(name: string, ipv4: PortRange, ipv6: PortRange = ipv4): Machine {
  const dynamic = [
    { family: 'ipv4', protocol: 'tcp', range: ipv4 },
    { family: 'ipv6', protocol: 'tcp', range: ipv6 },
  ] as const;
  return memoryMachine(name, { dynamic });
}

function rangeOf(machine: Machine, family: Family = 'ipv4'): PortRange {
  return machine.dynamic[family].tcp;
}

test('plan, apply, plan again: as desired; roll back: the ranges as they were found, each family its own', async () => {
  const machines = [
    machineWith('ex01', low),
    machineWith('ex02', ofExchange),
    machineWith('ex03', ofWindows, low),
    memoryMachine('ex04', { language: 'ru', dynamic: [{ family: 'ipv6', protocol: 'tcp', range: low }] }),
  ];
  const before = machines.map(essenceOf);
  const fleet = memoryFleet(machines);
  const plan = await planMemory(fleet, desired);
  expect(plan.hosts.map((one) => [one.state, one.steps.map((step) => step.sentence)])).toEqual([
    [
      'changes',
      [
        'set the tcp dynamic range on ipv4 to 6005-65534 (now 1024-65535)',
        'set the tcp dynamic range on ipv6 to 6005-65534 (now 1024-65535)',
      ],
    ],
    ['ok', []],
    [
      'changes',
      [
        'set the tcp dynamic range on ipv4 to 6005-65534 (now 49152-65535)',
        'set the tcp dynamic range on ipv6 to 6005-65534 (now 1024-65535)',
      ],
    ],
    ['changes', ['set the tcp dynamic range on ipv6 to 6005-65534 (now 1024-65535)']],
  ]);
  const [first] = plan.hosts[0]?.steps ?? [];
  expect(first).toMatchObject({
    line: 'netsh interface ipv4 set dynamicportrange protocol=tcp startport=6005 numberofports=59530',
    undo: 'netsh interface ipv4 set dynamicportrange protocol=tcp startport=1024 numberofports=64512',
  });

  const journal = memoryJournal();
  const verdicts = await applyMemory(fleet, plan, { journal });
  expect(verdicts.map((one) => one.verdict)).toEqual(['changed', 'unchanged', 'changed', 'changed']);
  for (const machine of machines) for (const family of families) expect(rangeOf(machine, family)).toEqual(ofExchange);
  expect((await planMemory(fleet, desired)).hosts.map((one) => one.state)).toEqual(['ok', 'ok', 'ok', 'ok']);

  const back = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() });
  expect(back.plan.hosts[0]?.steps.map((one) => one.sentence)).toEqual([
    'set the tcp dynamic range on ipv6 back to 1024-65535 (now 6005-65534)',
    'set the tcp dynamic range on ipv4 back to 1024-65535 (now 6005-65534)',
  ]);
  expect(back.verdicts.map((one) => one.verdict)).toEqual(['changed', 'changed', 'changed']);
  expect(machines.map(essenceOf)).toEqual(before);
});

test('exclusions and the dynamic range in one playbook: both done, both rolled back', async () => {
  const machine = machineWith('ex01', low);
  const before = essenceOf(machine);
  const fleet = memoryFleet([machine]);
  const both = { ...backEndPorts, dynamicRange: desired.dynamicRange };
  const journal = memoryJournal();
  const verdicts = await applyMemory(fleet, await planMemory(fleet, both), { journal });
  expect(verdicts.map((one) => [one.verdict, one.detail])).toEqual([['changed', '6 of 6 steps done and verified']]);
  expect(rangeOf(machine)).toEqual(ofExchange);
  expect(machine.exclusions.tcp.ipv4.persistent.map((one) => one.range.firstPort)).toContain(9933);
  await rollBackMemory(fleet, journal.events, { journal: memoryJournal() });
  expect(essenceOf(machine)).toEqual(before);
});

test('a range that Windows would not set again is not touched', async () => {
  for (const range of [portRange(600, 10000), portRange(50000, 100)]) {
    const machine = machineWith('ex01', range);
    const fleet = memoryFleet([machine]);
    const plan = await planMemory(fleet, desired);
    expect(plan.hosts.map((one) => [one.state, one.findings.map((each) => each.code)])).toEqual([
      ['blocked', ['dynamic-range-limits', 'dynamic-range-limits']],
    ]);
    expect(rangeOf(machine)).toEqual(range);
  }
});

test('a range that could not be read is neither as desired nor changed', async () => {
  const machine = machineWith('ex01', low);
  const fleet = memoryFleet([machine], {
    trouble: ({ kind }): Trouble | null =>
      kind === 'ask'
        ? { at: 'answer', spoil: (one) => ({ ...one, stdout: one.stdout.replaceAll('64512', 'x') }) }
        : null,
  });
  const plan = await planMemory(fleet, desired);
  expect(plan.hosts.map((one) => one.state)).toEqual(['blocked']);
});

/** An apply before which somebody else sets the range of ipv4: after the comparison with the plan, before the step's own look. */
async function applyBehindOther(machine: Machine, range: PortRange, journal: ReturnType<typeof memoryJournal>) {
  const plan = await planMemory(memoryFleet([machine]), desired);
  const fleet = memoryFleet([machine], {
    trouble({ kind }) {
      if (kind === 'ask' && journal.events.some((one) => one.type === 'host-started')) machine.dynamic.ipv4.tcp = range;
      return null;
    },
  });
  return applyMemory(fleet, plan, { journal });
}

describe('trouble', () => {
  test('a step that Windows refuses: what the other family got is set back', async () => {
    const machine = machineWith('ex01', low);
    const before = essenceOf(machine);
    const fleet = memoryFleet([machine], {
      trouble: ({ kind, shown }): Trouble | null =>
        kind === 'change' && shown.includes('ipv6 set dynamicportrange')
          ? { at: 'before', failure: lost('none') }
          : null,
    });
    const verdicts = await applyMemory(fleet, await planMemory(fleet, desired), { journal: memoryJournal() });
    expect(verdicts.map((one) => one.verdict)).toEqual(['failed-rolled-back']);
    expect(essenceOf(machine)).toEqual(before);
  });

  test.each(['before', 'after'] as const)(
    'an answer that is lost %s the command ran: the host is asked',
    async (at) => {
      const machine = machineWith('ex01', low);
      const before = essenceOf(machine);
      const fleet = memoryFleet([machine], {
        trouble: ({ kind, ofKind }): Trouble | null =>
          kind === 'change' && ofKind === 1 ? { at, failure: lost('unknown') } : null,
      });
      const verdicts = await applyMemory(fleet, await planMemory(fleet, desired), { journal: memoryJournal() });
      expect(verdicts.map((one) => one.verdict)).toEqual([at === 'after' ? 'changed' : 'failed-rolled-back']);
      if (at === 'before') expect(essenceOf(machine)).toEqual(before);
      else expect(families.map((family) => rangeOf(machine, family))).toEqual([ofExchange, ofExchange]);
    },
  );

  test('somebody else set another range since: the rollback leaves it alone, unless forced', async () => {
    const machine = machineWith('ex01', low);
    const fleet = memoryFleet([machine]);
    const journal = memoryJournal();
    await applyMemory(fleet, await planMemory(fleet, desired), { journal });
    machine.dynamic.ipv4.tcp = ofWindows;
    const back = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() });
    expect(back.plan.hosts.map((one) => [one.state, one.findings.map((each) => each.code)])).toEqual([
      ['blocked', ['changed-since']],
    ]);
    expect(rangeOf(machine)).toEqual(ofWindows);
    const forced = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() }, true);
    expect(forced.verdicts.map((one) => one.verdict)).toEqual(['changed']);
    expect(families.map((family) => rangeOf(machine, family))).toEqual([low, low]);
  });

  test('somebody else set the desired range already: not of the run, so a rollback keeps it', async () => {
    const machine = machineWith('ex01', low);
    const journal = memoryJournal();
    const verdicts = await applyBehindOther(machine, ofExchange, journal);
    expect(verdicts[0]?.detail).toContain('already as desired: set the tcp dynamic range on ipv4');
    await rollBackMemory(memoryFleet([machine]), journal.events, { journal: memoryJournal() });
    expect(families.map((family) => rangeOf(machine, family))).toEqual([ofExchange, low]);
  });

  test('somebody else sets a third range before the step comes: it is left alone', async () => {
    const machine = machineWith('ex01', low);
    const journal = memoryJournal();
    const verdicts = await applyBehindOther(machine, ofWindows, journal);
    expect(verdicts.map((one) => [one.verdict, one.failure?.code])).toEqual([['failed-rolled-back', 'step/disputed']]);
    expect(families.map((family) => rangeOf(machine, family))).toEqual([ofWindows, low]);
  });

  test('somebody else sets a third range before the undo comes: it is left alone, and that is said', async () => {
    const machine = machineWith('ex01', low);
    const fleet = memoryFleet([machine], {
      trouble({ kind, shown }) {
        if (kind !== 'change' || !shown.includes('ipv6 set dynamicportrange')) return null;
        machine.dynamic.ipv4.tcp = ofWindows;
        return { at: 'before', failure: lost('none') };
      },
    });
    const verdicts = await applyMemory(fleet, await planMemory(fleet, desired), { journal: memoryJournal() });
    expect(verdicts.map((one) => one.verdict)).toEqual(['failed-partial']);
    expect(verdicts[0]?.detail).toContain('somebody else changed it meanwhile; left as it is');
    expect(families.map((family) => rangeOf(machine, family))).toEqual([ofWindows, low]);
  });

  test('the policy stops the run: a second host that fails rolls the first back too', async () => {
    const machines = [machineWith('ex01', low), machineWith('ex02', low)];
    const before = machines.map(essenceOf);
    const fleet = memoryFleet(machines, {
      trouble: ({ kind, host, line }): Trouble | null =>
        kind === 'change' && host === 'ex02' && line.includes('ipv6 set')
          ? { at: 'before', failure: lost('unknown') }
          : null,
    });
    const policy = policyOf({ onFailure: 'rollback_run' }, { canary: 1 });
    const plan = await planMemory(fleet, desired, policy);
    const verdicts = await applyMemory(fleet, plan, { journal: memoryJournal() });
    expect(verdicts.map((one) => one.verdict)).toEqual(['rolled-back', 'failed-rolled-back']);
    expect(machines.map(essenceOf)).toEqual(before);
  });
});

/** Applies to a copy and dies at the n-th request or append. */
async function applyUntil(machines: readonly Machine[], what: 'request' | 'append', n: number, at: 'before' | 'after') {
  const copies = [...structuredClone(machines)];
  const controller = createController();
  const fleet = memoryFleet(copies, {
    controller,
    trouble: ({ number }): Trouble | null => (what === 'request' && number === n ? { at, failure: 'killed' } : null),
  });
  const journal = memoryJournal({
    controller,
    trouble: (_, count): AppendTrouble | null => (what === 'append' && count === n ? `killed-${at}` : null),
  });
  const plan = await planMemory(memoryFleet(structuredClone(machines)), desired);
  const run = startMemory(fleet, plan, { journal });
  const outcome = await Promise.race([run.outcome, controller.died]);
  const isOver = outcome !== null;
  controller.dead = true;
  return { copies, isOver, saved: run.saved() };
}

const deaths = (['request', 'append'] as const).flatMap((what) =>
  (['before', 'after'] as const).map((at) => ({ what, at })),
);

/** Every point in CI. */
const stride = amount({ share: 5, ci: 1 });

test.each(deaths)(
  'a death $at any $what: rollback brings every range back, resume brings it on',
  async ({ what, at }) => {
    const machines = [machineWith('ex01', low, ofWindows), machineWith('ex02', ofWindows)];
    const before = machines.map(essenceOf);
    let n = 1;
    for (; ; n += stride) {
      const { copies, isOver, saved } = await applyUntil(machines, what, n, at);
      if (isOver) break;
      const events: readonly RunEvent[] = saved.get('a-run')?.events ?? [];
      if (events.length === 0) continue;
      const resumed = structuredClone(copies);
      const journal = { journal: memoryJournal() };
      const { verdicts } = await rollBackMemory(memoryFleet(copies), events, journal);
      const where = `${what} ${n} ${at}`;
      expect([where, verdicts.filter((one) => !['changed', 'unchanged'].includes(one.verdict))]).toEqual([where, []]);
      expect([where, copies.map(essenceOf)]).toEqual([where, before]);
      const on = await resumeMemory(memoryFleet(resumed), saved, { journal: memoryJournal() });
      expect([where, on.verdicts.map((one) => one.verdict)]).toEqual([where, ['changed', 'changed']]);
      const ranges = resumed.flatMap((one) => families.map((family) => rangeOf(one, family)));
      expect([where, ranges]).toEqual([where, ranges.map(() => ofExchange)]);
      const again = await rollBackMemory(memoryFleet(resumed), on.saved.get('a-run')?.events ?? [], journal);
      expect([where, again.verdicts.map((one) => one.verdict)]).toEqual([where, ['changed', 'changed']]);
      expect([where, resumed.map(essenceOf)]).toEqual([where, before]);
    }
    expect(n).toBeGreaterThan(10);
  },
);
