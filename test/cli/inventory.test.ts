// `inventory`: the hosts as they are resolved, by whom they are defined, and never a secret; one host with its variables.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli, type CliResult } from '../support/cli.ts';

const text = `all:
  vars:
    winrm: { auth: ntlm, username: 'CORP\\svc', password: { env: FENCEPOST_PASSWORD } }
  children:
    paris:
      vars: { availability_group: dag1, api_token: tok-4711 }
      hosts:
        ex[01:02].paris:
    berlin:
      hosts:
        ex11.berlin:
          winrm: { scheme: https, address: 192.0.2.11, password: Geheim-4711, ca_file: ca.pem }
        ex12.berlin:
          winrm: { password: { file: secret.txt }, port: 15985 }
    linux:
      hosts:
        web01: { ansible_connection: ssh }
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-inventory-'));
  await writeFile(join(folder, 'prod.yml'), text);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const show = (...args: readonly string[]): Promise<CliResult> =>
  runCli(['inventory', '-i', 'prod.yml', ...args], { cwd: folder });

interface Document {
  readonly hosts: readonly {
    readonly host: string;
    readonly origin: object;
    readonly groups: readonly string[];
    readonly connection: { readonly password: object };
    readonly valuesFrom: Readonly<Record<'connection' | 'variables', Readonly<Record<string, { line: number }>>>>;
  }[];
  readonly groups: readonly { readonly name: string; readonly hosts: readonly string[] }[];
  readonly leftOut: readonly { readonly host: string }[];
  readonly warnings: readonly { readonly line: number }[];
}

describe('all hosts', () => {
  test('with address, account, where the password is, groups and file:line', async () => {
    const { exitCode, stdout, stderr } = await show();
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^ex01\.paris +http:\/\/ex01\.paris:5985\/wsman +ntlm +CORP\\svc +env FENCEPOST_PASSWORD +paris +prod\.yml:8$/m,
    );
    expect(stdout).toMatch(
      /^ex11\.berlin +https:\/\/192\.0\.2\.11:5986\/wsman .* inline \(masked\) +berlin +prod\.yml:11$/m,
    );
    expect(stdout).toMatch(/^ex12\.berlin +http:\/\/ex12\.berlin:15985\/wsman .* file secret\.txt/m);
    expect(stdout).toMatch(/^paris \(2 hosts\)\n {2}ex01\.paris, ex02\.paris$/m);
    expect(stdout).toMatch(/not reached by WinRM: web01: prod\.yml:17:\d+/);
    expect(stderr).toMatch(/warning: prod\.yml:12:\d+: .*password/);
  });

  test('as JSON', async () => {
    const document = JSON.parse((await show('--json')).stdout) as Document;
    expect(document.hosts.map((one) => one.host)).toEqual(['ex01.paris', 'ex02.paris', 'ex11.berlin', 'ex12.berlin']);
    expect(document.hosts[0]).toMatchObject({ origin: { file: 'prod.yml', line: 8 }, groups: ['paris'] });
    expect(document.hosts.map((one) => one.connection.password)).toEqual([
      { kind: 'env', name: 'FENCEPOST_PASSWORD' },
      { kind: 'env', name: 'FENCEPOST_PASSWORD' },
      { kind: 'inline', value: '(masked)' },
      { kind: 'file', path: 'secret.txt' },
    ]);
    expect(document.leftOut.map((one) => one.host)).toEqual(['web01']);
    const { username, password, port } = document.hosts[3]?.valuesFrom.connection ?? {};
    expect([username?.line, password?.line, port?.line]).toEqual([3, 14, 14]);
    expect(document.hosts[0]?.valuesFrom.connection['port']).toBeUndefined();
    expect(document.hosts[0]?.valuesFrom.variables['availability_group']).toEqual({
      file: 'prod.yml',
      line: 6,
      column: 35,
    });
    expect(document.warnings.map((one) => one.line)).toEqual([12]);
  });

  test('a short name finds its host and says so; a mistyped flag is answered with the nearest', async () => {
    const found = await show('--json', '-l', 'EX12');
    expect((JSON.parse(found.stdout) as Document).hosts.map((one) => one.host)).toEqual(['ex12.berlin']);
    expect(found.stderr).toContain('warning: --limit: EX12 is taken for ex12.berlin\n');
    const { exitCode, stderr } = await show('--limti', 'ex12');
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('did you mean --limit?')]);
  });

  test('a pattern limits hosts and groups', async () => {
    const document = JSON.parse((await show('--json', '--limit', 'all:&berlin:!ex12*')).stdout) as Document;
    expect(document.hosts.map((one) => one.host)).toEqual(['ex11.berlin']);
    expect(document.groups).toEqual([
      { name: 'all', hosts: ['ex11.berlin'] },
      { name: 'berlin', hosts: ['ex11.berlin'] },
    ]);
  });

  test('a pattern that asks for a host without WinRM is refused', async () => {
    const { exitCode, stderr } = await show('-l', 'linux');
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/web01[^]*\[inventory\/invalid\]/)]);
  });
});

describe('one host', () => {
  test('with its variables, those that look like secrets hidden', async () => {
    const { exitCode, stdout } = await show('--host', 'ex01.paris');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/defined in +prod\.yml:8\n[^]*connect timeout +10 s\n[^]*availability_group +"dag1"/);
    expect(stdout).toMatch(/api_token +"\(hidden\)"/);
  });

  test('over https also whom it trusts and which name it expects', async () => {
    const { stdout } = await show('--host', 'ex11.berlin');
    expect(stdout).toMatch(/trusted CA +ca\.pem\n +certificate name +192\.0\.2\.11/);
  });

  test.each([
    { host: 'ex01.pariss', says: /did you mean ex01\.paris\?/, code: 'inventory/no-match' },
    { host: 'web01', says: /not reached by WinRM/, code: 'inventory/invalid' },
  ])('$host is refused', async ({ host, says, code }) => {
    const { exitCode, stderr } = await show('--host', host);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(says)]);
    expect(stderr).toContain(`[${code}]`);
  });
});

test('no form of it prints a secret', async () => {
  const results = await Promise.all([
    show(),
    show('--json'),
    show('--host', 'ex11.berlin'),
    show('--host', 'ex11.berlin', '--json'),
    show('--host', 'ex01.paris', '--json'),
  ]);
  for (const { stdout, stderr } of results) expect(stdout + stderr).not.toMatch(/Geheim|tok-4711/);
});
