// No secret leaves memory (product.md, promise 7): every command at its most talkative, in success and in every kind of failure,
// and then a search for the password in all that was printed and in every file that was written, in every form it travels in.
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { sealVault } from '../../src/inventory/secrets/vault.ts';
import type { CliResult } from '../support/cli.ts';
import { withLab, type Differences, type TestLab } from '../support/lab.ts';

const vaultWord = 'Vault-word_43';
const password = 'Wörd-"7\\q-Fence&post';

/** The password as it is written, in JSON, and in the encodings in which Basic and NTLM carry it. */
const forms: readonly Buffer[] = (() => {
  const utf16 = Buffer.from(password, 'utf16le');
  const utf8 = Buffer.from(password, 'utf8');
  const credentials = Buffer.from(`LAB\\operator:${password}`, 'utf8').toString('base64');
  const texts = [
    JSON.stringify(password).slice(1, -1),
    encodeURIComponent(password),
    utf8.toString('base64').replace(/=+$/, ''),
    utf16.toString('base64').replace(/=+$/, ''),
    utf8.toString('hex'),
    utf16.toString('hex'),
    credentials.replace(/=+$/, ''),
  ];
  return [utf8, utf16, ...texts.map((text) => Buffer.from(text))];
})();

function holdsSecret(bytes: Buffer): boolean {
  return forms.some((form) => bytes.includes(form));
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
}

/** Commands that only read what lies on this machine have no more to tell than `--debug`. */
const quietCommands = ['runs', 'inventory'];

const loud = (lab: TestLab, name: string, command: string): readonly string[] =>
  quietCommands.includes(command)
    ? ['--debug']
    : ['--log-level', 'trace', '--log-file', lab.path(`${name}.log`), '--trace', '--debug'];

/** The whole main job, then each way of failing; returns all that was printed. */
async function mainJob(lab: TestLab, inventory: string, env: Readonly<Record<string, string>>): Promise<CliResult[]> {
  const results: CliResult[] = [];
  const run = async (command: string, ...args: readonly string[]): Promise<CliResult> => {
    const result = await lab.run([command, ...args, ...loud(lab, `${String(results.length)}-${command}`, command)], {
      env,
    });
    results.push(result);
    return result;
  };
  const from = ['-i', inventory];
  await run('collect', ...from, '--json', '--out', lab.path('facts.json'));
  await run('plan', ...from, '--verbose', '--out', lab.path('tonight.plan'));
  // A plan does not hold an inline password, so the inventory is named again.
  await run('apply', lab.path('tonight.plan'), ...from, '--yes', '--json');
  await run('verify', ...from, '--json');
  const [first = ''] = await lab.runs();
  await run('runs', 'show', first, '--json');
  await run('inventory', ...from, '--json');
  await run('rollback', first, ...from, '--yes');
  await run('apply', ...from, '--yes', '-l', 'ex01');
  await run('doctor', ...from, '--json');
  return results;
}

const fleet: readonly Differences[] = [
  { name: 'ex01' },
  { name: 'ex02', listener: 'https', auth: ['basic'] },
  { name: 'ex03', listener: 'https' },
  { name: 'wrong', password: 'wrong' },
  { name: 'wrong-basic', password: 'wrong', listener: 'https', auth: ['basic'] },
  { name: 'down', reachable: false },
  { name: 'untrusted', listener: 'https', auth: ['basic'] },
  {
    name: 'faulty',
    mishaps: [
      {
        on: { operation: 'command', nth: 2, line: null, request: null },
        act: { kind: 'fault', code: 2150858843 },
        times: 2,
      },
    ],
  },
  {
    name: 'lossy',
    mishaps: [
      { on: { operation: 'command', nth: 3, line: null, request: null }, act: { kind: 'drop-after' }, times: 1 },
    ],
  },
];

const few = fleet.filter((one) => ['ex01', 'ex02', 'wrong', 'down', 'untrusted'].includes(one.name));

