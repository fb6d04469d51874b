// What only a file system, a command line or a program shows of the forms of an inventory; the forms themselves are in cases/.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseForm } from '../../../src/inventory/forms/read-form.ts';
import { loadInventory } from '../../../src/inventory/load.ts';
import { Failure } from '../../../src/model/failure.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-forms-'));
  await writeFile(join(folder, 'vars.yml'), 'all: { vars: { winrm: { username: svc } } }');
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function write(name: string, content: string | Buffer): Promise<string> {
  const file = join(folder, name);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, content);
  return file;
}

async function faultsOf(loading: Promise<unknown>): Promise<readonly string[]> {
  const thrown: unknown = await loading.catch((reason: unknown) => reason);
  if (!(thrown instanceof Failure)) return expect.fail('expected a Failure');
  return thrown.issues.map((one) => `${one.file.replace(`${folder}/`, '')}:${one.line}:${one.column} ${one.message}`);
}

const vars = (): string => join(folder, 'vars.yml');

describe('the form is told by the text, in doubt by the extension', () => {
  test.each([
    ['all:\n  hosts:\n', 'fleet', 'yaml'],
    ['---\nall:\n', 'fleet', 'yaml'],
    ['{"all": {}}', 'fleet', 'yaml'],
    ['', 'fleet', 'yaml'],
    ['# nothing\n', 'fleet', 'yaml'],
    ['ex01\nex02\n', 'fleet', 'ini'],
    ['ex01:5986\n', 'fleet', 'ini'],
    ['ex01 note="a: b"\n', 'fleet', 'ini'],
    ['[paris]\nex01\n', 'fleet.yml', 'ini'],
    ['all\n  hosts\n', 'fleet.yml', 'yaml'],
    ['x: [\n[a],\n[b]\n]', 'fleet.ini', 'ini'],
    ['[\n[1]\n]', 'fleet.json', 'yaml'],
    ['Name,Fqdn\nEX01,ex01.corp\n', 'fleet', 'csv'],
    ['sep=;\r\n"Name";"Site"\r\n', 'fleet', 'csv'],
    ['#TYPE Selected.System\n"DNSHostName"\t"Name"\n', 'fleet', 'csv'],
    ['Name\nEX01\n', 'fleet.csv', 'csv'],
    ['# hosts, name, address\nall:\n  hosts:\n', 'fleet.yml', 'yaml'],
    ['; hosts, name, address\n[paris]\nex01\n', 'fleet', 'ini'],
    ['#TYPE x\n# hosts, name\nex01\n', 'fleet', 'ini'],
    ['{"all": {"hosts":\n["ex01"]\n}}', 'fleet.json', 'yaml'],
  ])('%j in %s is %s', (text, file, form) => {
    expect(chooseForm(text, file)).toBe(form);
  });
});

describe('hosts on the command line', () => {
  test('beside an inventory that says how to reach them', async () => {
    const inventory = await loadInventory([vars(), 'ex01, ex[02:03].corp,ex04:5986,']);
    expect(inventory.targets.map((one) => [one.name, one.connection.port, one.connection.username])).toEqual([
      ['ex01', 5985, 'svc'],
      ['ex02.corp', 5985, 'svc'],
      ['ex03.corp', 5985, 'svc'],
      ['ex04', 5986, 'svc'],
    ]);
    expect(inventory.hostLists).toEqual(['ex01, ex[02:03].corp,ex04:5986,']);
  });

  test('more of them than a file name is long', async () => {
    const names = Array.from({ length: 200 }, (_, at) => `ex${String(at)}.paris.corp.example`);
    const inventory = await loadInventory([vars(), `${names.join(',')},`]);
    expect(inventory.targets.map((one) => one.name)).toEqual(names);
  });

  test('without one: what to write', async () => {
    expect(await faultsOf(loadInventory(['ex01,']))).toEqual([
      'ex01,:0:0 ungrouped.hosts.ex01: no username for ex01; write it under all: { vars: ... } of another inventory, named with a second -i, as winrm: { username: ... }',
    ]);
  });

  test('files with a comma between are no hosts', async () => {
    const [fault] = await faultsOf(loadInventory(['a.yml,b.yml']));
    expect(fault).toContain('"a.yml" looks like a file; give each its own -i');
  });

  test('a file whose name has a comma is that file', async () => {
    const file = await write('a,b', 'ex07\n');
    expect((await loadInventory([vars(), file])).targets.map((one) => one.name)).toEqual(['ex07']);
  });
});

