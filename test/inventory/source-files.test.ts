// A directory as inventory: what belongs to it, what is never read, and where reading stops.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadInventory } from '../../src/inventory/load.ts';
import { createSourceReader, sourceLimits } from '../../src/inventory/source-files.ts';
import { failureOf } from '../support/failure-of.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fencepost-sources-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text = 'all:\n'): string {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const found = (files: readonly string[]): readonly string[] => files.map((file) => relative(folder, file));

test('hidden folders, node_modules, roles and playbooks are not looked into, and the visible ones are named', async () => {
  for (const name of ['hosts.yml', 'b/c.yml', '.git/x.yml', 'node_modules/a/package.json', 'roles/r/tasks.yml'])
    write(name);
  const source = await createSourceReader().find(folder);
  expect([found(source.files), found(source.foreign)]).toEqual([
    ['b/c.yml', 'hosts.yml'],
    ['node_modules', 'roles'],
  ]);
});

test('playbooks beside an inventory are left out and named; one that is given by name is judged', async () => {
  write('hosts.yml', 'all: { hosts: { ex01: { winrm: { username: "x@y", password: { env: P } } } } }\n');
  write('site.yml', '- hosts: all\n  tasks: []\n');
  const ours = write('ports.yml', 'name: P\nhosts: all\nexclusions: []\n');
  const inventory = await loadInventory([folder]);
  expect(inventory.targets.map((one) => one.name)).toEqual(['ex01']);
  expect(found(inventory.files)).toEqual(['hosts.yml']);
  expect(inventory.warnings.map((one) => `${relative(folder, one.file)}: ${one.message}`)).toEqual([
    'ports.yml: file not read: it is a playbook',
    'site.yml: file not read: it is a playbook',
  ]);
  expect((await failureOf(loadInventory([ours]))).code).toBe('inventory/invalid');
});

describe('reading stops', () => {
  const limits = { inventoryFiles: 3, variablesFiles: 2, entries: 10, fileBytes: 100, totalBytes: 150 };

  test.each([
    ['files', ['1.yml', '2.yml', 'a/3.yml', 'a/4.yml'], 'more than 3 files in this directory'],
    [
      'entries',
      Array.from({ length: 11 }, (_, at) => `${String(at)}.md`),
      'more than 10 files and folders in this directory',
    ],
  ])('at too many %s', async (_, names, message) => {
    for (const name of names) write(name);
    const failure = await failureOf(createSourceReader(limits).find(folder));
    expect([failure.code, failure.where, failure.message]).toEqual([
      'inventory/unreadable',
      folder,
      `the inventory can't be read: ${message}`,
    ]);
  });

  test('at a folder that contains itself', async () => {
    write('a/1.yml');
    symlinkSync(join(folder, 'a'), join(folder, 'a', 'again'));
    expect((await failureOf(createSourceReader(limits).find(folder))).code).toBe('inventory/unreadable');
  });

  test('at too many files of variables, over all names', async () => {
    for (const name of ['ex01/1.yml', 'ex01/2.yml', 'ex02.yml']) write(name);
    const reader = createSourceReader(limits);
    expect(found(await reader.listVariables(join(folder, 'ex01')))).toEqual(['ex01/1.yml', 'ex01/2.yml']);
    expect((await failureOf(reader.listVariables(join(folder, 'ex02.yml')))).message).toContain('2 files of variables');
  });

  test('at a large file, and at files that are large together', async () => {
    const reader = createSourceReader(limits);
    await expect(reader.read(write('large.yml', 'x'.repeat(101)))).rejects.toThrow('it is larger than');
    expect((await reader.read(write('1.yml', 'x'.repeat(100)))).length).toBe(100);
    const failure = await failureOf(reader.read(write('2.yml', 'x'.repeat(51))));
    expect([failure.where, failure.message]).toEqual([
      join(folder, '2.yml'),
      expect.stringContaining('all files together'),
    ]);
  });

  test('at ranges that stand for more hosts than there are servers', async () => {
    const groups = Array.from({ length: 25 }, (_, at) => `    g${String(at)}: { hosts: { "ex[0001:9999]": } }\n`);
    const file = write('many.yml', `all:\n  children:\n${groups.join('')}`);
    const { issues } = await failureOf(loadInventory([file]));
    expect(issues.map((one) => one.message).join('\n')).toContain('more than 200000 hosts up to here');
  });
});

test('the limits leave room for any real fleet', () => {
  expect(sourceLimits).toMatchObject({ inventoryFiles: 500, variablesFiles: 20_000 });
});
