// `apply` against a lab: a saved plan is applied as saved and once, what is not as the plan found it is left alone, and after
// every change the machines themselves are as desired. The way back of each host is in the journal before its first change.
import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/lab/cmd/console.ts';
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import { languages } from '../../src/lab/machine/releases.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import { reserved, withLab, type Differences, type TestLab } from '../support/lab.ts';
import { expectExit } from '../support/expect-exit.ts';

interface RunDocument {
  readonly run: string;
  readonly hosts: readonly { readonly host: string; readonly verdict: string; readonly detail: string }[];
}

const bothReserved = [reserved(9933), reserved(9955)];

async function savePlan(lab: TestLab, limit = 'all'): Promise<string> {
  const file = lab.path('tonight.plan');
  const { exitCode, stderr } = await lab.run(['plan', '-i', lab.inventoryFile, '-l', limit, '--out', file]);
  expect([exitCode, stderr]).toEqual([exitCode === 3 ? 3 : 0, stderr]);
  return file;
}

/** Verdicts by host of an `apply --json`. */
function verdictsIn(stdout: string): Readonly<Record<string, string>> {
  const { hosts } = JSON.parse(stdout) as RunDocument;
  return Object.fromEntries(hosts.map((one) => [one.host, one.verdict]));
}

/** The administered ranges of a machine, per family and store, whatever lists it keeps. */
function reservedPorts(lab: TestLab, name: string): readonly string[] {
  const { exclusions } = lab.fleet.server(name).machine;
  return (['ipv4', 'ipv6'] as const).flatMap((family) =>
    (['active', 'persistent'] as const).flatMap((store) =>
      exclusions.tcp[family][store]
        .filter((row) => row.administered && row.range.portCount === 1)
        .map((row) => `${family} ${store} ${String(row.range.firstPort)}`),
    ),
  );
}

const everywhere = ['ipv4', 'ipv6'].flatMap((family) =>
  ['active', 'persistent'].flatMap((store) => [`${family} ${store} 9933`, `${family} ${store} 9955`]),
);

function indexOf(events: readonly RunEvent[], host: string, type: RunEvent['type']): number {
  return events.findIndex((event) => event.type === type && 'host' in event && event.host === host);
}

