// `init`: what it writes loads as it is, points at the schemas beside it, replaces nothing, and names the next commands.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jsonSchemaText } from '../../src/cli/documents/json-schemas.ts';
import { repository, runCli } from '../support/cli.ts';

/** Whatever the machine of this test belongs to. */
const noDomain = { KRB5_CONFIG: '/nowhere' };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-init-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const names = [
  'inventory/prod.yml',
  'playbooks/exchange-backend-ports.yml',
  'schemas/inventory.schema.json',
  'schemas/playbook.schema.json',
];

test('writes files that load as they are where the commands look for them', async () => {
  const { exitCode, stdout } = await runCli(['init'], { cwd: folder, env: noDomain });
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/fencepost inventory[^]*fencepost doctor/)]);
  for (const name of names) expect(stdout).toContain(`created  ${name}`);
  const shown = await runCli(['inventory', '--json'], { cwd: folder });
  expect([shown.exitCode, shown.stderr]).toEqual([0, '']);
  // Without a password in the environment nobody is asked, but both files are read.
  const planned = await runCli(['plan', '--json'], { cwd: folder, env: { HOME: folder } });
  expect([planned.exitCode, planned.stdout]).toEqual([3, expect.stringContaining('"secret/missing"')]);
});

test('the text is that of the shipped examples, below a line that points at the schema', async () => {
  await runCli(['init', 'new/project'], { cwd: folder, env: noDomain });
  const written = (name: string): Promise<string> => readFile(join(folder, 'new/project', name), 'utf8');
  const example = await readFile(join(repository, 'inventory/example.yml'), 'utf8');
  const [line = '', ...rest] = (await written('inventory/prod.yml')).split('\n');
  expect(line).toBe('# yaml-language-server: $schema=../schemas/inventory.schema.json');
  expect(rest.join('\n')).toBe(example.replaceAll('inventory/example.yml', 'inventory/prod.yml'));
  expect(await written('schemas/inventory.schema.json')).toBe(jsonSchemaText('inventory'));
  expect(await written('playbooks/exchange-backend-ports.yml')).toMatch(
    /^# yaml-language-server: \$schema=\.\.\/schemas\/playbook\.schema\.json\n/,
  );
});

test('replaces no file, and says which were kept', async () => {
  await runCli(['init'], { cwd: folder, env: noDomain });
  const mine = join(folder, 'inventory/prod.yml');
  await writeFile(mine, 'all: { hosts: { mine: } }\n');
  await rm(join(folder, 'schemas/playbook.schema.json'));
  const { exitCode, stdout } = await runCli(['init', '--json'], { cwd: folder, env: noDomain });
  const { files } = JSON.parse(stdout) as { files: readonly { path: string; written: boolean }[] };
  expect([exitCode, files]).toEqual([
    0,
    names.map((path) => ({ path, written: path === 'schemas/playbook.schema.json' })),
  ]);
  expect(await readFile(mine, 'utf8')).toBe('all: { hosts: { mine: } }\n');
});

test('a folder that is a file is refused with its name', async () => {
  await writeFile(join(folder, 'taken'), '');
  const { exitCode, stderr } = await runCli(['init', 'taken'], { cwd: folder });
  expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/taken[^]*\[usage\/invalid\]/)]);
});

describe('on a machine of a domain', () => {
  const settings = (config: string): { readonly env: Record<string, string>; readonly cwd: string } => ({
    env: { KRB5_CONFIG: config },
    cwd: folder,
  });

  test('names it in the inventory, says so, and says how to find the servers', async () => {
    const config = join(folder, 'krb5.conf');
    await writeFile(config, '[libdefaults]\n  default_realm = AD.CONTOSO.COM\n');
    const { exitCode, stdout } = await runCli(['init'], settings(config));
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(/Guessed: the domain AD\.CONTOSO\.COM [^]*fencepost discover --domain ad\.contoso\.com/),
    ]);
    const text = await readFile(join(folder, 'inventory/prod.yml'), 'utf8');
    expect(text).toContain(`guessed from ${config}`);
    expect(text).not.toMatch(/corp\.example/i);
    const shown = JSON.parse((await runCli(['inventory', '--json'], { cwd: folder })).stdout) as {
      readonly hosts: readonly { readonly host: string; readonly connection: Record<string, unknown> }[];
    };
    expect(shown.hosts[0]?.host).toBe('ex01.paris.ad.contoso.com');
    expect(shown.hosts[0]?.connection).toMatchObject({ auth: 'negotiate' });
    expect(shown.hosts[0]?.connection['username']).toMatch(/^[\w.-]+@AD\.CONTOSO\.COM$/);
  });

  test.each([
    ['nothing', ''],
    ['what a distribution put there', '[libdefaults]\ndefault_realm = ATHENA.MIT.EDU\n'],
    ['a comment', '[libdefaults]\n# default_realm = AD.CONTOSO.COM\n'],
    ['another section', '[appdefaults]\ndefault_realm = AD.CONTOSO.COM\n'],
    ['no name', '[libdefaults]\ndefault_realm = A.B"}\n'],
  ])('guesses nothing from %s', async (_what, text) => {
    await writeFile(join(folder, 'krb5.conf'), text);
    const { stdout } = await runCli(['init', '--json'], settings(join(folder, 'krb5.conf')));
    expect(JSON.parse(stdout)).toMatchObject({ domain: null });
    expect(await readFile(join(folder, 'inventory/prod.yml'), 'utf8')).toContain('svc-fencepost@CORP.EXAMPLE');
  });

  test.each(['pipe', '/dev/zero'])('waits for no %s', async (config) => {
    await promisify(execFile)('mkfifo', [join(folder, 'pipe')]);
    const { exitCode, stdout } = await runCli(['init', '--json'], settings(resolve(folder, config)));
    expect([exitCode, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ domain: null })]);
  });

  test('does not speak for an inventory that was there', async () => {
    await writeFile(join(folder, 'krb5.conf'), '[libdefaults]\ndefault_realm = AD.CONTOSO.COM\n');
    await runCli(['init'], settings('/nowhere'));
    const { stdout } = await runCli(['init'], settings(join(folder, 'krb5.conf')));
    expect(stdout).not.toContain('Guessed');
    expect(stdout).toContain('fencepost discover --domain ad.contoso.com');
  });
});
