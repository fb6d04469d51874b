// Whole commands with accounts that may not do everything: nothing is changed, each cause is said once with its fix, and what is not known
// is not guessed. The machines themselves are looked at before and after.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import { families } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import { openLab, type TestLab } from '../support/lab.ts';

interface PlanShown {
  readonly hosts: readonly {
    readonly target: string;
    readonly state: string;
    readonly steps: readonly unknown[];
    readonly findings: readonly {
      readonly severity: string;
      readonly code: string;
      readonly sentence: string;
      readonly hint: string | null;
    }[];
  }[];
}

const reserved = [9933, 9955].map((port) => ({
  range: portRange(port),
  protocol: 'tcp' as const,
  administered: true,
  stores: ['active', 'persistent'] as const,
  families,
}));
const holder = { port: 9955, protocol: 'tcp', families, services: [], state: 'LISTENING' } as const;

let lab: TestLab;
let before: ReturnType<TestLab['states']>;

beforeAll(async () => {
  lab = await openLab([
    { name: 'plain', rights: 'user', imap: 'running', pop: 'running' },
    { name: 'filtered', rights: 'filtered', imap: 'running' },
    {
      name: 'milder',
      rights: 'user',
      imap: 'running',
      quirks: { ...usualQuirks, tasklistForUsers: 'without-services' },
    },
    { name: 'in-order', rights: 'user', imap: 'running', exclusions: reserved },
    { name: 'no-netsh', quirks: { ...usualQuirks, forbiddenPrograms: ['netsh'] } },
    { name: 'no-key', quirks: { ...usualQuirks, exchangeKeyDenied: true } },
    { name: 'kernel', holders: [{ ...holder, image: 'System' }] },
    { name: 'paused', imap: 'running' },
    { name: 'bound', holders: [{ ...holder, image: 'java.exe', state: 'BOUND' }] },
  ]);
  const kernel = lab.fleet.server('kernel').machine;
  const system = kernel.processes.filter((one) => one.imageName === 'System').map((one) => one.processId);
  kernel.sockets = kernel.sockets.map((one) => (system.includes(one.processId) ? { ...one, processId: 4 } : one));
  for (const service of lab.fleet.server('paused').machine.services) {
    if (service.state === 'running') service.state = 'paused';
  }
  before = lab.states();
});

beforeEach(() => {
  expect(lab.changedSince(before)).toEqual([]);
});

afterAll(async () => {
  expect(lab.changedSince(before)).toEqual([]);
  expect(lab.changesSent()).toEqual([]);
  await lab.close();
});

async function planned(command: 'plan' | 'verify', ...hosts: readonly string[]) {
  const limit = hosts.length === 0 ? [] : ['-l', hosts.join(':')];
  const { stdout, exitCode } = await lab.run([command, '-i', lab.inventoryFile, '--json', ...limit]);
  const { hosts: shown } = JSON.parse(stdout) as PlanShown;
  const found = Object.fromEntries(
    shown.map(({ target, state, findings }) => [
      target,
      [state, ...findings.filter((one) => one.severity !== 'info').map((one) => `${one.severity} ${one.code}`)],
    ]),
  );
  const said = (host: string) => shown.find((one) => one.target === host)?.findings ?? [];
  return { exitCode, found, said, shown };
}

test('plan and verify: one finding for each cause, a blocker where something is to be changed', async () => {
  const expected = {
    plain: ['blocked', 'blocker account-rights'],
    filtered: ['blocked', 'blocker account-rights'],
    milder: ['blocked', 'blocker account-rights'],
    'in-order': ['ok', 'warning account-rights'],
    'no-netsh': ['blocked', 'blocker netsh-refused'],
    'no-key': ['blocked', 'blocker facts-incomplete'],
    kernel: ['blocked', 'blocker held-by-stranger'],
    paused: ['blocked', 'blocker held-in-doubt'],
    bound: ['blocked', 'blocker held-by-stranger'],
  };
  for (const command of ['plan', 'verify'] as const) {
    const { found, exitCode, said, shown } = await planned(command);
    expect(found).toEqual(expected);
    expect(exitCode).toBe(3);
    expect(shown.flatMap((one) => one.steps)).toEqual([]);
    const hints = (host: string) =>
      said(host)
        .map((one) => one.hint ?? '')
        .join(' ');
    expect(hints('plain')).toContain('Administrators');
    expect(hints('filtered')).toContain('LocalAccountTokenFilterPolicy');
    for (const host of ['plain', 'filtered', 'milder', 'in-order']) expect(hints(host)).not.toMatch(/send us|stop/);
    expect(hints('no-netsh')).toContain('AppLocker');
    expect(hints('kernel')).toContain('netsh http show servicestate');
    expect(hints('kernel')).not.toMatch(/restart|taskkill/);
    expect(hints('paused')).toContain('sc continue MSExchangeIMAP4BE');
    expect(hints('paused')).not.toContain('wait until');
    expect(
      said('bound')
        .map((one) => one.sentence)
        .join(),
    ).toContain('bound, without listening, in java.exe');
  }
});

test('an account that reads only may verify what is in order', async () => {
  expect((await planned('verify', 'in-order')).exitCode).toBe(0);
});

test('apply and its dry run have nothing to change', async () => {
  for (const extra of [['--dry-run'], ['--yes']]) {
    const limit = ['-l', 'plain:filtered'];
    const { stdout, stderr, exitCode } = await lab.run(['apply', '-i', lab.inventoryFile, ...limit, ...extra]);
    expect(exitCode).toBe(3);
    expect(stdout + stderr).toContain('0 to change');
    expect((stdout + stderr).match(/no administrator of the server/g)).toHaveLength(1);
    expect((stdout + stderr).match(/UAC has taken/g)).toHaveLength(1);
  }
});

test('collect: hosts of which the same is true stand together, with the fix', async () => {
  const { stdout, exitCode } = await lab.run(['collect', '-i', lab.inventoryFile]);
  expect(exitCode).toBe(3);
  expect(stdout.match(/no administrator of the server/g)).toHaveLength(1);
  expect(stdout.match(/netsh did not answer/g)).toHaveLength(1);
  expect(stdout).not.toMatch(/send us|incomplete answer/);
  const row = (host: string) => stdout.split('\n').find((line) => line.startsWith(`${host} `)) ?? '';
  expect(row('no-key')).toContain('unknown');
  expect(row('plain')).toContain('open: a process that is not shown, pid');
});

test('doctor: the rights fail, and no check behind them makes something up', async () => {
  const { stdout } = await lab.run(['doctor', '-i', lab.inventoryFile, '-l', 'plain:filtered:in-order', '--json']);
  const { hosts } = JSON.parse(stdout) as {
    hosts: { host: string; checks: { name: string; state: string; code: string | null; cure: string | null }[] }[];
  };
  for (const { host, checks } of hosts) {
    const trouble = checks.filter((one) => !['ok', 'not-needed'].includes(one.state));
    expect([host, trouble.map((one) => `${one.name} ${one.state} ${one.code ?? ''}`)]).toEqual([
      host,
      ['rights failed account-rights', 'services skipped ', 'ports warning held-in-doubt', 'guards skipped '],
    ]);
    expect(trouble.at(-1)?.cure ?? null).toBeNull();
  }
});
