// The way back touches only what the run changed, exactly, and refuses a host that somebody else has changed since, unless forced.
import { describe, expect, test } from 'vitest';
import { addExclusion, deleteExclusion } from '../../src/lab/machine/port-table.ts';
import { finishPending, findService, startService, stopService } from '../../src/lab/machine/service-control.ts';
import type { Machine } from '../../src/lab/machine/machine.ts';
import type { Quirks } from '../../src/lab/machine/quirks.ts';
import type { ServerSpec } from '../../src/lab/scenario/server-spec.ts';
import { families } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import { essenceOf, memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, planMemory, rollBackMemory } from '../support/memory-run.ts';

const tcp = (firstPort: number, portCount = 1) =>
  ({ family: 'ipv4', protocol: 'tcp', firstPort, portCount, store: 'persistent' }) as const;

interface Given {
  readonly spec?: Partial<Omit<ServerSpec, 'quirks' | 'name'>>;
  readonly since?: (machine: Machine) => void;
  readonly force?: boolean;
  readonly oneList?: boolean;
  readonly quirks?: Partial<Quirks>;
}

async function applyThenBack({ spec, since, force = false, oneList = true, quirks }: Given) {
  const machine = memoryMachine('ex01', spec, { oneList, ...quirks });
  const before = essenceOf(machine);
  const fleet = memoryFleet([machine]);
  const journal = memoryJournal();
  const [applied] = await applyMemory(fleet, await planMemory(fleet), { journal });
  expect(applied?.verdict).toBe('changed');
  since?.(machine);
  const atRollback = essenceOf(machine);
  const sentBefore = fleet.requests.filter((one) => one.kind === 'change').length;
  const { plan, verdicts } = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() }, force);
  const lines = fleet.requests
    .filter((one) => one.kind === 'change')
    .slice(sentBefore)
    .map((one) => one.line);
  const after = JSON.stringify(essenceOf(machine));
  return {
    machine,
    host: plan.hosts[0],
    verdict: verdicts[0]?.verdict,
    lines,
    isAsBefore: after === JSON.stringify(before),
    isUntouched: after === JSON.stringify(atRollback),
  };
}

