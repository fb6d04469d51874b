// What each program gives the account that logs on over the network, by its rights: as refused as on Windows, and no more.
import { describe, expect, test } from 'vitest';
import { families } from '../../../src/model/host-state.ts';
import { bareMachine, runLine } from '../run-line.ts';

const unprivileged = ['filtered', 'user'] as const;

describe.each(unprivileged)('%s', (rights) => {
  const machine = () => bareMachine({ rights, imap: 'running' });

  test.each([
    'netsh interface ipv4 show excludedportrange protocol=tcp store=active',
    'netsh interface ipv4 show dynamicportrange protocol=tcp',
    'netstat -ano',
    'netstat -anoq',
    'reg query HKLM\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup',
  ])('may: %s', (line) => {
    const ran = runLine(machine(), line, false);
    expect(ran).toEqual(runLine(machine(), line, true));
    expect(ran.exitCode).toBe(0);
  });

  test('may not list processes', () => {
    const refused = { stdout: '', stderr: 'ERROR: Access denied\r\n', exitCode: 1 };
    expect(runLine(machine(), 'tasklist /svc /fo csv /nh', false)).toEqual(refused);
  });

  test('or sees them without their services, as one report on 2012 has it', () => {
    const milder = bareMachine({ rights, imap: 'running' }, { tasklistForUsers: 'without-services' });
    const { stdout, exitCode } = runLine(milder, 'tasklist /svc /fo csv /nh', false);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('"Microsoft.Exchange.Imap4Service.exe","1004","N/A"');
  });

  test('may not change an exclusion', () => {
    const one = machine();
    const line =
      'netsh interface ipv4 add excludedportrange protocol=tcp startport=9955 numberofports=1 store=persistent';
    expect(runLine(one, line, false)).toMatchObject({ exitCode: 1 });
    expect(one.exclusions.tcp.ipv4.persistent).toEqual([]);
  });
});

test('a program that a policy forbids does not start, whoever asks', () => {
  const machine = bareMachine({}, { forbiddenPrograms: ['netsh'] });
  const ran = runLine(machine, 'netsh interface ipv4 show dynamicportrange protocol=tcp');
  expect(ran).toMatchObject({ stdout: '', exitCode: 1 });
  expect(ran.stderr).toContain('blocked by group policy');
});

test("Exchange's key that may not be read ends as one that is not there; the key above shows it", () => {
  const machine = bareMachine({}, { exchangeKeyDenied: true });
  const ask = (path: string) => runLine(machine, `reg query HKLM\\SOFTWARE\\Microsoft\\ExchangeServer${path}`);
  expect(ask('\\v15\\Setup')).toMatchObject({ stdout: '', exitCode: 1 });
  expect(runLine(bareMachine({ exchange: 'none' }), 'reg query HKLM\\SOFTWARE\\Nope')).toMatchObject({ exitCode: 1 });
  expect(ask('').stdout).toContain('ExchangeServer\\v15\r\n');
});

test('a socket bound without listening: only netstat -q shows it, an older netstat does not know -q', () => {
  const holders = [{ port: 9933, protocol: 'tcp', image: 'a.exe', services: [], families, state: 'BOUND' }] as const;
  const machine = bareMachine({ holders });
  expect(runLine(machine, 'netstat -ano').stdout).not.toContain(':9933 ');
  expect(runLine(machine, 'netstat -anoq').stdout).toMatch(/TCP {4}0\.0\.0\.0:9933 +0\.0\.0\.0:0 +BOUND +\d+/);
  expect(runLine(bareMachine({ holders, windows: '2012r2' }), 'netstat -anoq')).toMatchObject({ exitCode: 1 });
  const add = 'netsh interface ipv4 add excludedportrange protocol=tcp startport=9933 numberofports=1';
  expect(runLine(machine, add).exitCode).toBe(1);
});
