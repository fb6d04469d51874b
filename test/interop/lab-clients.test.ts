// The lab, driven by clients that other people wrote: pywinrm, pypsrp and Ansible. What they get must be, to the byte, what
// the simulated machine's console prints; what they are refused must be what they take for a refusal.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/lab/cmd/console.ts';
import { startFleet } from '../../src/lab/fleet.ts';
import type { Fleet, RunningServer } from '../../src/lab/fleet.ts';
import { serverSpec } from '../../src/lab/scenario/server-spec.ts';
import { connect } from '../../src/winrm/client.ts';
import { ansibleRaw, ask } from './support/lab-clients.ts';
import type { Question } from './support/lab-clients.ts';
import { missingPeer } from './support/python-venv.ts';

const missing = await missingPeer(['winrm', 'pypsrp', 'ansible']);

const account = { user: 'LAB\\operator', password: 'Grün-Pass-1!' };
const show = ['netsh', 'interface', 'ipv4', 'show', 'excludedportrange', 'protocol=tcp'] as const;
const [program, ...args] = show;
const line = show.join(' ');
const unknownShell = '00000000-0000-4000-8000-000000000000';

let fleet: Fleet;
let folder: string;
let caFile: string;

beforeAll(async () => {
  if (missing !== null) return;
  fleet = await startFleet({
    account,
    servers: [
      serverSpec({ name: 'german', language: 'de' }),
      serverSpec({ name: 'japanese', language: 'ja' }),
      serverSpec({ name: 'german-tls', language: 'de', listener: 'https', auth: ['ntlm', 'basic'] }),
      serverSpec({ name: 'japanese-tls', language: 'ja', listener: 'https', auth: ['ntlm', 'basic'] }),
      serverSpec({ name: 'old', language: 'en', windows: '2008r2' }),
    ],
  });
  folder = await mkdtemp(join(tmpdir(), 'fencepost-lab-'));
  caFile = join(folder, 'ca.pem');
  await writeFile(caFile, fleet.caPem ?? '');
});

afterAll(async () => {
  if (missing !== null) return;
  await fleet.close();
  await rm(folder, { recursive: true, force: true });
});

function question(server: RunningServer, differences: Partial<Question> = {}): Question {
  const isTls = server.scheme === 'https';
  return {
    url: `${server.scheme}://127.0.0.1:${String(server.port)}/wsman`,
    auth: isTls ? 'basic' : 'ntlm',
    username: account.user,
    password: account.password,
    encryption: isTls ? 'auto' : 'always',
    caFile: isTls ? caFile : null,
    command: program,
    arguments: args,
    ...differences,
  };
}

/** What the console itself prints, on the machine behind the server. */
function printed(server: RunningServer, commandLine = line, codePage = 65001) {
  const { stdout, stderr, exitCode } = runCommandLine(server.machine, commandLine, { codePage, elevated: true });
  return { kind: 'ran', stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), exitCode };
}

const machines = ['german', 'japanese', 'german-tls', 'japanese-tls', 'old'] as const;

describe.skipIf(missing !== null).each(['pywinrm', 'pypsrp'] as const)('%s', (client) => {
  test.each(machines)('%s: reads the exclusion table to the byte, and leaves no shell behind', async (name) => {
    const server = fleet.server(name);
    const reply = await ask(client, question(server));
    expect(reply).toEqual(printed(server));
    expect(reply).toMatchObject({ kind: 'ran', exitCode: 0 });
    expect(server.openShells).toBe(0);
  });

  test('gets the same bytes as in a shell of the OEM code page', async () => {
    const server = fleet.server('german');
    expect(await ask(client, question(server, { codePage: 850 }))).toEqual(printed(server, line, 850));
  });

  test('gets standard error and the exit code of a program that is not there', async () => {
    const server = fleet.server('german');
    const reply = await ask(client, question(server, { command: 'no-such-program', arguments: [] }));
    expect(reply).toEqual(printed(server, 'no-such-program'));
    expect(reply).toMatchObject({ kind: 'ran', exitCode: 1 });
  });

  test('NTLM over TLS, with its channel binding', async () => {
    const server = fleet.server('german-tls');
    expect(await ask(client, question(server, { auth: 'ntlm' }))).toEqual(printed(server));
  });

  test.each(['german', 'german-tls'])('%s: a wrong password is refused', async (name) => {
    const reply = await ask(client, question(fleet.server(name), { password: 'wrong' }));
    expect(reply.kind).toBe('failed');
    const refusal = client === 'pywinrm' ? 'InvalidCredentialsError' : 'AuthenticationError';
    expect(reply).toMatchObject({ error: refusal });
    expect(fleet.server(name).openShells).toBe(0);
  });

  test.each(['german', 'german-tls'])('%s: a fault is read: there is no such shell', async (name) => {
    const reply = await ask(client, question(fleet.server(name), { unknownShell }));
    expect(reply).toMatchObject({ kind: 'failed', error: 'fault', code: 2150858843 });
  });

  test('NTLM in clear over http is refused', async () => {
    const server = fleet.server('german');
    const before = server.requests.length;
    const reply = await ask(client, question(server, { encryption: 'never' }));
    expect(reply.kind).toBe('failed');
    const seen = server.requests.slice(before);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every((one) => one.operation === null)).toBe(true);
  });

  test('a certificate of an unknown authority is not taken', async () => {
    await expect(ask(client, question(fleet.server('german-tls'), { caFile: null }))).rejects.toThrow(
      /certificate verify failed/i,
    );
  });
});

