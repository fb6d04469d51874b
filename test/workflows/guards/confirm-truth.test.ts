// What `confirm` says of a host is what the simulated machine is like: a service that the run left down is never confirmed or forgotten,
// nobody is told of an undo that was none, and a guard never undoes what somebody else did.
import { expect, test } from 'vitest';
import type { Machine } from '../../../src/lab/machine/machine.ts';
import { findService, finishPending } from '../../../src/lab/machine/service-control.ts';
import { runDueTasks } from '../../../src/lab/tasks/run-due-tasks.ts';
import type { Desired } from '../../../src/model/desired.ts';
import type { Listener } from '../../../src/model/seams.ts';
import { confirmRun } from '../../../src/workflows/guards/confirm-run.ts';
import { readRunStatus } from '../../../src/workflows/run-status.ts';
import { runLine } from '../../lab/run-line.ts';
import { createController } from '../../support/controller.ts';
import { notAsDesired } from '../../support/machine-state.ts';
import { memoryClock } from '../../support/memory-clock.ts';
import { essenceOf, memoryFleet, memoryMachine, type MemoryRequest, type Trouble } from '../../support/memory-fleet.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { backEndPorts, planMemory, policyOf, startMemory } from '../../support/memory-run.ts';
import { memorySeams, noInventory } from '../../support/memory-seams.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { throwingListener } from '../../support/throwing-listener.ts';

const withinMs = 900_000;
const imap = 'MSExchangeIMAP4BE';
const onlyImap: Desired = { ...backEndPorts, exclusions: backEndPorts.exclusions.slice(0, 1) };

type Doing = (request: MemoryRequest, machine: Machine) => Trouble | null;

/** A run that waits for a person, or died; and what comes after it. */
async function applied(desired: Desired, doing: Doing = () => null) {
  const machine = memoryMachine('ex01', { imap: 'running' });
  const before = essenceOf(machine);
  const clock = memoryClock();
  const confirm = { withinMs, by: 'person' } as const;
  const plan = await planMemory(memoryFleet([structuredClone(machine)]), desired, policyOf({ confirm }));
  const controller = createController();
  const fleet = memoryFleet([machine], { clock, controller, trouble: (request) => doing(request, machine) });
  const run = startMemory(fleet, plan, { journal: memoryJournal({ controller }), clock });
  const outcome = await Promise.race([run.outcome, controller.died]);
  let saved = run.saved();
  return {
    machine,
    before,
    verdict: outcome?.verdicts[0] ?? null,
    wait: (byMs: number): void => {
      clock.advance(byMs);
      settle(machine);
      runDueTasks(machine, clock.elapsedMs());
      settle(machine);
    },
    confirm: async (extendMs: number | null, listener?: Listener) => {
      const later = memoryFleet([machine], { clock });
      const store = memoryStore({ runs: saved, journal: memoryJournal() });
      const seams = memorySeams({ connector: later.connector, clock, store, run: 'a-run', listener });
      const request = { run: 'a-run', extendMs, limit: null, concurrency: 1, inventory: noInventory };
      const [host] = await confirmRun(request, seams);
      saved = store.saved();
      return host;
    },
    status: async () => (await readRunStatus('a-run', memoryStore({ runs: saved }))).hosts[0],
  };
}

function settle(machine: Machine): void {
  const service = findService(machine, imap);
  if (service !== undefined) finishPending(machine, service);
}

/** The service does not come up again, and the process dies before it hears of that. */
const diesInOutage: Doing = ({ kind, shown }, machine) => {
  if (kind !== 'change' || !shown.includes('sc stop')) return null;
  Object.assign(machine, { quirks: { ...machine.quirks, refuseStart: 'dependency' } });
  return { at: 'after', failure: 'killed' };
};

const diesArmed: Doing = ({ shown }) => (shown.includes('/create') ? { at: 'after', failure: 'killed' } : null);

/** Somebody else reserves the POP3 port while the run is about to. */
const reservePop =
  (): Doing =>
  ({ kind, shown }, machine) => {
    if (kind === 'change' && shown.includes('/create')) reserve(machine, 9955);
    return null;
  };

function reserve(machine: Machine, port: number): void {
  for (const family of ['ipv4', 'ipv6']) {
    const line = `netsh interface ${family} add excludedportrange protocol=tcp startport=${port} numberofports=1`;
    runLine(machine, line);
  }
}

test('a service that the run stopped and left down is not confirmed, and its guard stays', async () => {
  const { machine, confirm, wait } = await applied(onlyImap, diesInOutage);
  expect([notAsDesired(machine, onlyImap), findService(machine, imap)?.state]).toEqual([[], 'stopped']);
  expect(await confirm(null)).toMatchObject({
    result: 'not-as-desired',
    detail: expect.stringContaining(imap) as string,
  });
  expect(machine.tasks).toHaveLength(1);
  Object.assign(machine, { quirks: { ...machine.quirks, refuseStart: 'none' } });
  wait(withinMs);
  expect(findService(machine, imap)?.state).toBe('running');
});

test('a guard that could not start the service again has not brought the host back, and the service is not forgotten', async () => {
  const { machine, confirm, status, wait } = await applied(onlyImap, diesInOutage);
  wait(withinMs);
  expect([machine.tasks, findService(machine, imap)?.state]).toEqual([[], 'stopped']);
  expect(await confirm(null)).toMatchObject({
    result: 'not-as-desired',
    detail: expect.stringContaining(imap) as string,
  });
  expect((await status())?.down).toEqual([imap]);
});

test('a host on which the run changed nothing is not said to have undone anything', async () => {
  const { machine, before, confirm, status, wait } = await applied(onlyImap, diesArmed);
  wait(withinMs);
  expect(essenceOf(machine)).toEqual(before);
  expect(await confirm(null)).toMatchObject({
    result: 'not-as-desired',
    detail: expect.stringContaining("none of the run's changes is on it") as string,
  });
  expect((await status())?.verdict).not.toBe('undone-by-host');
});

test.each([
  ['left alone', null],
  ['extended', 1_800_000],
] as const)('what somebody else reserved during the run stays when its guard starts (%s)', async (_, extendMs) => {
  const { machine, verdict, confirm, wait } = await applied(backEndPorts, reservePop());
  expect(verdict).toMatchObject({
    verdict: 'changed',
    detail: expect.stringContaining('somebody else did it') as string,
  });
  if (extendMs !== null) expect(await confirm(extendMs)).toMatchObject({ result: 'extended' });
  wait(extendMs ?? withinMs);
  expect(machine.tasks).toEqual([]);
  const popOnly: Desired = { ...backEndPorts, exclusions: backEndPorts.exclusions.slice(1) };
  expect([notAsDesired(machine, popOnly), notAsDesired(machine, onlyImap).length > 0]).toEqual([[], true]);
});

test.each([false, true])('a listener that fails (later: %s) changes nothing of it', async (isLater) => {
  const { machine, confirm } = await applied(onlyImap);
  expect(await confirm(null, throwingListener(1, isLater))).toMatchObject({ result: 'confirmed', failure: null });
  expect([notAsDesired(machine, onlyImap), machine.tasks]).toEqual([[], []]);
});
