// What `verify` says of drift: the host undid a run by itself only where it is the very server that the run changed.
import { expect, test } from 'vitest';
import { runDueTasks } from '../../../src/lab/tasks/run-due-tasks.ts';
import { tellUndoneByGuard } from '../../../src/workflows/guards/undone-by-guard.ts';
import { memoryClock } from '../../support/memory-clock.ts';
import { memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { planMemory, policyOf, startMemory } from '../../support/memory-run.ts';
import { memoryStore } from '../../support/memory-store.ts';

const withinMs = 900_000;

test.each([
  ['the same server', 0, ['undone-by-guard']],
  ['another server of this name', 1, []],
])('%s', async (_, addedPort, codes) => {
  const machine = memoryMachine('ex01');
  const clock = memoryClock();
  const fleet = memoryFleet([machine], { clock });
  const confirm = { withinMs, by: 'person' } as const;
  const run = startMemory(fleet, await planMemory(fleet, undefined, policyOf({ confirm })), {
    journal: memoryJournal(),
    clock,
  });
  await run.outcome;
  clock.advance(withinMs);
  runDueTasks(machine, clock.elapsedMs());
  const drifted = await planMemory(fleet);
  const hosts = drifted.hosts.map((one) => ({
    ...one,
    connection: { ...one.connection, port: one.connection.port + addedPort },
  }));
  const told = await tellUndoneByGuard({ ...drifted, hosts }, memoryStore({ runs: run.saved() }));
  const found = told.hosts.flatMap((one) => one.findings.map(({ code }) => code));
  expect(found.filter((code) => code === 'undone-by-guard')).toEqual(codes);
});
