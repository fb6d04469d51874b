// A service that the run had running again and that is stopped when somebody comes back: nothing tells whether a person or a restart of
// Windows stopped it, so it is neither started nor passed over in silence.
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/lab/machine/machine.ts';
import { findService } from '../../src/lab/machine/service-control.ts';
import { essenceOf, notAsDesired } from '../support/machine-state.ts';
import { memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { backEndPorts, planMemory, resumeMemory, rollBackMemory, startMemory } from '../support/memory-run.ts';
import type { SavedRun } from '../support/memory-store.ts';

const service = 'MSExchangeIMAP4BE';
const words = `stopped by somebody else, or by a restart of Windows`;

/** A whole run, and the same as it is on disk where it died before its verdict. */
async function changedFleet() {
  const machine = memoryMachine('ex01', { imap: 'running' });
  const before = essenceOf(machine, false);
  const fleet = memoryFleet([machine]);
  const run = startMemory(fleet, await planMemory(fleet), { journal: memoryJournal() });
  await run.outcome;
  const saved = run.saved().get('a-run') ?? { planText: '', events: [] };
  const end = saved.events.findIndex((one) => one.type === 'host-finished');
  expect(end).toBeGreaterThan(0);
  expect(notAsDesired(machine, backEndPorts)).toEqual([]);
  return { machine, before, fleet, saved, dead: { ...saved, events: saved.events.slice(0, end) } };
}

function stop(machine: Machine): void {
  const found = findService(machine, service);
  if (found === undefined) throw new Error(`there is no ${service}`);
  found.state = 'stopped';
  machine.sockets = machine.sockets.filter((one) => one.processId !== found.processId);
}

async function resume(fleet: Parameters<typeof resumeMemory>[0], dead: SavedRun): Promise<string> {
  const { verdicts } = await resumeMemory(fleet, new Map([['a-run', dead]]), { journal: memoryJournal() });
  return verdicts.map((one) => `${one.verdict}: ${one.detail}`).join();
}

describe('a service that is stopped after the run had started it again', () => {
  test('is named by the resume that has nothing left to do', async () => {
    const { machine, fleet, dead } = await changedFleet();
    stop(machine);
    const said = await resume(fleet, dead);
    expect(said).toMatch(/^changed: /);
    expect(said).toContain(`${service} ran before this run and was found stopped: ${words}; not started`);
    expect(findService(machine, service)?.state).toBe('stopped');
  });

  test('is not named while it runs', async () => {
    const { fleet, dead } = await changedFleet();
    expect(await resume(fleet, dead)).not.toContain(service);
  });

  test('is a conflict for a rollback, unless forced; then the tables are as before, and it is named', async () => {
    const { machine, before, fleet, saved } = await changedFleet();
    stop(machine);
    const options = { journal: memoryJournal() };
    const refused = await rollBackMemory(fleet, saved.events, options);
    expect(refused.verdicts).toEqual([
      expect.objectContaining({
        verdict: 'conflict',
        detail: `${service} was running when the run finished and is now stopped: ${words}`,
      }),
    ]);
    expect(notAsDesired(machine, backEndPorts)).toEqual([]);
    const forced = await rollBackMemory(fleet, saved.events, { journal: memoryJournal() }, true);
    expect(forced.verdicts[0]?.verdict).toBe('changed');
    expect(forced.verdicts[0]?.detail).toContain(`${service} ran before this run and was found stopped`);
    expect(essenceOf(machine, false)).toEqual(before);
  });

  test('is named by the rollback that has nothing to do: the run had undone itself and started it', async () => {
    const machine = memoryMachine('ex01', { imap: 'running' }, { refuseAdd: 'ipv4' });
    const before = essenceOf(machine, false);
    const fleet = memoryFleet([machine]);
    const run = startMemory(fleet, await planMemory(fleet), { journal: memoryJournal() });
    const { verdicts } = await run.outcome;
    expect(verdicts.map((one) => one.verdict)).toEqual(['failed-rolled-back']);
    expect(essenceOf(machine, false)).toEqual(before);
    stop(machine);
    const events = run.saved().get('a-run')?.events ?? [];
    const rolledBack = await rollBackMemory(fleet, events, { journal: memoryJournal() });
    expect(rolledBack.plan.hosts[0]).toMatchObject({
      state: 'ok',
      findings: [
        {
          severity: 'warning',
          sentence: `${service} ran before this run and was found stopped: ${words}; not started`,
        },
      ],
    });
    expect(findService(machine, service)?.state).toBe('stopped');
  });
});