describe('a saved plan', () => {
  test('is applied as saved, verified, journaled with the way back first, and a second time refused', async () => {
    await withLab(
      [{ name: 'ex01' }, { name: 'ex02', language: 'ja' }, { name: 'ex03', exclusions: bothReserved }],
      async (lab) => {
        const plan = await savePlan(lab);
        const planned = lab.requestCount();
        const { exitCode, stdout } = await lab.run(['apply', plan, '-i', lab.inventoryFile, '--yes', '--json']);
        expect(exitCode).toBe(0);
        expect(verdictsIn(stdout)).toEqual({ ex01: 'changed', ex02: 'changed', ex03: 'unchanged' });
        expect(reservedPorts(lab, 'ex01').toSorted()).toEqual(everywhere.toSorted());
        expect(reservedPorts(lab, 'ex02').toSorted()).toEqual(everywhere.toSorted());
        expect(lab.requestCount('ex03')).toBe(5);

        const [run = ''] = await lab.runs();
        const events = await lab.events(run);
        for (const host of ['ex01', 'ex02']) {
          expect(indexOf(events, host, 'host-started')).toBeGreaterThan(-1);
          expect(indexOf(events, host, 'host-started')).toBeLessThan(indexOf(events, host, 'command-planned'));
        }
        expect(events.at(-1)).toMatchObject({ type: 'run-finished', counts: { changed: 2, unchanged: 1 } });
        const intended = events.filter((event) => event.type === 'command-planned');
        expect(intended).toHaveLength(lab.changesSent().length);
        // Facts again (one command), then each change (another), on one connection: handshake and create 2, a command 2, delete 1.
        const commands = (name: string): number => intended.filter((event) => event.host === name).length;
        for (const name of ['ex01', 'ex02']) {
          const applied = lab.fleet.server(name).requests.length - 5;
          const asked = lab.fleet.server(name).requests.filter((one) => one.operation === 'command').length - 1;
          expect([name, applied]).toEqual([name, 2 + 2 * asked + 1]);
          expect(asked - commands(name)).toBeLessThanOrEqual(3);
        }
        expect(planned).toBe(15);

        const state = lab.states();
        const sent = lab.requestCount();
        const again = await lab.run(['apply', plan, '-i', lab.inventoryFile, '--yes']);
        expect(again.exitCode).toBe(1);
        expect(again.stderr).toMatch(new RegExp(`applied before, by run ${run}`));
        expect(lab.requestCount()).toBe(sent);
        expect(lab.changedSince(state)).toEqual([]);
      },
    );
  });

  test('leaves a host alone that is not as the plan found it, and says so; the others are changed', async () => {
    await withLab([{ name: 'same' }, { name: 'other' }], async (lab) => {
      const plan = await savePlan(lab);
      const { machine } = lab.fleet.server('other');
      runCommandLine(
        machine,
        'netsh interface ipv4 add excludedportrange protocol=tcp startport=9933 numberofports=1',
        { codePage: 65001, elevated: true },
      );
      const before = lab.states();
      const { exitCode, stdout } = await lab.run(['apply', plan, '-i', lab.inventoryFile, '--yes', '--json']);
      expect(exitCode).toBe(3);
      expect(verdictsIn(stdout)).toEqual({ same: 'changed', other: 'stale' });
      expect(lab.changedSince(before)).toEqual(['same']);
      expect(lab.changesSent('other')).toEqual([]);
    });
  });

  test.each([
    { how: 'edited', alter: (text: string) => text.replace('"firstPort":9933', '"firstPort":9934') },
    { how: 'cut short', alter: (text: string) => text.slice(0, Math.floor(text.length / 2)) },
    { how: 'no plan at all', alter: () => '{}\n' },
  ])('is refused when it was $how, and nothing is sent', async ({ alter }) => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const plan = await savePlan(lab);
      const text = await readFile(plan, 'utf8');
      const altered = alter(text);
      expect(altered).not.toBe(text);
      await writeFile(plan, altered);
      const sent = lab.requestCount();
      const { exitCode, stdout, stderr } = await lab.run(['apply', plan, '-i', lab.inventoryFile, '--yes', '--json']);
      expect(exitCode).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        schema: 'fencepost/error',
        error: { code: expect.stringMatching(/^plan\//) as string },
      });
      expect(stderr).toMatch(/\[plan\/(damaged|unreadable)\]/);
      expect(lab.requestCount()).toBe(sent);
    });
  });

  test('does not go with what it was made of: --limit, --concurrency, another playbook', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const plan = await savePlan(lab);
      const sent = lab.requestCount();
      for (const [flag, value] of [
        ['--limit', 'ex01'],
        ['--concurrency', '1'],
        ['--playbook', 'other.yml'],
      ] as const) {
        const { exitCode, stderr } = await lab.run(['apply', plan, '-i', lab.inventoryFile, '--yes', flag, value]);
        expect(exitCode).toBe(1);
        expect(stderr).toContain(`${flag} cannot be used with a saved plan`);
      }
      expect(lab.requestCount()).toBe(sent);
    });
  });
});

