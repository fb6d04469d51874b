// `resume --concurrency`: fewer hosts are changed at once than the plan allows, never more than it was signed off for. How many hosts have
// started and not finished, as the journal has it, is the judge.
import { expect, test } from 'vitest';
import type { RunEvent } from '../../../src/model/outcome.ts';
import { executeResume, planResume } from '../../../src/workflows/resume/resume.ts';
import { createController } from '../../support/controller.ts';
import { failureOf } from '../../support/failure-of.ts';
import { memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { memoryJournal, type MemoryJournal } from '../../support/memory-journal.ts';
import { planMemory, policyOf, startMemory } from '../../support/memory-run.ts';
import { memoryListener, memorySeams, noInventory } from '../../support/memory-seams.ts';
import { memoryStore } from '../../support/memory-store.ts';

const manners = { endsAt: null, confirmBatch: () => Promise.resolve(true), inventory: undefined };

/** A run of six hosts, three at once, that died at its first change. */
async function dieAtOnce() {
  const machines = ['ex01', 'ex02', 'ex03', 'ex04', 'ex05', 'ex06'].map((name) => memoryMachine(name));
  const plan = await planMemory(memoryFleet(machines), undefined, policyOf({}, { concurrency: 3 }));
  const controller = createController();
  const dying = memoryFleet(machines, {
    controller,
    trouble: ({ kind }) => (kind === 'change' ? { at: 'before', failure: 'killed' } : null),
  });
  const run = startMemory(dying, plan, { journal: memoryJournal({ controller }) });
  await controller.died;
  const fleet = memoryFleet(machines);
  const listener = memoryListener();
  const store = memoryStore({ runs: run.saved(), journal: slowJournal() });
  return { fleet, listener, seams: memorySeams({ connector: fleet.connector, listener, store }) };
}

/** Each record takes a few turns, in which other hosts start. */
function slowJournal(): MemoryJournal {
  const journal = memoryJournal();
  const append = async (event: RunEvent): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await journal.append(event);
  };
  return { ...journal, append };
}

/** The most that were under way at a time. */
function countMost(events: readonly RunEvent[]): number {
  const underWay = new Set<string>();
  return events.reduce((most, event) => {
    if (event.type === 'host-started') underWay.add(event.host);
    if (event.type === 'host-finished') underWay.delete(event.host);
    return Math.max(most, underWay.size);
  }, 0);
}

const request = { run: 'a-run', concurrency: 10, inventory: noInventory };

test.each([
  { changesAtOnce: 1, most: 1 },
  { changesAtOnce: 2, most: 2 },
  { changesAtOnce: undefined, most: 3 },
])('with $changesAtOnce at most $most hosts are changed at once', async ({ changesAtOnce, most }) => {
  const { seams, listener } = await dieAtOnce();
  const planned = await planResume({ ...request, ...(changesAtOnce === undefined ? {} : { changesAtOnce }) }, seams);
  const { verdicts } = await executeResume(planned, manners, seams);
  expect(verdicts.map((one) => one.verdict)).toEqual(Array.from({ length: 6 }, () => 'changed'));
  expect(countMost(listener.events)).toBe(most);
});

test('more than the plan was signed off for are refused before a host is asked', async () => {
  const { fleet, seams } = await dieAtOnce();
  const failure = await failureOf(planResume({ ...request, changesAtOnce: 4 }, seams));
  expect([failure.code, failure.message]).toEqual(['usage/invalid', expect.stringContaining('for 3 hosts at once')]);
  expect(fleet.requests).toEqual([]);
});
