// The same secrets made by ansible-vault itself: read here as Ansible reads them; and what we seal, ansible-vault opens.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFlagVault } from '../../src/cli/io/vault-passwords.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import { createSecretReader } from '../../src/inventory/secrets/secrets.ts';
import type { VaultOpener } from '../../src/inventory/secrets/vault-opener.ts';
import { sealVault } from '../../src/inventory/secrets/vault.ts';
import type { Target } from '../../src/model/target.ts';
import { missingPeer, pythonVenv } from './support/python-venv.ts';

const run = promisify(execFile);
const missing = await missingPeer(['ansible']);
const passwords = [
  'Ge-heim_4711',
  'quote\'s "both" and \\back',
  'wörld 漢字 🔑',
  '{braces}',
  ' blanks around ',
  '0123',
];

let folder: string;
const path = (name: string): string => join(folder, name);

async function ansible(program: string, args: readonly string[], input = ''): Promise<string> {
  const { binFolder } = await pythonVenv();
  // A configuration in somebody's home directory must not decide what Ansible does here.
  const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', HOME: folder, ANSIBLE_DEPRECATION_WARNINGS: 'False' };
  const running = run(join(binFolder, program), args, { env, cwd: folder });
  running.child.stdin?.end(input);
  return (await running).stdout;
}

/** `ansible_password: !vault |` and the text, as ansible-vault prints it, indented for a host's variables. */
async function encryptString(name: string, value: string, vaultId: string): Promise<string> {
  const flags = ['--vault-id', `${vaultId}@${vaultId}.pw`, '--encrypt-vault-id', vaultId];
  const text = await ansible('ansible-vault', ['encrypt_string', ...flags, '--stdin-name', name], value);
  return text.trimEnd().replaceAll(/^/gm, '      ');
}

async function passwordOf(target: Target, vault: VaultOpener): Promise<string> {
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

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-ansible-vault-'));
  await writeFile(path('default.pw'), 'first word\n');
  await writeFile(path('prod.pw'), 'Zweites-Wört\n');
  await writeFile(path('print.sh'), '#!/bin/sh\necho "first word"\n');
  await chmod(path('print.sh'), 0o700);
  await writeFile(path('keys-client.sh'), '#!/bin/sh\n[ "$1" = --vault-id ] && cat "$(dirname "$0")/$2.pw"\n');
  await chmod(path('keys-client.sh'), 0o700);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(missing !== null)('made by ansible-vault', () => {
  test('values and whole files come out as Ansible has them', async () => {
    const hosts = await Promise.all(
      passwords.map(async (password, at) => {
        const vaultId = at % 2 === 0 ? 'default' : 'prod';
        const user = await encryptString('ansible_user', `CORP\\user${String(at)}`, vaultId);
        return `    h${String(at)}:\n${user}\n${await encryptString('ansible_password', password, vaultId)}\n`;
      }),
    );
    await writeFile(
      path('hosts.yml'),
      `all:\n  hosts:\n${hosts.join('')}  children:\n    whole:\n      hosts:\n        w1:\n`,
    );
    await mkdir(path('group_vars'));
    const inside = 'ansible_user: svc\nansible_port: 15985\nansible_password: "in a file, ümläut"\nmore: [1, two]\n';
    await writeFile(path('group_vars/whole.yml'), inside);
    await ansible('ansible-vault', ['encrypt', '--vault-id', 'prod@prod.pw', 'group_vars/whole.yml']);
    expect(await readFile(path('group_vars/whole.yml'), 'utf8')).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/);

    const flags = ['--vault-id', 'default@default.pw', '--vault-id', 'prod@prod.pw'];
    // ansible-inventory leaves single values sealed in its list; a task opens them.
    const message = JSON.stringify({ msg: '{{ [ansible_user, ansible_password, ansible_port | default(5985)] }}' });
    const task = ['all', '-i', 'hosts.yml', '-o', '-m', 'ansible.builtin.debug', '-a', message];
    const answers = [...(await ansible('ansible', [...task, ...flags])).matchAll(/^(\S+) \| SUCCESS => (\{.*\})$/gm)];
    const theirs = new Map(answers.map(([, host, json]) => [host, (JSON.parse(json ?? '') as { msg: unknown }).msg]));
    const vault = createFlagVault({ 'vault-id': [`default@${path('default.pw')}`, `prod@${path('prod.pw')}`] }, {});
    const { targets, warnings } = await loadInventory([path('hosts.yml')], vault);
    expect(warnings).toEqual([]);
    expect(targets.map((one) => one.name)).toEqual([...passwords.map((_, at) => `h${String(at)}`), 'w1']);
    for (const target of targets) {
      const { username, port } = target.connection;
      const ours = [username, await passwordOf(target, vault), port];
      expect([target.name, ours]).toEqual([target.name, theirs.get(target.name)]);
    }
  });

  test.each([
    ['a file', { 'vault-password-file': ['default.pw'] }, {}],
    ['a program', { 'vault-password-file': ['print.sh'] }, {}],
    ['a program that is told the vault id', { 'vault-id': ['default@keys-client.sh'] }, {}],
    ['the environment', {}, { ANSIBLE_VAULT_PASSWORD_FILE: 'print.sh' }],
  ])('the vault password from %s', async (_, given, environment) => {
    const at = (names: readonly string[]): string[] =>
      names.map((name) => (name.includes('@') ? name.replace('@', `@${folder}/`) : path(name)));
    const args = Object.fromEntries(Object.entries(given).map(([flag, names]) => [flag, at(names)]));
    const env = Object.fromEntries(Object.entries(environment).map(([name, file]) => [name, path(file)]));
    const text = `all:\n  hosts:\n    h:\n      ansible_user: u\n${await encryptString('ansible_password', 'S3cret!', 'default')}\n`;
    await writeFile(path('one.yml'), text);
    const vault = createFlagVault(args, env);
    const [target] = (await loadInventory([path('one.yml')], vault)).targets;
    expect(target === undefined ? null : await passwordOf(target, vault)).toBe('S3cret!');
  });
});

test.skipIf(missing !== null)('what we seal, ansible-vault opens', async () => {
  for (const [vaultId, password] of [
    ['default', 'first word'],
    ['prod', 'Zweites-Wört'],
  ] as const) {
    for (const text of ['', passwords[2] ?? '', 'x'.repeat(16)]) {
      await writeFile(path('ours.yml'), await sealVault(text, password, randomBytes(32), vaultId));
      const flags = ['--vault-id', `${vaultId}@${vaultId}.pw`];
      expect(await ansible('ansible-vault', ['decrypt', ...flags, '--output', '-', 'ours.yml'])).toBe(text);
    }
  }
});
