// The library as a program uses it, against the lab over real sockets and sealed NTLM: streams, stdin, several commands, signals, CIM.
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFleet, type Fleet } from '../../src/lab/fleet.ts';
import { serverSpec } from '../../src/lab/scenario/server-spec.ts';
import { connect, createClient, quoteWql } from '../../src/winrm/client.ts';
import type { ConnectOptions, TraceEntry, WinRmClient } from '../../src/winrm/client.ts';
import { failureOf } from '../support/failure-of.ts';

const account = { user: 'LAB\\operator', password: 'Grün-Pass-1!' };
let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({
    account,
    servers: [
      serverSpec({ name: 'ex01', imap: 'running', pop: 'stopped', language: 'de' }),
      serverSpec({
        name: 'many',
        services: Array.from({ length: 700 }, (_, index) => ({
          name: `Service${String(index).padStart(3, '0')}`,
          image: 'x.exe',
          state: 'stopped' as const,
          ports: [],
        })),
      }),
      serverSpec({ name: 'old', windows: '2008r2' }),
      serverSpec({ name: 'user', rights: 'user' }),
    ],
  });
});
afterAll(async () => fleet.close());

function login(name: string, more: Partial<ConnectOptions> = {}): ConnectOptions {
  const { user: username, password } = account;
  return { host: '127.0.0.1', port: fleet.server(name).port, username, password, ...more };
}

/** Runs `body` with a client, and looks that it leaves nothing on the server. */
async function withClient(
  name: string,
  body: (client: WinRmClient, trace: readonly TraceEntry[]) => Promise<void>,
  more: Partial<ConnectOptions> = {},
): Promise<void> {
  const trace: TraceEntry[] = [];
  const client = createClient(login(name, { trace: (entry) => trace.push(entry), ...more }));
  try {
    await body(client, trace);
  } finally {
    await client.close();
  }
  const server = fleet.server(name);
  await expect.poll(() => [server.openShells, server.openEnumerations]).toEqual([0, 0]);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of items) found.push(one);
  return found;
}

const what = (trace: readonly TraceEntry[]): readonly string[] => trace.map((one) => one.what);

describe('a client', () => {
  test('sends nothing before its first call, and opens no shell for CIM', async () => {
    await withClient('ex01', async (client, trace) => {
      expect(trace).toEqual([]);
      const system = await client.get('Win32_OperatingSystem');
      expect(system).toMatchObject({ BuildNumber: '17763', Caption: 'Microsoft Windows Server 2019 Standard' });
      expect(what(trace)).toEqual(['type1', 'type3+get']);
      expect((await client.identify()).productVersion).toBe('OS: 10.0.17763 SP: 0.0 Stack: 3.0');
    });
  });

  test('is of no use when it is closed, and closing twice is fine', async () => {
    const client = createClient(login('ex01'));
    await client.close();
    await client.close();
    expect((await failureOf(client.identify())).code).toBe('interrupted');
    expect(() => createClient(login('ex01', { maxConnections: 0 }))).toThrow(/maxConnections/);
  });

  test('a refused password is a Failure of the call, not of making the client', async () => {
    const client = createClient(login('ex01', { password: 'wrong' }));
    expect((await failureOf(client.get('Win32_OperatingSystem'))).code).toBe('auth/refused');
    await client.close();
  });

  test('works with `await using`', async () => {
    let shells = 0;
    await (async () => {
      await using client = createClient(login('ex01'));
      await using shell = await client.openShell();
      expect((await shell.run('hostname')).stdout).toBe('ex01\r\n');
      shells = fleet.server('ex01').openShells;
    })();
    expect(shells).toBe(1);
    await expect.poll(() => fleet.server('ex01').openShells).toBe(0);
  });
});

