// `doctor` against a lab with one of each trouble: every host gets exactly as far as its trouble lets it, with a cure that can be run;
// nothing is changed, and each host that lets one in is asked once.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { languages } from '../../src/lab/machine/releases.ts';
import { checkNames } from '../../src/run/survey/check.ts';
import { openLab, withLab, type TestLab } from '../support/lab.ts';

interface CheckShown {
  readonly name: string;
  readonly state: string;
  readonly detail: string;
  readonly code: string | null;
  readonly cure: string | null;
  readonly commands: readonly { readonly on: string; readonly command: string }[];
}

interface HostShown {
  readonly host: string;
  readonly inOrder: boolean;
  readonly checks: readonly CheckShown[];
}

let lab: TestLab;

beforeAll(async () => {
  lab = await openLab(
    [
      { name: 'good' },
      { name: 'good-https', listener: 'https', auth: ['basic'] },
      { name: 'dead', reachable: false },
      { name: 'stranger', listener: 'https' },
      { name: 'expired', listener: 'https' },
      { name: 'locked-out', password: 'wrong' },
      {
        name: 'no-shell',
        mishaps: [
          {
            on: { operation: 'create', nth: null, line: null, request: null },
            act: { kind: 'fault', code: 5 },
            times: 99,
          },
        ],
      },
      { name: 'user', rights: 'user' },
      { name: 'old', windows: '2008r2', hotfix: false, exchange: '2013' },
      { name: 'plain', exchange: 'none' },
      { name: 'half', imap: 'missing', pop: 'running' },
      {
        name: 'busy',
        mishaps: [
          {
            on: { operation: 'identify', nth: null, line: null, request: null },
            act: { kind: 'status', status: 404 },
            times: 99,
          },
        ],
      },
    ],
    {
      wire: ({ name }) => ({
        certificateFlaw: name === 'stranger' ? 'wrong-name' : name === 'expired' ? 'expired' : null,
      }),
    },
  );
});

afterAll(async () => {
  await lab.close();
});

async function doctor(
  ...args: readonly string[]
): Promise<{ exitCode: number | null; hosts: ReadonlyMap<string, HostShown> }> {
  const { exitCode, stdout } = await lab.run(['doctor', '-i', lab.inventoryFile, '--json', ...args]);
  const { hosts } = JSON.parse(stdout) as { hosts: readonly HostShown[] };
  return { exitCode, hosts: new Map(hosts.map((one) => [one.host, one])) };
}

/** `rights failed wire/access-denied, netsh warning ...`: all that is not ok, without what was not reached. */
function trouble({ checks }: HostShown): string {
  return checks
    .filter((one) => one.state === 'failed' || one.state === 'warning')
    .map((one) => `${one.name} ${one.state} ${one.code ?? 'no code'}`)
    .join(', ');
}

test('each host gets as far as its trouble lets it, and no further', async () => {
  const before = lab.states();
  // One after the other: were the host that refuses the password the first to be asked, the others would be held back.
  const { exitCode, hosts } = await doctor('--concurrency', '1');
  expect(exitCode).toBe(3);
  expect(Object.fromEntries([...hosts].map(([name, one]) => [name, trouble(one)]))).toEqual({
    good: 'services warning port-unknown',
    'good-https': 'services warning port-unknown',
    dead: 'port failed connect/refused',
    stranger: 'tls failed tls/wrong-name',
    expired: 'tls failed tls/expired',
    'locked-out': 'logon failed auth/refused',
    'no-shell': 'shell failed wire/access-denied',
    user: 'rights failed account-rights',
    old: 'netsh failed netsh-too-old, services warning port-unknown',
    plain: 'exchange warning not-exchange',
    half: 'services warning service-not-installed',
    busy: 'winrm failed http/status',
  });
  for (const { host, checks, inOrder } of hosts.values()) {
    expect([host, checks.map((one) => one.name)]).toEqual([host, checkNames]);
    const states = checks.map((one) => one.state);
    const stop = checks.findIndex(
      (one) => one.state === 'failed' && checkNames.indexOf('rights') > checkNames.indexOf(one.name as 'name'),
    );
    const unreached = states.filter((one) => one === 'skipped').length;
    // An account without rights gets through, but may not ask for tasks and services.
    const hidden = host === 'user' ? 2 : 0;
    expect([host, unreached]).toEqual([host, stop === -1 ? hidden : checks.length - stop - 1]);
    expect([host, inOrder]).toEqual([host, !states.includes('failed')]);
    for (const check of checks.filter((one) => one.state === 'failed')) {
      expect([host, check.name, check.commands.length > 0, check.cure !== null]).toEqual([
        host,
        check.name,
        true,
        true,
      ]);
      for (const { command } of check.commands) expect(command).not.toMatch(/\bHOST\b/);
    }
  }
  expect(lab.changedSince(before)).toEqual([]);
  expect(lab.changesSent()).toEqual([]);
});

