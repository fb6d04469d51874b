// `init`: what it writes loads as it is, points at the schemas beside it, replaces nothing, and names the next commands.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { jsonSchemaText } from '../../src/cli/documents/json-schemas.ts';
import { repository, runCli } from '../support/cli.ts';

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
  const { exitCode, stdout } = await runCli(['init'], { cwd: folder });
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/fencepost inventory[^]*fencepost doctor/)]);
  for (const name of names) expect(stdout).toContain(`created  ${name}`);
  const shown = await runCli(['inventory', '--json'], { cwd: folder });
  expect([shown.exitCode, shown.stderr]).toEqual([0, '']);
  // Without a password in the environment nobody is asked, but both files are read.
  const planned = await runCli(['plan', '--json'], { cwd: folder, env: { HOME: folder } });
  expect([planned.exitCode, planned.stdout]).toEqual([3, expect.stringContaining('"secret/missing"')]);
});

test('the text is that of the shipped examples, below a line that points at the schema', async () => {
  await runCli(['init', 'new/project'], { cwd: folder });
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
  await runCli(['init'], { cwd: folder });
  const mine = join(folder, 'inventory/prod.yml');
  await writeFile(mine, 'all: { hosts: { mine: } }\n');
  await rm(join(folder, 'schemas/playbook.schema.json'));
  const { exitCode, stdout } = await runCli(['init', '--json'], { cwd: folder });
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