describe('CIM', () => {
  test('a query gives the chosen columns, a class whole instances', async () => {
    await withClient('ex01', async (client) => {
      const wql = `select Name, State from Win32_Service where Name = ${quoteWql('msexchangeimap4be')}`;
      const found = await all(client.query(wql));
      expect(found).toEqual([{ Name: 'MSExchangeIMAP4BE', State: 'Running' }]);
      const settings = await all(client.enumerate('MSFT_NetTCPSetting', { namespace: 'root/StandardCimv2' }));
      expect(settings.map((one) => [one['SettingName'], one['DynamicPortRangeStartPort']])).toContainEqual([
        'Internet',
        '6005',
      ]);
      expect(settings[0]).toMatchObject({ SettingName: 'Automatic', DynamicPortRangeStartPort: null });
    });
  });

  test('an enumeration is pulled as it is read, and given up when nobody reads on', async () => {
    await withClient('many', async (client, trace) => {
      const services = await all(client.enumerate('Win32_Service'));
      expect(new Set(services.map((one) => one['Name'])).size).toBe(702);
      const pulls = what(trace).filter((one) => one === 'pull').length;
      expect(pulls).toBeGreaterThan(2);
      for await (const one of client.enumerate('Win32_Service', { maxElements: 10 })) {
        if (one['Name'] === services[5]?.['Name']) break;
      }
      expect(what(trace).slice(-3)).toEqual(['enumerate', 'pull', 'release']);
    });
  });

  test('a quote in a name stays a name', () => {
    expect(quoteWql("O'Neil\\' or 'a'='a")).toBe("'O\\'Neil\\\\\\' or \\'a\\'=\\'a'");
  });

  test('a method is called on the instance that the selectors name', async () => {
    await withClient('ex01', async (client) => {
      const selectors = { Name: 'MSExchangePOP3BE' };
      expect(await client.invoke('Win32_Service', 'StartService', {}, { selectors })).toEqual({ ReturnValue: '0' });
      expect(await client.get('Win32_Service', { selectors })).toMatchObject({ StartMode: 'Manual' });
      expect(await client.invoke('Win32_Service', 'StartService', {}, { selectors })).toEqual({ ReturnValue: '10' });
      const bad = await failureOf(client.invoke('Win32_Service', 'Start Service'));
      expect(bad.code).toBe('usage/invalid');
    });
  });

  test.each([
    ['ex01', 'a class that is not there', 'Win32_Nothing', 'root/cimv2', 'cim/not-found'],
    ['ex01', 'a namespace that is not there', 'Win32_Service', 'root/nothing', 'cim/not-found'],
    ['old', 'a class that is too new', 'MSFT_NetTCPSetting', 'root/StandardCimv2', 'cim/not-found'],
    ['user', 'an account without rights', 'Win32_Service', 'root/cimv2', 'wire/access-denied'],
  ])('%s: %s', async (name, _case, resource, namespace, code) => {
    await withClient(name, async (client) => {
      expect((await failureOf(all(client.enumerate(resource, { namespace })))).code).toBe(code);
    });
  });

  test('a mistake in a query, and an instance that is not there', async () => {
    await withClient('ex01', async (client) => {
      expect((await failureOf(all(client.query('select from where')))).code).toBe('cim/not-found');
      const absent = await failureOf(client.get('Win32_Service', { selectors: { Name: 'nothing' } }));
      expect(absent.code).toBe('cim/not-found');
      expect(absent.message).toContain('2150858752');
    });
  });
});