test('a host that lets one in is asked in six requests: one without a logon, one logon, one command', async () => {
  const sent = lab.requestCount('good');
  await doctor('-l', 'good');
  const records = lab.fleet.server('good').requests.slice(sent);
  expect(records.map((one) => one.operation)).toEqual(['identify', null, 'create', 'command', 'receive', 'delete']);
  expect(lab.fleet.server('good').openShells).toBe(0);
});

test('--trace shows each request, that before the logon too', async () => {
  const names = ['good', 'locked-out', 'busy', 'dead'];
  const before = names.map((name) => lab.requestCount(name));
  const { stderr } = await lab.run(['doctor', '-i', lab.inventoryFile, '-l', names.join(':'), '--trace']);
  const traced = (name: string): readonly string[] =>
    stderr.match(new RegExp(`(?<=^trace ${name} )#\\d+ [^ ]+ \\S+`, 'gm')) ?? [];
  for (const [index, name] of names.entries()) {
    const sent = lab.requestCount(name) - (before[index] ?? 0);
    // The process may end before the answer to the Delete of its shell is there.
    expect([name, [sent, name === 'good' ? sent - 1 : sent]]).toEqual([
      name,
      expect.arrayContaining([traced(name).length]),
    ]);
  }
  expect(traced('good').slice(0, 2)).toEqual(['#1 identify: 200,', expect.stringMatching(/^#1 type1: 401,/)]);
  expect(traced('busy')).toEqual(['#1 identify: 404,']);
  expect(stderr).toMatch(/^trace good #1 identify: .*\(before the logon\)$/m);
});

test('a password that is refused is tried once', async () => {
  const sent = lab.requestCount('locked-out');
  await doctor('-l', 'locked-out');
  expect(lab.requestCount('locked-out') - sent).toBe(3);
});

describe('with a playbook', () => {
  test('its hosts are asked about its services and ports, and who has them', async () => {
    await withLab(
      [
        { name: 'ex01', imap: 'running', groups: ['mail'] },
        {
          name: 'ex02',
          groups: ['mail'],
          holders: [
            { port: 8883, protocol: 'tcp', families: ['ipv6'], image: 'broker.exe', services: [], state: 'LISTENING' },
          ],
        },
        { name: 'other', groups: ['web'] },
      ],
      async (mail) => {
        const playbook = await mail.write(
          'mqtt.yml',
          'name: MQTT\nhosts: mail\nwhen_held: { by_own_service: restart }\n' +
            'exclusions: [{ port: 8883, for: Dnscache }, { port: 9933, for: MSExchangeIMAP4BE }]\n',
        );
        const { exitCode, stdout } = await mail.run(['doctor', '-i', mail.inventoryFile, '-p', playbook, '--json']);
        const { hosts } = JSON.parse(stdout) as { hosts: readonly HostShown[] };
        expect([exitCode, hosts.map((one) => one.host)]).toEqual([3, ['ex01', 'ex02']]);
        const told = hosts.map(({ checks }) => checks.slice(-3, -1).map((one) => `${one.state}: ${one.detail}`));
        expect(told).toEqual([
          [expect.stringMatching(/Dnscache .*, MSExchangeIMAP4BE running$/), 'ok: tcp 9933 open in its own service'],
          [
            expect.stringMatching(/^warning: MSExchangeIMAP4BE is not running: not known/),
            'failed: tcp 8883 open in broker.exe',
          ],
        ]);
        const bad = await mail.run(['doctor', '-i', mail.inventoryFile, '-p', 'nowhere.yml', '--json']);
        expect([bad.exitCode, bad.stdout]).toEqual([1, expect.stringContaining('playbook/unreadable')]);
      },
    );
  });

  test('--limit @FILE is read here and by inventory as everywhere', async () => {
    const limit = ['-i', lab.inventoryFile, '-l', `@${await lab.write('hosts.txt', 'good\nplain\n')}`, '--json'];
    for (const command of ['doctor', 'inventory']) {
      const { stdout } = await lab.run([command, ...limit]);
      const { hosts } = JSON.parse(stdout) as { hosts: readonly HostShown[] };
      expect([command, hosts.map((one) => one.host)]).toEqual([command, ['good', 'plain']]);
    }
  });
});

describe('the table', () => {
  test('hosts that are alike stand together; commands name the host, its port and the inventory', async () => {
    const { stdout } = await lab.run(['doctor', '-i', lab.inventoryFile, '-l', 'good:user:dead:plain']);
    const { port } = lab.fleet.server('dead');
    expect(stdout).toContain(`nc -vz 127.0.0.1 ${String(port)}`);
    expect(stdout).toContain('not checked: tls, winrm, logon, shell');
    expect(stdout).toMatch(/\? +exchange +no Exchange/);
    expect(stdout).toContain('Summary: 2 hosts ready, 2 not.');
    const refused = await lab.run(['doctor', '-i', lab.inventoryFile, '-l', 'locked-out']);
    expect(refused.stdout).toContain(`fencepost inventory --host locked-out -i ${lab.inventoryFile}`);
  });

  test('with --verbose each host for itself, with what was seen', async () => {
    const { stdout } = await lab.run(['doctor', '-i', lab.inventoryFile, '-l', 'good-https', '-v']);
    expect(stdout).toMatch(/tls +the certificate is trusted \(CN=good-https; expires \d{4}-\d\d-\d\d\)/);
    expect(stdout).toMatch(/winrm +WinRM answers \(OS: 0\.0\.0 SP: 0\.0 Stack: 3\.0;\s+Microsoft/);
  });

  test('all in order: exit code 0', async () => {
    const { exitCode, stdout } = await lab.run(['doctor', '-i', lab.inventoryFile, '-l', 'good']);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^good: ready\n/)]);
  });
});

test('a name that nobody knows, and something else than WinRM', async () => {
  const web = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Portal</h1>');
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = web.address() as AddressInfo;
    const inventory = await lab.write(
      'others.yml',
      `all:\n  vars: { winrm: { username: x, password: { env: P } } }\n  hosts:\n` +
        `    nobody: { winrm: { address: no-such-host.invalid } }\n` +
        `    portal: { winrm: { address: 127.0.0.1, port: ${String(port)} } }\n`,
    );
    const { exitCode, stdout } = await lab.run(['doctor', '-i', inventory, '--json']);
    const { hosts } = JSON.parse(stdout) as { hosts: readonly HostShown[] };
    expect([exitCode, hosts.map(trouble)]).toEqual([3, ['name failed connect/name', 'winrm failed http/not-winrm']]);
  } finally {
    await new Promise((resolve) => web.close(resolve));
  }
});

test('a password that is not there is a matter of the logon, and nothing is sent for it', async () => {
  const text = await readFile(lab.inventoryFile, 'utf8');
  const inventory = await lab.write(
    'secretless.yml',
    text.replace(/password:\n\s+file: \S+/, 'password: { env: NO_SUCH_VARIABLE }'),
  );
  const sent = lab.requestCount('good');
  const { stdout } = await lab.run(['doctor', '-i', inventory, '--json', '-l', 'good']);
  const { hosts } = JSON.parse(stdout) as { hosts: readonly HostShown[] };
  expect(hosts.map(trouble)).toEqual(['logon failed secret/missing']);
  expect(lab.requestCount('good') - sent).toBe(1);
});

test('every language of Windows is in order alike', async () => {
  await withLab(
    languages.map((language) => ({ name: `host-${language.toLowerCase()}`, language })),
    async (other) => {
      const { exitCode, stdout } = await other.run(['doctor', '-i', other.inventoryFile]);
      expect([exitCode, stdout]).toEqual([
        0,
        expect.stringMatching(new RegExp(`^${String(languages.length)} hosts: ready\n`)),
      ]);
    },
  );
});
