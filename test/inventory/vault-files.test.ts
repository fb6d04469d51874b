// Inventories with vaulted values and files: what is opened, what stays sealed, what is shown, and how it is said that nothing opens it.
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadInventory } from '../../src/inventory/load.ts';
import { createSecretReader } from '../../src/inventory/secrets/secrets.ts';
import { createVaultOpener, type VaultOpener } from '../../src/inventory/secrets/vault-opener.ts';
import { sealVault } from '../../src/inventory/secrets/vault.ts';
import type { Failure } from '../../src/model/failure.ts';
import type { Target } from '../../src/model/target.ts';
import { failureOf } from '../support/failure-of.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-vault-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const seal = (text: string, password = 'right', id = 'default'): Promise<string> =>
  sealVault(text, password, randomBytes(32), id);

/** As it stands behind a key: `!vault |` and the text, indented. */
async function inline(text: string, password = 'right', id = 'default'): Promise<string> {
  return `!vault |\n${(await seal(text, password, id)).trimEnd().replaceAll(/^/gm, '          ')}`;
}

const opener = (...given: readonly (readonly [string, string])[]): VaultOpener =>
  createVaultOpener({
    passwords: () =>
      Promise.resolve(given.map(([vaultId, password]) => ({ vaultId, password, source: `${vaultId}.pw` }))),
    random: (count) => randomBytes(count),
  });

