// CIM of the lab, listed by clients that other people wrote (pywinrm, pypsrp) over sealed NTLM: they get what our own client gets.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFleet, type Fleet } from '../../src/lab/fleet.ts';
import { serverSpec } from '../../src/lab/scenario/server-spec.ts';
import { createClient } from '../../src/winrm/client.ts';
import { missingPeer, pythonVenv } from './support/python-venv.ts';

const missing = await missingPeer(['winrm', 'pypsrp']);
const program = fileURLToPath(new URL('clients/cim_client.py', import.meta.url));
const account = { user: 'LAB\\operator', password: 'Grün-Pass-1!' };
const wmi = 'http://schemas.microsoft.com/wbem/wsman/1/wmi';

let fleet: Fleet;
beforeAll(async () => {
  const services = Array.from({ length: 120 }, (_, index) => ({
    name: `Service${String(index)}`,
    image: 'x.exe',
    state: 'stopped' as const,
    ports: [],
  }));
  fleet = await startFleet({
    account,
    servers: [serverSpec({ name: 'ex01', imap: 'running', services }), serverSpec({ name: 'old', windows: '2008r2' })],
  });
});
afterAll(async () => fleet.close());

interface Listed {
  readonly items: readonly Readonly<Record<string, string | null>>[];
  readonly pulls: number;
}

async function list(client: string, name: string, resource: string, wql: string | null): Promise<unknown> {
  const { python } = await pythonVenv();
  const child = spawn(python, [program], { env: { PATH: process.env['PATH'], NO_PROXY: '*', PYTHONUTF8: '1' } });
  const url = `http://127.0.0.1:${String(fleet.server(name).port)}/wsman`;
  const { user: username, password } = account;
  child.stdin.end(JSON.stringify({ client, url, username, password, resource: `${wmi}/${resource}`, wql }));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (stdout === '') throw new Error(`${client} broke:\n${stderr}`);
  return JSON.parse(stdout);
}

describe.skipIf(missing !== null).each(['pypsrp', 'pywinrm'])('%s', (client) => {
  test('lists all services, in as many Pulls as its MaxElements asks for', async () => {
    const listed = (await list(client, 'ex01', 'root/cimv2/Win32_Service', null)) as Listed;
    expect(listed.items).toHaveLength(122);
    expect(listed.pulls).toBe(3);
    const { user: username, password } = account;
    const own = createClient({ host: '127.0.0.1', port: fleet.server('ex01').port, username, password });
    const ours: unknown[] = [];
    for await (const one of own.enumerate('Win32_Service')) ours.push(one);
    await own.close();
    expect(listed.items).toEqual(ours);
    expect(fleet.server('ex01').openEnumerations).toBe(0);
  });

  test('reads the dynamic range of every TCP template, and the columns of a query', async () => {
    const { items } = (await list(client, 'ex01', 'root/StandardCimv2/MSFT_NetTCPSetting', null)) as Listed;
    expect(items.find((one) => one['SettingName'] === 'Internet')).toMatchObject({
      DynamicPortRangeStartPort: '6005',
      DynamicPortRangeNumberOfPorts: '59530',
    });
    expect(items.find((one) => one['SettingName'] === 'Automatic')?.['DynamicPortRangeStartPort']).toBeNull();
    const wql = "select Name, State from Win32_Service where Name = 'MSExchangeIMAP4BE'";
    expect(await list(client, 'ex01', 'root/cimv2/*', wql)).toEqual({
      items: [{ Name: 'MSExchangeIMAP4BE', State: 'Running' }],
      pulls: 0,
    });
  });

  test.each([
    ['old', 'root/StandardCimv2/MSFT_NetTCPSetting', null, 2150858752],
    ['ex01', 'root/cimv2/Win32_Nothing', null, 2150858752],
    ['ex01', 'root/cimv2/*', 'select * from Win32_Nothing', 2150858778],
    ['ex01', 'root/cimv2/*', 'this is no query', 2150858778],
  ])('%s %s %s: fault %i', async (name, resource, wql, fault) => {
    expect(await list(client, name, resource, wql)).toEqual({ fault });
  });
});
