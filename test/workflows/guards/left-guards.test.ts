// `guards clean` on simulated machines: every guard goes whatever else is in the folder, and only what is seen to be gone counts as deleted.
import { expect, test } from 'vitest';
import { createTask } from '../../../src/lab/machine/scheduled-task.ts';
import { readTaskXml } from '../../../src/lab/tasks/task-xml.ts';
import { writeGuardXml } from '../../../src/windows/guard.ts';
import { cleanGuards, countDeleted, listGuards } from '../../../src/workflows/guards/left-guards.ts';
import { lost, memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { memorySeams } from '../../support/memory-seams.ts';
import { throwingListener } from '../../support/throwing-listener.ts';

const xml = writeGuardXml({ task: '\\Fencepost\\x', withinMs: 900_000, actions: [] }).join('\r\n');

function machineWith(tasks: readonly string[]) {
  const machine = memoryMachine('ex01');
  machine.tasks = tasks.map((path) => createTask(path, xml, readTaskXml(xml), 0));
  return machine;
}

test('a task that no run made is left and named; it keeps no guard from being deleted', async () => {
  const machine = machineWith(['\\Fencepost\\My notes', '\\FENCEPOST\\20261205-220114-4f9a1c']);
  const fleet = memoryFleet([machine]);
  const seams = memorySeams({ connector: fleet.connector });
  const found = await listGuards(fleet.targets, 1, seams);
  const after = await cleanGuards(fleet.targets, found, 1, seams);
  expect(machine.tasks.map((one) => one.path)).toEqual(['\\Fencepost\\My notes']);
  expect(after).toMatchObject([
    { host: 'ex01', guards: ['\\Fencepost\\My notes'], failure: { code: 'guard/still-armed' } },
  ]);
  expect(countDeleted(found, after)).toBe(1);
});

test('a guard of a host that no longer answers is not counted as deleted', async () => {
  const machine = machineWith(['\\Fencepost\\a-run']);
  let isLost = false;
  const trouble = () => (isLost ? ({ at: 'before', failure: lost('none') } as const) : null);
  const fleet = memoryFleet([machine], { trouble });
  const seams = memorySeams({ connector: fleet.connector });
  const found = await listGuards(fleet.targets, 1, seams);
  isLost = true;
  const after = await cleanGuards(fleet.targets, found, 1, seams);
  expect(after).toMatchObject([{ host: 'ex01', guards: null }]);
  expect([countDeleted(found, after), machine.tasks.length]).toEqual([0, 1]);
});

test.each([false, true])('a listener that fails (later: %s) keeps no guard from being found', async (isLater) => {
  const fleet = memoryFleet([machineWith(['\\Fencepost\\a-run'])]);
  const seams = memorySeams({ connector: fleet.connector, listener: throwingListener(1, isLater) });
  expect(await listGuards(fleet.targets, 1, seams)).toMatchObject([{ guards: ['\\Fencepost\\a-run'], failure: null }]);
});