async function write(files: Readonly<Record<string, string>>): Promise<string> {
  const at = await mkdtemp(join(folder, 'case-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(at, name)), { recursive: true });
    await writeFile(join(at, name), text);
  }
  return join(at, 'inventory.yml');
}

function passwordOf(target: Target, vault: VaultOpener): Promise<string> {
  const read = createSecretReader({
    env: {},
    readFile: () => Promise.reject(new Error('no file is to be read')),
    runHelper: () => Promise.reject(new Error('no program is to be run')),
    keyring: () => Promise.resolve(null),
    vault,
    prompt: null,
  });
  return read(target.connection.password, target);
}

const only = ([target]: readonly Target[]): Target => target ?? expect.fail('no target');
const said = (failure: Failure): readonly string[] =>
  failure.issues.map((one) => `${one.line}:${one.column} ${one.message}`);

describe('values', () => {
  test('a password stays sealed, warns of nothing, needs no vault password, and opens at connect time', async () => {
    const file = await write({
      'inventory.yml': `all:\n  vars:\n    ansible_user: svc\n    ansible_password: ${await inline('Geheim')}\n    color: ${await inline('red')}\n  hosts:\n    ex01:\n`,
    });
    const { targets, warnings } = await loadInventory([file]);
    expect(warnings).toEqual([]);
    const target = only(targets);
    expect(target.connection.password).toMatchObject({ kind: 'vault', origin: { file, line: 4, column: 30 } });
    expect(target.variables).toEqual({ ansible_user: 'svc', ansible_password: '(vault)', color: '(vault)' });
    expect(await passwordOf(target, opener(['default', 'right']))).toBe('Geheim');

    const none = await failureOf(passwordOf(target, opener()));
    expect(none).toMatchObject({ code: 'secret/missing', where: `${file}:4:30` });
    expect(none.hint).toContain('--vault-password-file');
  });

  test('a password in a winrm block, and one of a host', async () => {
    const file = await write({
      'inventory.yml': `all:\n  vars:\n    winrm:\n      username: svc\n      password: ${await inline('one')}\n  hosts:\n    a:\n    b:\n      winrm:\n        password: ${await inline('two')}\n`,
    });
    const { targets } = await loadInventory([file]);
    const vault = opener(['default', 'right']);
    expect(await Promise.all(targets.map((one) => passwordOf(one, vault)))).toEqual(['one', 'two']);
  });

  test('a setting that is needed to reach the host is opened, and shown nowhere', async () => {
    const file = await write({
      'inventory.yml': `all:\n  hosts:\n    ex01:\n      ansible_user: ${await inline('CORP\\svc')}\n      ansible_port: ${await inline('15985')}\n`,
    });
    const { targets } = await loadInventory([file], opener(['default', 'right']));
    expect(only(targets).connection).toMatchObject({ username: 'CORP\\svc', port: 15985 });
    expect(only(targets).variables).toEqual({ ansible_user: '(vault)', ansible_port: '(vault)' });
  });

  test('a fault in one is said without it', async () => {
    const file = await write({
      'inventory.yml': `all:\n  hosts:\n    ex01:\n      ansible_user: u\n      ansible_port: ${await inline('Hidden-1')}\n      ansible_connection: ${await inline('Hidden-2')}\n    ex02:\n      winrm:\n        username: u\n        port: ${await inline('Hidden-3')}\n`,
    });
    const failure = await failureOf(loadInventory([file], opener(['default', 'right'])));
    expect(failure.issues.length).toBeGreaterThan(0);
    expect(JSON.stringify([failure.message, failure.issues])).not.toContain('Hidden');
  });

  test('a setting that only an alias leads to is refused, not used sealed', async () => {
    const file = await write({
      'inventory.yml': `all:\n  vars:\n    who: &who ${await inline('svc')}\n    ansible_user: *who\n  hosts:\n    ex01:\n`,
    });
    const failure = await failureOf(loadInventory([file], opener(['default', 'right'])));
    expect(said(failure).join()).toContain('a vaulted value is not supported here');
  });

  test('without a vault password each is named with its place and the flag to give', async () => {
    const file = await write({
      'inventory.yml': `all:\n  hosts:\n    ex01:\n      ansible_user: ${await inline('a')}\n    ex02:\n      ansible_user: ${await inline('b')}\n`,
    });
    const failure = await failureOf(loadInventory([file]));
    expect(failure.code).toBe('secret/missing');
    expect(said(failure)).toEqual(
      [4, 12].map(
        (line) => expect.stringMatching(new RegExp(`^${String(line)}:28 .*--vault-password-file FILE`)) as string,
      ),
    );
  });

  test('of several passwords the one of the vault id is tried first, then the others', async () => {
    const file = await write({
      'inventory.yml': `all:\n  hosts:\n    a: { ansible_user: u }\n    b:\n      ansible_user: ${await inline('b', 'p', 'prod')}\n`,
    });
    for (const given of [
      [
        ['default', 'x'],
        ['prod', 'p'],
      ],
      [
        ['default', 'p'],
        ['prod', 'x'],
      ],
    ] as const) {
      expect((await loadInventory([file], opener(...given))).targets[1]?.connection.username).toBe('b');
    }
    const failure = await failureOf(loadInventory([file], opener(['default', 'x'], ['dev', 'y'])));
    expect(failure).toMatchObject({ code: 'secret/missing', where: `${file}:5:28` });
    expect(failure.message).toContain('vault id prod');
    expect(failure.hint).toContain('default.pw, dev@dev.pw');
  });
});

describe('whole files', () => {
  const inside = 'ansible_user: svc\nansible_password: Inside-1\nwinrm:\n  port: 15985\nnested: { list: [one, 2] }\n';

  test('are read; of what is in them only what is needed to reach the host is used', async () => {
    const file = await write({
      'inventory.yml': 'all:\n  hosts:\n    ex01:\n    ex02:\n',
      'group_vars/all.yml': await seal(inside, 'right', 'prod'),
    });
    const vault = opener(['prod', 'right']);
    const { targets, warnings } = await loadInventory([file], vault);
    expect(warnings).toEqual([]);
    const target = only(targets);
    expect(target.connection).toMatchObject({ username: 'svc', port: 15985, password: { kind: 'vault' } });
    expect(target.variables['nested']).toEqual({ list: ['(vault)', '(vault)'] });
    expect(JSON.stringify(targets)).not.toContain('Inside-1');
    // The password is sealed on its own: a saved connection opens with the vault password alone.
    await rm(dirname(file), { recursive: true });
    expect(await passwordOf(target, opener(['prod', 'right']))).toBe('Inside-1');
    expect(targets[1]?.connection.password).toEqual(target.connection.password);
    expect(vault.revealed()).toEqual(expect.arrayContaining(['right', 'Inside-1']));
  });

  test('that are inventories', async () => {
    const text = 'all:\n  hosts:\n    ex01:\n      ansible_user: svc\n      ansible_password: Inside-2\n';
    const file = await write({ 'inventory.yml': await seal(text) });
    const { targets } = await loadInventory([file], opener(['default', 'right']));
    expect(await passwordOf(only(targets), opener(['default', 'right']))).toBe('Inside-2');
  });

  test('faults in them are said by their lines and not by their values', async () => {
    const file = await write({
      'inventory.yml': 'all:\n  hosts:\n    ex01:\n',
      'host_vars/ex01.yml': await seal('ansible_user: svc\nwinrm:\n  port: Inside-3\n  prot: 1\n'),
    });
    const failure = await failureOf(loadInventory([file], opener(['default', 'right'])));
    expect(said(failure).map((one) => one.split(' ')[0])).toEqual(['3:9', '4:3']);
    expect(JSON.stringify(failure.issues)).not.toContain('Inside-3');
  });

  test.each([
    ['no password', opener(), 'no vault password was given'],
    ['a wrong one', opener(['default', 'wrong']), 'none of the vault passwords given can decrypt this (vault id prod)'],
  ])('with %s', async (_, vault, words) => {
    const file = await write({
      'inventory.yml': 'all:\n  hosts:\n    ex01:\n',
      'group_vars/all.yml': await seal(inside, 'right', 'prod'),
    });
    const failure = await failureOf(loadInventory([file], vault));
    expect(failure).toMatchObject({ code: 'secret/missing', where: join(dirname(file), 'group_vars/all.yml') });
    expect(failure.message).toContain(words);
    expect(failure.issues).toMatchObject([{ line: 1, column: 1 }]);
  });
});

describe('a password that is kept beside, under another name', () => {
  test('a vaulted value stays sealed, without a vault password; a vaulted user name is opened', async () => {
    const files = {
      'inventory.yml': 'all: { children: { site: { hosts: { ex01: } } } }\n',
      'group_vars/all.yml': 'ansible_user: "{{ vault_user }}"\nansible_password: "{{ svc_pw }}"\n',
      'group_vars/site.yml': `svc_pw: ${await inline('Geheim')}\nvault_user: ${await inline('CORP\\svc')}\n`,
    };
    const locked = await failureOf(loadInventory([await write(files)]));
    expect(said(locked)).toEqual([expect.stringMatching(/^8:20 encrypted by ansible-vault/)]);
    const { targets, warnings } = await loadInventory([await write(files)], opener(['default', 'right']));
    expect(warnings).toEqual([]);
    const target = only(targets);
    expect(target.connection.username).toBe('CORP\\svc');
    expect(target.connection.password).toMatchObject({ kind: 'vault', origin: { line: 1, column: 16 } });
    expect(target.variables).toMatchObject({ svc_pw: '(vault)', vault_user: '(vault)' });
    expect(await passwordOf(target, opener(['default', 'right']))).toBe('Geheim');
  });

  test('of a file that was encrypted whole it is sealed on its own, through any number of names', async () => {
    const vault = opener(['prod', 'right']);
    const file = await write({
      'inventory.yml':
        'all: { vars: { ansible_user: "{{ svc }}", ansible_password: "{{ one }}" }, hosts: { ex01: } }\n',
      'group_vars/all/vault.yml': await seal(
        'svc: CORP\\svc\none: "{{ two }}"\ntwo: Geheim\nother: x\n',
        'right',
        'prod',
      ),
    });
    const target = only((await loadInventory([file], vault)).targets);
    expect(target.connection).toMatchObject({ username: 'CORP\\svc', password: { kind: 'vault' } });
    const { password } = target.connection;
    const ciphertext = password.kind === 'vault' ? password.ciphertext : '';
    expect(await vault.open(ciphertext, '')).toBe('Geheim');
    expect(JSON.stringify(target)).not.toContain('Geheim');
    expect(target.variables).toMatchObject({ one: '(vault)', two: '(vault)', svc: '(vault)' });
  });
});