const ways = [
  { way: 'in a file', reference: null, named: null, env: {}, servers: fleet },
  {
    way: 'in the environment',
    reference: '{ env: FENCEPOST_TEST_PASSWORD }',
    named: null,
    env: { FENCEPOST_TEST_PASSWORD: password },
    servers: few,
  },
  {
    way: 'in the inventory itself, which warns',
    reference: JSON.stringify(password),
    named: null,
    env: {},
    servers: few,
  },
  // The name must not look like a secret's: what is hidden by its name alone would prove less.
  {
    way: 'in a variable that ansible_password names, which warns',
    reference: '',
    named: 'vars',
    env: {},
    servers: few,
  },
  {
    way: 'in a variable that ansible_password names, in a vault',
    reference: null,
    named: 'vault',
    env: { ANSIBLE_VAULT_PASSWORD_FILE: 'vault-word' },
    servers: few,
  },
] as const;

/** Ansible's variables, in which the password has a name of its own; `vault`: in a file that is encrypted whole. */
async function nameThePassword(lab: TestLab, inventory: string, place: 'vars' | 'vault'): Promise<void> {
  const withoutPassword = inventory.replace(/\s+password:\n\s+file: password/, '');
  const vars = { ansible_password: '{{ svc_word }}', ...(place === 'vars' ? { svc_word: password } : {}) };
  await lab.write('inventory.yml', withoutPassword);
  await mkdir(lab.path('group_vars/all'), { recursive: true });
  await lab.write('group_vars/all/main.yml', stringify(vars));
  if (place === 'vault') {
    const inside = stringify({ svc_word: password });
    await lab.write('group_vars/all/vault.yml', await sealVault(inside, vaultWord, randomBytes(32), 'default'));
  }
  await lab.write('vault-word', `${vaultWord}\n`);
}

describe.each(ways)('a password $way', ({ reference, named, env, servers }) => {
  test('is found nowhere after the main job and every kind of failure', async () => {
    await withLab(
      servers,
      async (lab) => {
        const original = await readFile(lab.inventoryFile, 'utf8');
        const inventory =
          reference === null
            ? original
            : original.replace(/password:\n\s+file: password/, () => `password: ${reference}`);
        await rm(lab.inventoryFile);
        if (named === null) await lab.write('inventory.yml', inventory);
        else await nameThePassword(lab, original, named);
        const given = Object.entries(env).map(([name, value]) => [
          name,
          value === 'vault-word' ? lab.path(value) : value,
        ]);
        const results = await mainJob(lab, lab.inventoryFile, Object.fromEntries(given) as Record<string, string>);

        // The job was done, and the failures were met: else this test would prove nothing.
        expect(results.map((one) => one.exitCode)).toEqual([3, 3, 3, 3, 0, 0, expect.any(Number), 0, 3]);
        const printed = results.map((one) => one.stdout + one.stderr).join('');
        for (const code of ['auth/refused', 'connect/refused', 'tls/untrusted']) expect(printed).toContain(code);
        const warned = results.some((one) => /warning: .*password/i.test(one.stderr));
        expect(warned).toBe(reference !== null && !reference.startsWith('{'));

        for (const { stdout, stderr } of results) {
          expect(holdsSecret(Buffer.from(stdout))).toBe(false);
          expect(holdsSecret(Buffer.from(stderr))).toBe(false);
        }
        const written = (await filesBelow(lab.folder)).filter(
          (file) => ![lab.path('password'), lab.path('group_vars/all/main.yml'), lab.inventoryFile].includes(file),
        );
        // `inventory` and `runs` reach no host and keep no log.
        expect(written.filter((file) => file.endsWith('.log'))).toHaveLength(results.length - quietCommands.length);
        expect(written.some((file) => file.endsWith('journal.ndjson'))).toBe(true);
        for (const file of written) expect([file, holdsSecret(await readFile(file))]).toEqual([file, false]);
      },
      {
        password,
        wire: (spec) => (spec.name === 'untrusted' ? { certificateFlaw: 'self-signed' } : {}),
      },
    );
  });
});

test('the search finds the password where it is: in its file, and in what Basic would send', () => {
  expect(holdsSecret(Buffer.from(`${password}\n`))).toBe(true);
  const header = `Basic ${Buffer.from(`LAB\\operator:${password}`).toString('base64')}`;
  expect(holdsSecret(Buffer.from(header))).toBe(true);
  expect(holdsSecret(Buffer.from(JSON.stringify({ secret: password })))).toBe(true);
});
