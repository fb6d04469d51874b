// Secrets of ansible-vault in the forms that are not YAML: what is encrypted stays so until a host is connected, and is shown nowhere.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadInventory } from '../../../src/inventory/load.ts';
import { createSecretReader } from '../../../src/inventory/secrets/secrets.ts';
import { createVaultOpener } from '../../../src/inventory/secrets/vault-opener.ts';
import { sealVault } from '../../../src/inventory/secrets/vault.ts';
import type { Inventory } from '../../../src/inventory/inventory.ts';
import { failureOf } from '../../support/failure-of.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-vaulted-forms-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const seal = (text: string): Promise<string> => sealVault(text, 'right', randomBytes(32), 'default');
const vault = createVaultOpener({
  passwords: () => Promise.resolve([{ vaultId: 'default', password: 'right', source: 'pw' }]),
  random: (count) => randomBytes(count),
});

async function load(name: string, text: string): Promise<Inventory> {
  const file = join(folder, name);
  await writeFile(file, text);
  return loadInventory([file], vault);
}

function passwordsOf({ targets }: Inventory): Promise<readonly string[]> {
  const read = createSecretReader({
    env: {},
    readFile: () => Promise.reject(new Error('no file is to be read')),
    runHelper: () => Promise.reject(new Error('no program is to be run')),
    keyring: () => Promise.resolve(null),
    vault,
    prompt: null,
  });
  return Promise.all(targets.map((one) => read(one.connection.password, one)));
}

const list = (password: unknown): string =>
  JSON.stringify({
    _meta: { hostvars: { ex01: { ansible_user: 'svc', ansible_password: password, note: 'Geheim-n' } } },
    paris: { hosts: ['ex01'] },
  });

describe('a file that was encrypted whole', () => {
  test.each([
    [
      'INI',
      'fleet.ini',
      '[paris]\nex01 ansible_password=Geheim-1\nex02\n[paris:vars]\nansible_user=svc\nansible_password=Geheim-2\n',
      ['Geheim-1', 'Geheim-2'],
    ],
    [
      'INI whose host comes twice',
      'twice.ini',
      'ex01 ansible_user=svc ansible_password=Geheim-1\n[paris]\nex01 ansible_password=Geheim-2\n',
      ['Geheim-2'],
    ],
    [
      'INI with passwords that are numbers',
      'numbers.ini',
      'ex01 ansible_password=12345\n[all:vars]\nansible_user=svc\n',
      ['12345'],
    ],
    [
      'YAML with a password that is a number',
      'number.yml',
      'all:\n  vars: { ansible_user: svc, ansible_password: 12345 }\n  hosts: { ex01: }\n',
      ['12345'],
    ],
    [
      'YAML with a reference to a number',
      'reference.yml',
      "all:\n  vars: { ansible_user: svc, pw: 12345, ansible_password: '{{ pw }}' }\n  hosts: { ex01: }\n",
      ['12345'],
    ],
    ['a list', 'list.json', list('Geheim-1'), ['Geheim-1']],
    ['an unsafe value of a list', 'unsafe.json', list({ __ansible_unsafe: 'Ge{{heim' }), ['Ge{{heim']],
    ['a table', 'table.csv', 'Fqdn,ansible_user,ansible_password\nex01,svc,Geheim-1\n', ['Geheim-1']],
  ])('%s', async (_, name, text, passwords) => {
    const inventory = await load(name, await seal(text));
    expect(inventory.warnings).toEqual([]);
    expect(inventory.targets.map((one) => one.connection.password.kind)).toEqual(passwords.map(() => 'vault'));
    for (const password of passwords) expect(JSON.stringify(inventory.targets)).not.toContain(password);
    expect(await passwordsOf(inventory)).toEqual(passwords);
  });

  test.each([
    ['doubt.yml', 'all:\n  vars: { ansible_user: svc, ansible_password: 0123 }\n  hosts: { ex01: }\n'],
    ['doubt.ini', 'ex01 ansible_user=svc ansible_password=1_0123\n'],
    ['native.yml', 'all:\n  vars: { winrm: { username: svc, password: 10123 } }\n  hosts: { ex01: }\n'],
  ])('a password in doubt is refused, and not shown: %s', async (name, text) => {
    const failure = await failureOf(load(name, await seal(text)));
    expect(failure.issues.map((one) => one.message).join()).toContain('put quotation marks around it');
    expect(JSON.stringify([failure.message, failure.hint, failure.issues])).not.toContain('0123');
  });
});

describe('a value of a list', () => {
  test('that is vaulted stays sealed until a host is connected', async () => {
    const inventory = await load('values.json', list({ __ansible_vault: await seal('Geheim-1') }));
    expect(inventory.warnings).toEqual([]);
    expect(inventory.targets[0]?.connection.password).toMatchObject({ kind: 'vault' });
    expect(inventory.targets[0]?.variables).toMatchObject({ ansible_password: '(vault)' });
    expect(await passwordsOf(inventory)).toEqual(['Geheim-1']);
  });

  test('that nobody can open is named with its place', async () => {
    const file = join(folder, 'locked.json');
    const text = list('').replace('"svc"', JSON.stringify({ __ansible_vault: await seal('svc') }));
    await writeFile(file, text);
    const failure = await failureOf(loadInventory([file]));
    expect(failure.code).toBe('secret/missing');
    expect(failure.issues.map((one) => [one.file, one.line])).toEqual([[file, 1]]);
  });

  test('that is vaulted is opened where it is a setting', async () => {
    const text = list('x').replace('"svc"', JSON.stringify({ __ansible_vault: await seal('CORP\\svc') }));
    const inventory = await load('settings.json', text);
    expect(inventory.targets[0]?.connection.username).toBe('CORP\\svc');
    expect(inventory.targets[0]?.variables).toMatchObject({ ansible_user: '(vault)' });
  });
});