test('without a terminal and without --yes nothing is changed and no run started', async () => {
  await withLab([{ name: 'ex01' }], async (lab) => {
    const before = lab.states();
    const { exitCode, stdout, stderr } = await lab.run(['apply', '-i', lab.inventoryFile]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('to change');
    expect(stderr).toMatch(/no terminal to confirm on[^]*--yes/);
    expect(lab.changesSent()).toEqual([]);
    expect(lab.changedSince(before)).toEqual([]);
    expect(await lab.runs()).toEqual([]);
  });
});

test('--dry-run goes as far as the plan, with --yes too, and sends no change; the plan can still be applied', async () => {
  await withLab([{ name: 'ex01' }], async (lab) => {
    const before = lab.states();
    const plan = await savePlan(lab);
    const dry = await lab.run(['apply', plan, '-i', lab.inventoryFile, '--dry-run', '--yes']);
    expect([dry.exitCode, dry.stderr]).toEqual([0, expect.stringContaining('nothing was changed')]);
    expect(dry.stdout).toContain('+ reserve tcp 9933 on ipv4 for MSExchangeIMAP4BE');
    // What will be sent, word for word, and nothing of it is sent.
    expect(dry.stdout).toContain(
      'netsh interface ipv4 add excludedportrange protocol=tcp startport=9933 numberofports=1',
    );
    expect(lab.changesSent()).toEqual([]);
    expect(lab.changedSince(before)).toEqual([]);
    expect(await lab.runs()).toEqual([]);
    expect((await lab.run(['apply', plan, '-i', lab.inventoryFile, '--yes'])).exitCode).toBe(0);
    expect(lab.changedSince(before)).toEqual(['ex01']);
  });
});

describe('whatever the machine is like, apply brings it about, a second apply finds nothing, and rollback restores it', () => {
  const fleets: readonly { readonly what: string; readonly servers: readonly Differences[] }[] = [
    {
      what: 'every language, one list for both families',
      servers: languages.map((language) => ({ name: `host-${language.toLowerCase()}`, language })),
    },
    {
      what: 'every language, a list for each family',
      servers: languages.map((language) => ({
        name: `host-${language.toLowerCase()}`,
        language,
        quirks: { ...usualQuirks, oneList: false },
      })),
    },
    {
      what: 'https with the lab’s own authority, Basic and NTLM; half-done reservations; exit codes that lie',
      servers: [
        { name: 'tls-basic', listener: 'https', auth: ['basic'] },
        { name: 'tls-ntlm', listener: 'https', auth: ['ntlm'] },
        { name: 'active-only', exclusions: [reserved(9933, { stores: ['active'] }), reserved(9955)] },
        { name: 'persistent-only', exclusions: [reserved(9933, { stores: ['persistent'] })] },
        { name: 'liar', quirks: { ...usualQuirks, exitCodesLie: true, duplicateAdd: 'exists' } },
        { name: 'services', imap: 'running', pop: 'running', language: 'de' },
      ],
    },
  ];
  test.each(fleets)('$what', async ({ servers }) => {
    await withLab(servers, async (lab) => {
      const before = lab.states();
      const first = await lab.run(['apply', '-i', lab.inventoryFile, '--yes', '--json']);
      expectExit(first, 0);
      expect(new Set(Object.values(verdictsIn(first.stdout)))).toEqual(new Set(['changed']));
      for (const { name } of servers) {
        expect([name, reservedPorts(lab, name).toSorted()]).toEqual([name, everywhere.toSorted()]);
      }
      const after = lab.states();
      const second = await lab.run(['apply', '-i', lab.inventoryFile, '--yes']);
      expect([second.exitCode, second.stderr]).toEqual([0, expect.stringContaining('There is nothing to change.')]);
      expect(lab.changedSince(after)).toEqual([]);
      const [run = ''] = await lab.runs();
      const back = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes', '--json']);
      expectExit(back, 0);
      expect(lab.changedSince(before).filter((name) => name !== 'services')).toEqual([]);
      for (const { name } of servers) expect(lab.fleet.server(name).openShells).toBe(0);
    });
  });
});

describe('a port held by its own service', () => {
  test('the service is stopped, the port reserved, the service started and listening again', async () => {
    await withLab([{ name: 'ex01', imap: 'running', pop: 'running' }], async (lab) => {
      const { exitCode } = await lab.run(['apply', '-i', lab.inventoryFile, '--yes']);
      expect(exitCode).toBe(0);
      const verb = /sc (?:stop|start) \w+|add excludedportrange/g;
      const verbs = lab.changesSent().flatMap((line) => line.match(verb) ?? []);
      expect(verbs[0]).toBe('sc stop MSExchangeIMAP4BE');
      expect(verbs.at(-1)).toBe('sc start MSExchangePOP3BE');
      const { machine } = lab.fleet.server('ex01');
      for (const [service, port] of [
        ['MSExchangeIMAP4BE', 9933],
        ['MSExchangePOP3BE', 9955],
      ] as const) {
        expect(machine.services.find((one) => one.name === service)).toMatchObject({ state: 'running' });
        expect(machine.sockets.filter((one) => one.localPort === port && one.state === 'LISTENING')).toHaveLength(2);
      }
      expect(reservedPorts(lab, 'ex01').toSorted()).toEqual(everywhere.toSorted());
    });
  });

  test('one that does not start again: its host is taken back, the run says so, and no reservation is left', async () => {
    const quirks = { ...usualQuirks, scStartFails: 'MSExchangeIMAP4BE' };
    await withLab([{ name: 'ex01', imap: 'running', quirks }], async (lab) => {
      // Its line tries three times more, five seconds after another.
      const asked = { timeoutMs: 60_000 };
      const { exitCode, stdout } = await lab.run(['apply', '-i', lab.inventoryFile, '--yes', '--json'], asked);
      const { hosts } = JSON.parse(stdout) as RunDocument;
      // The service can't be started by anything, so the host is not as it was, and no other word than that is true.
      expect([exitCode, hosts[0]?.verdict]).toEqual([3, 'failed-partial']);
      expect(hosts[0]?.detail).toMatch(/MSExchangeIMAP4BE/);
      expect(reservedPorts(lab, 'ex01')).toEqual([]);
    });
  });

  test('with by_own_service: block the host is left alone', async () => {
    await withLab([{ name: 'ex01', imap: 'running' }], async (lab) => {
      const playbook = await lab.write(
        'block.yml',
        'name: No restarts\nhosts: all\nexclusions:\n  - { port: 9933, for: MSExchangeIMAP4BE }\nwhen_held: { by_own_service: block }\n',
      );
      const { exitCode, stderr } = await lab.run(['apply', '-i', lab.inventoryFile, '-p', playbook, '--yes']);
      expect([exitCode, stderr]).toEqual([3, expect.stringContaining('There is nothing to change.')]);
      expect(lab.changesSent()).toEqual([]);
    });
  });
});

test('a service that refuses to stop: nothing was changed, nothing is called rolled back, exit code 3', async () => {
  const quirks = { ...usualQuirks, refuseStop: 'dependents' as const };
  await withLab([{ name: 'ex01', imap: 'running', pop: 'running', quirks }], async (lab) => {
    const before = lab.states();
    const { exitCode, stdout } = await lab.run(['apply', '-i', lab.inventoryFile, '--yes', '--json']);
    const { hosts } = JSON.parse(stdout) as RunDocument;
    expect(lab.changedSince(before)).toEqual([]);
    expect(lab.changesSent()).toHaveLength(1);
    expect(hosts[0]?.detail).toMatch(/1051.*nothing was changed$/);
    expect(hosts[0]?.detail).not.toContain('rolled back');
    expect(exitCode).toBe(3);
  });
});

test('a family that refuses the reservation: what was done on the host is taken back, exit code 4', async () => {
  const quirks = { ...usualQuirks, oneList: false, refuseAdd: 'ipv6' as const };
  await withLab([{ name: 'ex01', quirks }], async (lab) => {
    const before = lab.states();
    const { exitCode, stdout } = await lab.run(['apply', '-i', lab.inventoryFile, '--yes', '--json']);
    expect(verdictsIn(stdout)).toEqual({ ex01: 'failed-rolled-back' });
    expect(exitCode).toBe(4);
    expect(lab.changesSent().length).toBeGreaterThan(2);
    expect(lab.changedSince(before)).toEqual([]);
  });
});