describe.skipIf(missing !== null)("pypsrp's execute_cmd", () => {
  test.each([
    ['german', 'cp850', 850],
    ['japanese', 'cp932', 932],
    ['german-tls', 'cp850', 850],
  ] as const)('%s: without a code page the shell speaks %s', async (name, encoding, codePage) => {
    const server = fleet.server(name);
    expect(await ask('pypsrp', question(server, { executeCmd: encoding }))).toEqual(printed(server, line, codePage));
  });
});

describe.skipIf(missing !== null)('our own client', () => {
  test.each(machines)('%s: reads what the others read', async (name) => {
    const server = fleet.server(name);
    const { url, username, password, auth } = question(server);
    const { hostname: host, port } = new URL(url);
    const tls = server.scheme === 'https' ? { caFile } : {};
    const shell = await connect({ host, port: Number(port), scheme: server.scheme, auth, username, password, ...tls });
    const answer = await shell.run(line);
    await shell.close();
    const expected = printed(server);
    expect(answer).toEqual({
      stdout: expected.stdout.toString('utf8'),
      stderr: expected.stderr.toString('utf8'),
      exitCode: expected.exitCode,
    });
  });
});

describe.skipIf(missing !== null)('Ansible', () => {
  const variables = (server: RunningServer, password = account.password) => ({
    ansible_connection: 'winrm',
    ansible_host: '127.0.0.1',
    ansible_port: server.port,
    ansible_user: account.user,
    ansible_password: password,
    ansible_winrm_scheme: server.scheme,
    ansible_winrm_read_timeout_sec: 15,
    ansible_winrm_operation_timeout_sec: 10,
    ...(server.scheme === 'https'
      ? { ansible_winrm_transport: 'basic', ansible_winrm_ca_trust_path: caFile }
      : { ansible_winrm_transport: 'ntlm', ansible_winrm_message_encryption: 'always' }),
  });

  test('raw reads the exclusion table of every machine, in every language', async () => {
    const hosts = Object.fromEntries(machines.map((name) => [name, variables(fleet.server(name))]));
    const { output, exitCode, results } = await ansibleRaw(hosts, line);
    expect(output).not.toMatch(/UNREACHABLE|FAILED/);
    expect(exitCode).toBe(0);
    for (const name of machines) {
      const server = fleet.server(name);
      expect([name, results.get(name)]).toEqual([name, { stdout: printed(server).stdout.toString('utf8'), rc: 0 }]);
      expect(server.openShells).toBe(0);
    }
  });

  test('raw hands a whole command line with its quotes to cmd behind --%', async () => {
    const whole =
      'cmd --% /v:on /s /c "ver & echo #1:!errorlevel!# & netstat -ano | findstr /c:" 0.0.0.0:0 " & echo #2:!errorlevel!#"';
    const { exitCode, results } = await ansibleRaw({ german: variables(fleet.server('german')) }, whole);
    const { machine } = fleet.server('german');
    const { stdout } = runCommandLine(machine, whole.replace('--% ', ''), { codePage: 65001, elevated: true });
    expect(new TextDecoder().decode(stdout)).toMatch(/#1:0#[^]* 0\.0\.0\.0:0 [^]*#2:0#/);
    expect([exitCode, results.get('german')]).toEqual([0, { stdout: new TextDecoder().decode(stdout), rc: 0 }]);
  });

  test('a wrong password makes the host unreachable', async () => {
    const { output, exitCode } = await ansibleRaw({ german: variables(fleet.server('german'), 'wrong') }, line);
    expect(output).toMatch(/german \| UNREACHABLE/);
    expect(output).toMatch(/credentials were rejected/);
    expect(exitCode).toBe(4);
  });

  test('NTLM in clear over http is refused', async () => {
    const hosts = { german: { ...variables(fleet.server('german')), ansible_winrm_message_encryption: 'never' } };
    const { output } = await ansibleRaw(hosts, line);
    expect(output).toMatch(/german \| UNREACHABLE/);
  });
});