describe('a shell', () => {
  test('gives output as it comes, in lines', async () => {
    await withClient('ex01', async (client) => {
      const shell = await client.openShell();
      const command = await shell.start('echo one& echo two& echo three 1>&2');
      command.stdout.setEncoding('utf8');
      const lines: string[] = [];
      for await (const line of createInterface({ input: command.stdout })) lines.push(line);
      expect([lines, await command.exitCode]).toEqual([['one', 'two'], 0]);
    });
  });

  test('both streams in their order, without taking one of them', async () => {
    await withClient('ex01', async (client) => {
      const shell = await client.openShell();
      const command = await shell.start('echo out& echo err 1>&2');
      const parts: string[] = [];
      for await (const { stream, data } of command) parts.push(`${stream}: ${Buffer.from(data).toString()}`);
      expect(parts).toEqual(['stdout: out\r\n', 'stderr: err \r\n']);
      expect(await command.exitCode).toBe(0);
    });
  });

  test('stdin goes with a line at once, or bit by bit', async () => {
    await withClient('ex01', async (client, trace) => {
      const shell = await client.openShell();
      const input = 'Zürich\r\nParis\r\nZug\r\n';
      expect(await shell.run('findstr Z', { stdin: input })).toEqual({
        exitCode: 0,
        stdout: 'Zürich\r\nZug\r\n',
        stderr: '',
      });
      expect(what(trace).filter((one) => one === 'type1')).toHaveLength(1);
      const command = await shell.start('findstr P', { stdin: true });
      const output = text(command.stdout);
      command.stdin?.write('Zürich\r\n');
      command.stdin?.end('Paris\r\n');
      expect([await output, await command.exitCode]).toEqual(['Paris\r\n', 0]);
      expect((await shell.start('hostname')).stdin).toBeNull();
    });
  });

  test('input larger than an envelope is cut, and the pieces arrive in order', async () => {
    await withClient('ex01', async (client, trace) => {
      const shell = await client.openShell();
      const lines = Array.from({ length: 30_000 }, (_, index) => `line ${String(index)}`);
      const { stdout } = await shell.run('more', { stdin: `${lines.join('\r\n')}\r\n` });
      expect(stdout.trimEnd().split('\r\n')).toEqual(lines);
      expect(what(trace).filter((one) => one === 'send').length).toBeGreaterThan(2);
    });
  });

  test('commands that are started run side by side on connections of their own, `run` waits its turn', async () => {
    await withClient('ex01', async (client, trace) => {
      const shell = await client.openShell();
      // It waits for its input, so its Receive holds a connection.
      const waiting = await shell.start('more', { stdin: true });
      const output = text(waiting.stdout);
      expect((await shell.run('hostname')).stdout).toBe('ex01\r\n');
      waiting.stdin?.end('at last');
      expect((await output).trimEnd()).toBe('at last');
      expect(what(trace).filter((one) => one.endsWith('create'))).toHaveLength(1);
      expect(what(trace).filter((one) => one === 'type1').length).toBeGreaterThan(1);
    });
  });

  test('Ctrl-C reaches a command whose output is awaited', async () => {
    await withClient('ex01', async (client) => {
      const shell = await client.openShell();
      const command = await shell.start('more', { stdin: true });
      const { exitCode } = command;
      await command.signal();
      expect(await exitCode).toBe(3_221_225_786);
    });
  });

  test('an abort ends the command and its streams, and leaves the others alone', async () => {
    await withClient('ex01', async (client) => {
      const shell = await client.openShell();
      const stop = new AbortController();
      const other = await shell.start('more', { stdin: true });
      const command = await shell.start('more', { stdin: true, signal: stop.signal });
      const ended = failureOf(text(command.stdout));
      stop.abort();
      expect(await ended).toMatchObject({ code: 'interrupted', effect: 'unknown' });
      expect((await failureOf(command.exitCode)).code).toBe('interrupted');
      const output = text(other.stdout);
      other.stdin?.end('alive');
      expect((await output).trimEnd()).toBe('alive');
    });
  });

  test('has the environment and folder it was opened with', async () => {
    const environment = { FENCE: 'post & more' };
    const shell = await connect({ ...login('ex01'), environment, workingDirectory: 'C:\\Temp', idleTimeoutMs: 60_000 });
    expect((await shell.run('echo %FENCE%')).stdout).toContain('post');
    expect((await shell.client.get('Win32_OperatingSystem'))['CSName']).toBe('EX01');
    await shell.close();
    expect((await failureOf(shell.run('hostname'))).code).toBe('interrupted');
  });

  test('runs PowerShell, and refuses what no command line can hold', async () => {
    await withClient('ex01', async (client) => {
      const shell = await client.openShell();
      expect(await shell.powershell('hostname')).toMatchObject({ exitCode: 0, stdout: 'ex01\r\n' });
      expect((await failureOf(shell.powershell('x'.repeat(3200)))).code).toBe('command/too-long');
    });
  });
});
