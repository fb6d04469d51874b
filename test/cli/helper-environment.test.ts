// What a credential helper and a vault program see of the environment, by the list and by the programs themselves.
import { chmod, readFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { helperEnvironment } from '../../src/cli/io/helper-environment.ts';
import { sealVault } from '../../src/inventory/secrets/vault.ts';
import { withLab } from '../support/lab.ts';

test('only the names of the list pass, on Windows in any case', () => {
  const kept = {
    PATH: '1',
    HOME: '2',
    Path: '3',
    SystemRoot: '4',
    LC_ALL: '5',
    XDG_RUNTIME_DIR: '6',
    SSH_AUTH_SOCK: '7',
    LocalAppData: '8',
    GPG_TTY: '9',
  };
  const left = {
    AWS_SECRET_ACCESS_KEY: 'x',
    FENCEPOST_PASSWORD: 'x',
    GITHUB_TOKEN: 'x',
    NODE_OPTIONS: 'x',
    LD_PRELOAD: 'x',
    PATHS: 'x',
    ANSIBLE_VAULT_PASSWORD_FILE: 'x',
  };
  expect(helperEnvironment({ ...kept, ...left })).toEqual(kept);
});

test.each(['credential helper', 'vault program'] as const)('a %s is run with these and no others', async (kind) => {
  await withLab([{ name: 'ex01' }], async (lab) => {
    const seen = lab.path('seen');
    const printed = kind === 'vault program' ? 'vault-word' : lab.password;
    const helper = await lab.write('helper.sh', `#!/bin/sh\nenv > '${seen}'\nprintf '%s\\n' '${printed}'\n`);
    await chmod(helper, 0o700);
    const inventory = await readFile(lab.inventoryFile, 'utf8');
    const sealed = await sealVault(lab.password, 'vault-word', randomBytes(32), 'default');
    const [indent = ''] = /^ *(?=password:\n)/m.exec(inventory) ?? [];
    const password =
      kind === 'credential helper'
        ? `${indent}password: { command: [${JSON.stringify(helper)}] }`
        : `${indent}password: !vault |\n${sealed.trimEnd().replaceAll(/^/gm, `${indent}  `)}`;
    await lab.write(
      'inventory.yml',
      inventory.replace(/^ *password:\n\s+file: password/m, () => password),
    );
    const key = kind === 'vault program' ? ['--vault-password-file', helper] : [];
    const env = { CI_JOB_TOKEN: 'of-another-job', FENCEPOST_PASSWORD: 'of-another-host', LC_ALL: 'C.UTF-8' };
    const { exitCode, stderr } = await lab.run(['collect', '-i', lab.inventoryFile, ...key], { env });
    expect(exitCode, stderr).toBe(0);
    const names = (await readFile(seen, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => line.split('=', 1)[0] ?? '');
    // The shell itself sets PWD, SHLVL and _.
    expect(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)).toSorted()).toEqual([
      'HOME',
      'LC_ALL',
      'PATH',
    ]);
  });
});
