// Runs over a mixed fleet, each server with back-end ports of its own: applied, rolled back, and resumed after a death at any append. Judged by
// the servers themselves.
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/lab/machine/machine.ts';
import { resolveRequest } from '../../src/model/backend/back-end-ports.ts';
import { families, stores } from '../../src/model/host-state.ts';
import { createController } from '../support/controller.ts';
import { amount } from '../support/amount.ts';
import { askedBackEnds, knownPorts, mixedMachines, planBackEnds } from '../support/back-end-fleet.ts';
import { notAsDesired } from '../support/machine-state.ts';
import { essenceOf, memoryFleet } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, resumeMemory, rollBackMemory, startMemory } from '../support/memory-run.ts';

const textOf = (machines: readonly Machine[]) => machines.map((one) => JSON.stringify(essenceOf(one)));

/** The administered ports of a server, the same in both stores and families. */
function reservedOn({ exclusions }: Machine): readonly number[] {
  const lists = families.flatMap((family) =>
    stores.map((store) =>
      exclusions.tcp[family][store]
        .filter((row) => row.administered)
        .map(({ range }) => range.firstPort)
        .sort((a, b) => a - b),
    ),
  );
  expect(new Set(lists.map((one) => one.join())).size).toBe(1);
  return lists[0] ?? [];
}

function usual(): readonly (readonly number[])[] {
  return mixedMachines().map(reservedOn);
}

const isEqual = (one: readonly number[], ports: readonly number[]) =>
  ports.every((port) => one.includes(port)) && one.length === ports.length;

function added(machine: Machine, index: number): readonly number[] {
  const before = usual()[index] ?? [];
  return reservedOn(machine).filter((port) => !before.includes(port));
}

describe('a mixed fleet', () => {
  test('each server gets its own ports and no other, the unknown one nothing; and all of it is rolled back', async () => {
    const machines = mixedMachines();
    const before = textOf(machines);
    const fleet = memoryFleet(machines);
    const plan = await planBackEnds(fleet);
    const journal = memoryJournal();
    const verdicts = await applyMemory(fleet, plan, { journal });
    expect(verdicts.map((one) => `${one.host} ${one.verdict}`)).toEqual([
      'ex01 changed',
      'ex02 changed',
      'ex03 changed',
      'ex04 blocked',
    ]);
    expect(machines.map(added)).toEqual([[9933, 9955], [1993, 1995], [9955, 64_327], []]);
    const again = await planBackEnds(fleet);
    expect(again.hosts.map((one) => one.state)).toEqual(['ok', 'ok', 'ok', 'blocked']);

    const back = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() });
    expect(back.verdicts.map((one) => `${one.host} ${one.verdict}`)).toEqual([
      'ex01 changed',
      'ex02 changed',
      'ex03 changed',
    ]);
    expect(textOf(machines)).toEqual(before);
  });

  test('killed at any append and resumed, every server ends with its own ports; rolled back instead, as it was', async () => {
    const before = textOf(mixedMachines());
    const plan = await planBackEnds(memoryFleet(mixedMachines()));
    const wrong: string[] = [];
    let deaths = 0;
    for (let n = 2; ; n += amount({ share: 5, ci: 1 })) {
      const machines = [...mixedMachines()];
      const controller = createController();
      const journal = memoryJournal({ controller, trouble: (_, append) => (append === n ? 'killed-after' : null) });
      const run = startMemory(memoryFleet(machines, { controller }), plan, { journal });
      const hasLived = await Promise.race([run.outcome.then(() => true), controller.died]);
      if (hasLived) break;
      deaths += 1;
      const saved = run.saved();
      const backward = structuredClone(machines);

      await resumeMemory(memoryFleet(machines), saved, { journal: memoryJournal() });
      for (const machine of machines.slice(0, 3)) {
        const left = notAsDesired(machine, resolveRequest(askedBackEnds, knownPorts[machine.name]));
        if (left.length > 0) wrong.push(`append ${n}, ${machine.name}: ${left.join('; ')}`);
      }
      const own = machines.map((one, index) => added(one, index));
      const goal = [[9933, 9955], [1993, 1995], [9955, 64_327], []];
      if (!own.every((one, index) => isEqual(one, goal[index] ?? [])))
        wrong.push(`append ${n}: ${JSON.stringify(own)}`);

      await rollBackMemory(memoryFleet(backward), journal.events, { journal: memoryJournal() });
      if (textOf(backward).join() !== before.join()) wrong.push(`append ${n}: not as before after the rollback`);
    }
    expect(wrong).toEqual([]);
    expect(deaths).toBeGreaterThan(amount({ share: 8, ci: 40 }));
  }, 600_000);
});
