// A range in one store only, whose service has the port open. Where Windows takes the missing half all the same nothing is stopped; where
// it refuses, the service is stopped then; and the service runs again, also after a death in the middle. The machine's state counts.
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/lab/machine/machine.ts';
import type { Quirks } from '../../src/lab/machine/quirks.ts';
import { families, stores, type Store } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import { createController } from '../support/controller.ts';
import {
  essenceOf,
  lost,
  memoryFleet,
  memoryMachine,
  type MemoryRequest,
  type Trouble,
} from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { backEndPorts, planMemory, resumeMemory, rollBackMemory, startMemory } from '../support/memory-run.ts';

const imapOnly = { ...backEndPorts, exclusions: backEndPorts.exclusions.slice(0, 1) };
const service = 'MSExchangeIMAP4BE';
const taking: Partial<Quirks> = { addPersistentOverActive: 'in-use-too', addActiveOverPersistent: 'in-use-too' };
const refusing: Partial<Quirks> = { addPersistentOverActive: 'refused', addActiveOverPersistent: 'refused' };

function runningMachine(half: Store, quirks: Partial<Quirks>): Machine {
  const row = { range: portRange(9933), protocol: 'tcp', administered: true, stores: [half], families } as const;
  return memoryMachine('ex01', { exclusions: [row], imap: 'running' }, quirks);
}

async function apply(machine: Machine, trouble: (request: MemoryRequest) => Trouble | null = () => null) {
  const plan = await planMemory(memoryFleet([structuredClone(machine)]), imapOnly);
  const controller = createController();
  const fleet = memoryFleet([machine], { controller, trouble });
  const run = startMemory(fleet, plan, { journal: memoryJournal({ controller }) });
  const outcome = await Promise.race([run.outcome, controller.died]);
  const orders = fleet.requests.flatMap(
    ({ kind, shown }) => (kind === 'change' && /sc (stop|start)/.exec(shown)?.[1]) || [],
  );
  return { plan, fleet, orders, saved: run.saved(), verdict: outcome?.verdicts[0] ?? null };
}

/** Reserved on both families in both stores, and the service runs. */
function isAsDesired(machine: Machine): boolean {
  const tables = families.flatMap((family) => stores.map((store) => machine.exclusions.tcp[family][store]));
  const isReserved = tables.every((rows) => rows.some((one) => one.range.firstPort === 9933 && one.administered));
  return isReserved && isUp(machine);
}

function isUp({ services, sockets }: Machine): boolean {
  const isListening = sockets.some((one) => one.localPort === 9933 && one.state === 'LISTENING');
  return isListening && services.find((one) => one.name === service)?.state === 'running';
}

describe.each(stores)('in the %s store only', (half) => {
  test.each([{}, { oneList: false }])('Windows takes the missing half: no service is stopped %j', async (quirks) => {
    const machine = runningMachine(half, { ...taking, ...quirks });
    const before = essenceOf(machine);
    const { verdict, orders, plan, saved } = await apply(machine);
    expect(verdict?.verdict).toBe('changed');
    expect(orders).toEqual([]);
    expect(isAsDesired(machine)).toBe(true);
    const said = plan.hosts
      .flatMap((one) => [...one.steps, ...one.findings].map(({ sentence }) => sentence))
      .join('\n');
    expect(said.match(/only if Windows refuses the missing half while the port is open/g)).toHaveLength(2);
    await rollBackMemory(memoryFleet([machine]), saved.get('a-run')?.events ?? [], { journal: memoryJournal() });
    expect(essenceOf(machine)).toEqual(before);
  });

  test.each([{}, refusing, { ...refusing, exitCodesLie: true }])(
    'Windows refuses it while the port is open: the service is stopped then, and started again %j',
    async (quirks) => {
      const machine = runningMachine(half, quirks);
      const { verdict, orders } = await apply(machine);
      expect(verdict?.verdict).toBe('changed');
      expect(orders).toEqual(['stop', 'start']);
      expect(isAsDesired(machine)).toBe(true);
    },
  );

  test('the second family cannot be sent: the first is undone, and the service runs', async () => {
    const machine = runningMachine(half, { ...taking, oneList: false });
    const before = essenceOf(machine);
    let isDue = true;
    const { verdict } = await apply(machine, ({ kind, shown }) => {
      if (!isDue || kind !== 'change' || !shown.includes('ipv6 add')) return null;
      isDue = false;
      return { at: 'before', failure: lost('none') };
    });
    expect(['changed', 'failed-rolled-back']).toContain(verdict?.verdict);
    if (verdict?.verdict === 'changed') expect(isAsDesired(machine)).toBe(true);
    else expect(essenceOf(machine)).toEqual(before);
  });

  test.each([taking, refusing])('it dies at any change %j: rollback and resume hold', async (quirks) => {
    const whole = await apply(runningMachine(half, quirks));
    const before = JSON.stringify(essenceOf(runningMachine(half, quirks)));
    const changes = whole.fleet.requests.filter((one) => one.kind === 'change').map((one) => one.number);
    expect(changes.length).toBeGreaterThan(0);
    for (const n of changes) {
      for (const at of ['before', 'after'] as const) {
        const machine = runningMachine(half, quirks);
        const { saved } = await apply(machine, ({ number }) => (number === n ? { at, failure: 'killed' } : null));
        const other = structuredClone(machine);
        const events = saved.get('a-run')?.events ?? [];
        await rollBackMemory(memoryFleet([machine]), events, { journal: memoryJournal() });
        expect([n, at, JSON.stringify(essenceOf(machine))]).toEqual([n, at, before]);
        await resumeMemory(memoryFleet([other]), saved, { journal: memoryJournal() });
        expect([n, at, isAsDesired(other)]).toEqual([n, at, true]);
      }
    }
  });
});
