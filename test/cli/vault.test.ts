// A password that ansible-vault encrypted, through the whole main job: no plan, journal, log or output holds it, encrypted or not, and a
// rollback needs the inventory and the vault password.
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sealVault } from '../../src/inventory/secrets/vault.ts';
import { withLab, type TestLab } from '../support/lab.ts';

const password = 'Ver-schlossen_4711';
const vaultPassword = 'Vault-word_42';
const ways = ['a value', 'a whole file'] as const;

/** The lab's inventory with its password encrypted in that way. */
async function encrypt(lab: TestLab, way: (typeof ways)[number]): Promise<void> {
  const original = await readFile(lab.inventoryFile, 'utf8');
  const indent =
    /^( *)password:\n\s+file: password/m.exec(original)?.[1] ?? expect.fail('the lab has no password file');
  const sealed = await sealVault(password, vaultPassword, randomBytes(32), 'prod');
  const value = `${indent}password: !vault |\n${sealed.trimEnd().replaceAll(/^/gm, `${indent}  `)}`;
  const text = original.replace(/^ *password:\n\s+file: password/m, () => (way === 'a value' ? value : ''));
  await lab.write('inventory.yml', text);
  await rm(lab.path('password'));
  if (way === 'a whole file') {
    await mkdir(lab.path('group_vars'));
    const inside = `winrm: { password: ${password} }\nsecret_note: ${password}\n`;
    await lab.write('group_vars/all.yml', await sealVault(inside, vaultPassword, randomBytes(32), 'prod'));
  }
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
}

test.each(ways)('%s: plan, apply, verify, and back', async (way) => {
  await withLab(
    [{ name: 'ex01' }, { name: 'ex02' }],
    async (lab) => {
      await encrypt(lab, way);
      await lab.write('vault.sh', `#!/bin/sh\necho '${vaultPassword}'\n`);
      await chmod(lab.path('vault.sh'), 0o700);
      const key = ['--vault-id', `prod@${lab.path('vault.sh')}`];
      const from = ['-i', lab.inventoryFile];
      const before = lab.states();
      const printed: string[] = [];
      const run = async (expected: number, ...args: readonly string[]): Promise<void> => {
        const log = ['--log-level', 'trace', '--log-file', lab.path(`${String(printed.length)}.log`), '--debug'];
        const { exitCode, stdout, stderr } = await lab.run([...args, ...log]);
        printed.push(stdout + stderr);
        expect([args[0], exitCode, stdout + stderr]).toEqual([args[0], expected, stdout + stderr]);
      };
      await run(0, 'plan', ...from, ...key, '--out', lab.path('tonight.plan'), '--json');
      expect(await readFile(lab.path('tonight.plan'), 'utf8')).not.toContain('$ANSIBLE_VAULT');
      await run(0, 'apply', lab.path('tonight.plan'), ...from, ...key, '--yes');
      expect(lab.changedSince(before)).toEqual(['ex01', 'ex02']);
      const [first = ''] = await lab.runs();

      const sent = lab.requestCount();
      await run(way === 'a value' ? 3 : 1, 'rollback', first, ...from, '--yes');
      expect(printed.at(-1)?.replaceAll(/\s+/g, ' ')).toMatch(
        /encrypted by ansible-vault \(vault id prod\), but no vault password was given/,
      );
      expect(printed.at(-1)).toContain('--vault-password-file');
      expect(lab.requestCount()).toBe(sent);

      await run(0, 'rollback', first, ...from, ...key, '--yes');
      expect(lab.changedSince(before)).toEqual([]);

      for (const text of printed) expect(text).not.toMatch(/Ver-schlossen|Vault-word/);
      for (const file of await filesBelow(lab.folder)) {
        if (file === lab.path('vault.sh')) continue;
        expect([file, /Ver-schlossen|Vault-word/.test(await readFile(file, 'utf8'))]).toEqual([file, false]);
      }
    },
    { password },
  );
});