describe('scripts and plugins', () => {
  const printed = JSON.stringify({
    _meta: { hostvars: { ex01: { winrm: { username: 'svc' }, site: 'paris' }, ex02: { winrm: { username: 'svc' } } } },
    exchange: { hosts: ['ex01', 'ex02'] },
  });

  test.each([
    ['script', '#!/bin/sh\necho never\n'],
    ['plugin.yml', 'plugin: microsoft.ad.ldap\nserver: dc1\n'],
  ])('%s goes to the program when it is named, and what that prints counts', async (name, text) => {
    const file = await write(name, text);
    const asked: string[] = [];
    const program = (path: string): Promise<string> => {
      asked.push(path);
      return Promise.resolve(printed);
    };
    const inventory = await loadInventory([file], undefined, 'protected', { program });
    expect(asked).toEqual([file]);
    expect(inventory.groups.get('exchange')?.hosts).toEqual(['ex01', 'ex02']);
    expect(inventory.targets[0]).toMatchObject({ variables: { site: 'paris' }, origin: { file, line: 0 } });
    const other = (): Promise<string> => Promise.resolve(printed.replace('paris', 'lyon'));
    const changed = await loadInventory([file], undefined, 'protected', { program: other });
    expect(changed.sha256).not.toBe(inventory.sha256);
  });

  test('found in a folder it is never run, and neither skipped in silence', async () => {
    await write('dir/10-hosts', 'ex01\n');
    await write('dir/20-script', '#!/bin/sh\necho never\n');
    const program = (): Promise<string> => expect.fail('nobody asked for it');
    expect(await faultsOf(loadInventory([vars(), join(folder, 'dir')], undefined, 'protected', { program }))).toEqual([
      'dir/20-script:0:0 this is a script, which is run only when it is named itself, with -i; or convert it with: ansible-inventory -i FILE --list --yaml',
    ]);
  });

  test('why the program could not', async () => {
    const file = await write('broken', '#!/bin/sh\n');
    const program = (): Promise<string> =>
      Promise.reject(new Failure('inventory/unreadable', 'no luck', { hint: 'try' }));
    expect(await faultsOf(loadInventory([file], undefined, 'protected', { program }))).toEqual([
      'broken:0:0 this is a script; no luck; try',
    ]);
  });
});

describe('what is no inventory', () => {
  test.each(['node_modules', '.git', 'playbooks'])('a folder called %s is refused by name', async (name) => {
    await write(`${name}/hosts.yml`, 'all: { hosts: { ex01: } }');
    const thrown: unknown = await loadInventory([join(folder, name)]).catch((reason: unknown) => reason);
    expect(thrown).toMatchObject({ code: 'inventory/unreadable', message: expect.stringContaining(name) as string });
  });

  test('nor are tables that lie in a folder', async () => {
    await write('mixed/hosts', 'ex01\n');
    await write('mixed/export.csv', 'Name,Fqdn\nEX09,ex09.corp\n');
    const inventory = await loadInventory([vars(), join(folder, 'mixed')]);
    expect(inventory.targets.map((one) => one.name)).toEqual(['ex01']);
    expect(inventory.warnings.map((one) => one.message)).toEqual([
      'file not read: a table is read only when it is named itself, with -i',
    ]);
  });

  test('text in an encoding that can not be told is named, not sent as C?RP', async () => {
    const file = await write('latin', Buffer.from('[x]\nex01 ansible_user="CÖRP\\svc"\n', 'latin1'));
    expect(await faultsOf(loadInventory([file]))).toEqual([
      'latin:2:21 this is not UTF-8: byte 0xD6 (Ö in Windows-1252); save the file as UTF-8',
    ]);
  });
});
