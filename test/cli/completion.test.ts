// Shell completion: the words offered at each place of a line, and scripts that their shells can read.
import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findingCodes } from '../../src/model/plan.ts';
import { openLab, type TestLab } from '../support/lab.ts';

let lab: TestLab;
const runs = ['20261204-220000-aaaaaa', '20261205-220000-bbbbbb'];

beforeAll(async () => {
  lab = await openLab([
    { name: 'ex01', groups: ['paris'] },
    { name: 'ex02', groups: ['berlin'] },
  ]);
  for (const run of runs) await mkdir(`${lab.stateDirectory}/runs/${run}`, { recursive: true });
});

afterAll(async () => {
  await lab.close();
});

/** What is offered; the last word is the one under the cursor. */
async function offered(words: readonly string[], shell = '/bin/bash', state = ''): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await lab.run(['--get-yargs-completions', 'fencepost', ...words], {
    env: { SHELL: shell, FENCEPOST_STATE: state },
  });
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout.split('\n').slice(0, -1);
}

describe('words', () => {
  test('commands', async () => {
    const words = await offered(['']);
    for (const command of ['init', 'inventory', 'doctor', 'plan', 'apply', 'rollback', 'explain', 'completion'])
      expect(words).toContain(command);
  });

  test('flags of a command, and choices', async () => {
    expect(await offered(['plan', '--'])).toEqual(expect.arrayContaining(['--out', '--limit', '--json']));
    expect(await offered(['schema', ''])).toEqual(expect.arrayContaining(['inventory', 'playbook', 'scenario']));
    expect(await offered(['plan', '--log-level', ''])).toEqual(expect.arrayContaining(['debug', 'trace']));
  });

  test('zsh gets them with what they mean', async () => {
    expect(await offered(['pl'], '/bin/zsh')).toContainEqual(expect.stringMatching(/^plan:Show what apply would do/));
  });

  test.each([
    { words: ['plan', '-i', 'INVENTORY', '-l', ''], names: ['all', 'ungrouped', 'paris', 'berlin', 'ex01', 'ex02'] },
    { words: ['plan', '--inventory=INVENTORY', '--limit', 'ex'], names: ['ex01', 'ex02'] },
    { words: ['plan', '-i', 'INVENTORY', '-l', 'paris:!ex'], names: ['paris:!ex01', 'paris:!ex02'] },
    { words: ['inventory', '-i', 'INVENTORY', '--host', 'ex02'], names: ['ex02'] },
    { words: ['plan', '-i', 'INVENTORY', '-l', '""'], names: ['all', 'ungrouped', 'paris', 'berlin', 'ex01', 'ex02'] },
    { words: ['plan', '-i', 'nowhere.yml', '-l', ''], names: [] },
    { words: ['plan', '-i', ''], names: [] },
  ])('hosts and groups of the inventory named: $words', async ({ words, names }) => {
    const line = words.map((word) => word.replace('INVENTORY', lab.inventoryFile));
    expect((await offered(line)).toSorted()).toEqual(names.toSorted());
  });

  test.each([
    { words: ['rollback', ''] },
    { words: ['resume', ''] },
    { words: ['unlock', ''] },
    { words: ['status', ''] },
    { words: ['runs', 'show', ''] },
    { words: ['runs', 'verify', '2026'] },
    { words: ['rollback', '--json', ''] },
  ])('runs, the last one first: $words', async ({ words }) => {
    expect(await offered(words)).toEqual(runs.toReversed());
  });

  test('no runs of a directory where a database is named; --state-dir names a directory all the same', async () => {
    const database = 'postgres://fence@127.0.0.1:1/fleet';
    expect(await offered(['rollback', ''], '/bin/bash', database)).toEqual([]);
    expect(await offered(['rollback', `--state=${database}`, ''])).toEqual([]);
    expect(await offered(['rollback', `--state-dir=${lab.stateDirectory}`, ''], '/bin/bash', database)).toEqual(
      runs.toReversed(),
    );
  });

  test('codes of explain', async () => {
    expect(await offered(['explain', ''])).toEqual(expect.arrayContaining(['auth/refused', ...findingCodes]));
  });
});

describe('scripts', () => {
  test.each([
    { shell: 'bash', says: /complete .* fencepost$/m },
    { shell: 'zsh', says: /^#compdef fencepost$/m },
    { shell: 'fish', says: /^complete -c fencepost/m },
    { shell: 'powershell', says: /^Register-ArgumentCompleter -Native -CommandName fencepost/m },
  ])('$shell', async ({ shell, says }) => {
    const { exitCode, stdout, stderr } = await lab.run(['completion', shell]);
    expect([exitCode, stderr, stdout]).toEqual([0, '', expect.stringMatching(says)]);
    expect(stdout).toContain('fencepost --get-yargs-completions');
    expect(stdout).not.toMatch(/\.js\b|node_modules/);
    const document = JSON.parse((await lab.run(['completion', shell, '--json'])).stdout) as object;
    expect(document).toMatchObject({ schema: 'fencepost/completion', shell, script: stdout });
  });

  test('bash can read its own, and completes with it', async () => {
    const { stdout } = await lab.run(['completion']);
    // A function in place of the program, for it need not be installed here.
    const line = `fencepost() { printf 'plan\\napply\\n'; }\n${stdout}\nCOMP_WORDS=(fencepost pl); COMP_CWORD=1\n_fencepost_yargs_completions\necho "\${COMPREPLY[@]}"`;
    expect(execFileSync('bash', ['-c', line], { encoding: 'utf8' }).trim()).toBe('plan');
  });
});