describe('rollback', () => {
  test.each<{ name: string; given: Given; verdict: string; isAsBefore: boolean; isSilent?: boolean }>([
    { name: 'takes back what was added', given: {}, verdict: 'changed', isAsBefore: true },
    { name: 'takes back on both lists', given: { oneList: false }, verdict: 'changed', isAsBefore: true },
    {
      name: 'needs no port free to take back',
      given: { spec: { imap: 'running', pop: 'running' } },
      verdict: 'changed',
      isAsBefore: true,
    },
    {
      name: 'leaves alone what was there before the run',
      given: {
        spec: {
          exclusions: [
            { range: portRange(9933), protocol: 'tcp', administered: true, stores: ['active', 'persistent'], families },
          ],
        },
      },
      verdict: 'changed',
      isAsBefore: true,
    },
    {
      name: 'takes a permanent range that its account is not shown any more for no change by somebody else',
      given: {
        spec: {
          exclusions: [
            { range: portRange(9933), protocol: 'tcp', administered: true, stores: ['persistent'], families },
          ],
        },
        quirks: { persistentShow: 'blank', persistentRegistry: 'kept' },
        since: ({ quirks }) => Object.assign(quirks, { persistentRegistry: 'denied' } satisfies Partial<Quirks>),
      },
      verdict: 'changed',
      isAsBefore: true,
    },
    {
      name: 'leaves an active row active where the run made it permanent',
      given: {
        spec: {
          exclusions: [{ range: portRange(9933), protocol: 'tcp', administered: true, stores: ['active'], families }],
        },
      },
      verdict: 'changed',
      isAsBefore: true,
    },
    {
      name: 'has nothing to do where somebody took it all back',
      given: {
        since: (machine) => {
          deleteExclusion(machine, tcp(9933));
          deleteExclusion(machine, tcp(9955));
        },
      },
      verdict: 'unchanged',
      isAsBefore: true,
      isSilent: true,
    },
    {
      name: 'takes back the rest where somebody took back a part',
      given: { since: (machine) => deleteExclusion(machine, tcp(9933)) },
      verdict: 'changed',
      isAsBefore: true,
    },
  ])('$name', async ({ given, verdict, isAsBefore, isSilent = false }) => {
    const back = await applyThenBack(given);
    expect([back.verdict, back.isAsBefore]).toEqual([verdict, isAsBefore]);
    expect(back.lines.length === 0).toBe(isSilent);
  });

  test('leaves alone what others added since, also beside its own', async () => {
    const { machine, verdict } = await applyThenBack({ since: (one) => addExclusion(one, tcp(9956, 10)) });
    const left = machine.exclusions.tcp.ipv4.persistent.map((row) => row.range.firstPort);
    expect([verdict, left]).toEqual(['changed', [9956, 50000]]);
  });

  const halfTaken = (machine: Machine): void => {
    // Gone from the active store only: neither as the run left it nor as it was.
    deleteExclusion(machine, { ...tcp(9933), store: 'active' });
  };

  test('refuses a host that somebody changed since, says what was found, and touches nothing', async () => {
    const { verdict, lines, host, isUntouched } = await applyThenBack({ since: halfTaken });
    expect([verdict, lines, isUntouched]).toEqual(['conflict', [], true]);
    expect(host?.findings.map((one) => `${one.severity} ${one.code}`)).toEqual([
      'blocker changed-since',
      'blocker changed-since',
    ]);
    expect(host?.findings[0]?.sentence).toMatch(
      /tcp 9933 on ipv[46] is in the persistent store only; the run left it in both stores/,
    );
    expect(host?.findings[0]?.hint).toContain('--force');
  });

  test('forced, takes back all the same, and still only what the run changed', async () => {
    const { verdict, isAsBefore, lines } = await applyThenBack({ since: halfTaken, force: true });
    expect([verdict, isAsBefore]).toEqual(['changed', true]);
    expect(
      lines.every((line) => /delete excludedportrange protocol=tcp startport=(9933|9955) numberofports=1 /.test(line)),
    ).toBe(true);
  });

  test.each([
    ['the active store', ['active'], true],
    ['both stores', ['active', 'persistent'], false],
  ] as const)(
    'forced, does not put in force again what the run had only made permanent and somebody took out of %s',
    async (_, taken, isAnythingLeft) => {
      const row = {
        range: portRange(9933),
        protocol: 'tcp',
        administered: true,
        stores: ['active'],
        families,
      } as const;
      const given: Given = {
        spec: { exclusions: [row] },
        since: (machine) => {
          for (const store of taken) deleteExclusion(machine, { ...tcp(9933), store });
        },
      };
      expect((await applyThenBack(given)).verdict).toBe('conflict');
      const { machine, verdict, lines } = await applyThenBack({ ...given, force: true });
      expect(verdict).toBe('changed');
      expect(lines.filter((line) => line.includes(' add '))).toEqual([]);
      expect(lines.some((line) => line.includes('startport=9933'))).toBe(isAnythingLeft);
      const tables = families.flatMap((family) => Object.values(machine.exclusions.tcp[family]).flat());
      expect(tables.filter((one) => one.range.firstPort === 9933)).toEqual([]);
    },
  );

  test('refuses when a service that the run restarted was stopped since', async () => {
    const { verdict, isUntouched } = await applyThenBack({
      spec: { imap: 'running' },
      since: (machine) => {
        const service = findService(machine, 'MSExchangeIMAP4BE');
        if (service === undefined) return;
        stopService(machine, service);
        finishPending(machine, service);
      },
    });
    expect([verdict, isUntouched]).toEqual(['conflict', true]);
  });

  test('does not mind a service that was started since', async () => {
    const { verdict, machine } = await applyThenBack({
      since: (one) => {
        const service = findService(one, 'MSExchangePOP3BE');
        if (service === undefined) return;
        startService(one, service);
        finishPending(one, service);
      },
    });
    expect([verdict, findService(machine, 'MSExchangePOP3BE')?.state]).toEqual(['changed', 'running']);
  });

  test('twice: the second finds nothing left', async () => {
    const machine = memoryMachine('ex01');
    const fleet = memoryFleet([machine]);
    const journal = memoryJournal();
    await applyMemory(fleet, await planMemory(fleet), { journal });
    await rollBackMemory(fleet, journal.events, { journal: memoryJournal() });
    const asBefore = JSON.stringify(essenceOf(machine));
    const sent = fleet.requests.filter((one) => one.kind === 'change').length;
    const { plan, verdicts } = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() });
    expect(plan.hosts.map((one) => one.state)).toEqual(['ok']);
    expect(verdicts.map((one) => one.verdict)).toEqual(['unchanged']);
    expect(fleet.requests.filter((one) => one.kind === 'change')).toHaveLength(sent);
    expect(JSON.stringify(essenceOf(machine))).toBe(asBefore);
  });
});
