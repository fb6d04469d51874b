// `completion --install`: the shells that are there complete with what it wrote; what people have in these files stays as it was.
import { execFileSync } from 'node:child_process';
import { chmod, lstat, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { putBlock, removeBlock } from '../../src/cli/commands/completion/marked-block.ts';
import { anyCharacter } from '../support/any-character.ts';
import { runCli, type CliResult } from '../support/cli.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'fencepost-home-'));
});
afterEach(() => rm(home, { recursive: true }));

function completion(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
  return runCli(['completion', ...args], { env: { HOME: home, SHELL: '/bin/bash', ...env } });
}

async function changes(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<readonly unknown[]> {
  const { exitCode, stdout, stderr } = await completion([...args, '--json'], env);
  expect([exitCode, stderr]).toEqual([0, '']);
  return (JSON.parse(stdout) as { readonly files: readonly { readonly path: string; readonly change: string }[] })
    .files;
}

const places = {
  bash: '.bashrc',
  zsh: '.zshrc',
  fish: '.config/fish/completions/fencepost.fish',
} as const;

describe.each(Object.entries(places))('%s', (shell, place) => {
  test('is installed once, and taken away again', async () => {
    const path = join(home, place);
    expect(await changes([shell, '--install'])).toEqual([{ path, change: 'written' }]);
    expect(await changes([shell, '--install'])).toEqual([{ path, change: 'unchanged' }]);
    expect((await readFile(path, 'utf8')).split('--get-yargs-completions')).toHaveLength(2);
    expect(await changes([shell, '--uninstall'])).toEqual([{ path, change: 'removed' }]);
    expect(await changes([shell, '--uninstall'])).toEqual([{ path, change: 'not-there' }]);
    expect(await readFile(path, 'utf8').catch(() => '')).toBe('');
  });
});

/** What the shell itself offers in the place of the word, with a function or a file for a program, as none is installed here. */
const asked: Readonly<Record<string, readonly string[]>> = {
  bash: [
    'bash',
    '--norc',
    '-c',
    'fencepost() { printf "plan\\napply\\n"; }; . ~/.bashrc; COMP_WORDS=(fencepost pl); COMP_CWORD=1; _fencepost_yargs_completions; echo "${COMPREPLY[@]}"',
  ],
  zsh: ['zsh', '-i', '-c', 'whence -w _fencepost_yargs_completions; echo ${_comps[fencepost]}'],
  fish: ['fish', '-c', 'complete -C "fencepost pl"'],
};
const offered: Readonly<Record<string, string>> = {
  bash: 'plan\n',
  zsh: '_fencepost_yargs_completions: function\n_fencepost_yargs_completions\n',
  fish: 'plan\n',
};

function isThere(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', 'true']);
    return true;
  } catch {
    return false;
  }
}

test.each(Object.keys(asked).filter(isThere))('%s loads it without a word of complaint', async (shell) => {
  await completion([shell, '--install']);
  const bin = join(home, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'fencepost'), '#!/bin/sh\nprintf "plan\\napply\\n"\n', { mode: 0o755 });
  const [program = '', ...args] = asked[shell] ?? [];
  const env = { HOME: home, PATH: `${bin}:${process.env['PATH'] ?? ''}`, TERM: 'dumb' };
  expect(execFileSync(program, args, { encoding: 'utf8', env, cwd: home, stdio: ['ignore', 'pipe', 'inherit'] })).toBe(
    offered[shell],
  );
});

test('the shell is the one it runs in; the text says what was written and what is next', async () => {
  const { stdout } = await completion(['--install']);
  expect(stdout).toBe(`written  ${join(home, '.bashrc')}\n\nOpen a new bash, type "fencepost " and press Tab.\n`);
});

test('the rest of the file stays byte for byte, with its mode, behind a link', async () => {
  const kept = join(home, 'dotfiles-bashrc');
  const theirs = Buffer.concat([
    Buffer.from('# '),
    Buffer.from([0xe9, 0xff, 0x80]),
    Buffer.from('\r\nalias ll="ls -l"\n'),
  ]);
  await writeFile(kept, theirs);
  await chmod(kept, 0o640);
  await symlink(kept, join(home, '.bashrc'));
  await changes(['bash', '--install']);
  expect((await readFile(kept)).subarray(0, theirs.length).equals(theirs)).toBe(true);
  expect([(await stat(kept)).mode & 0o777, (await lstat(join(home, '.bashrc'))).isSymbolicLink()]).toEqual([
    0o640,
    true,
  ]);
  await changes(['bash', '--uninstall']);
  expect((await readFile(kept)).equals(theirs)).toBe(true);
});

test.each([
  [
    'a block without its end',
    '.bashrc',
    'bash',
    '# >>> fencepost completion >>>\nmine\n',
    /cannot tell apart from its own/,
  ],
  ['UTF-16', '.bashrc', 'bash', Buffer.from('\uFEFFmine\n', 'utf16le'), /UTF-16/],
  ['a file of somebody else', places.fish, 'fish', 'complete -c fencepost\n', /cannot tell apart from its own/],
])('leaves %s alone, and says so', async (_what, place, shell, theirs, said) => {
  const file = join(home, place);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, theirs);
  const { exitCode, stderr } = await completion([shell, '--install']);
  expect([exitCode, stderr]).toEqual([1, expect.stringMatching(said)]);
  expect((await readFile(file)).equals(Buffer.from(theirs))).toBe(true);
});

describe('PowerShell', () => {
  test('is asked where its profiles are: those of 7 and of 5', async () => {
    const bin = join(home, 'bin');
    await mkdir(bin);
    const profiles = [join(home, 'seven/profile.ps1'), join(home, 'five/profile.ps1')];
    for (const [index, name] of ['pwsh', 'powershell'].entries()) {
      await writeFile(join(bin, name), `#!/bin/sh\nprintf %s '${profiles[index] ?? ''}'\n`, { mode: 0o755 });
    }
    const files = await changes(['powershell', '--install'], { PATH: bin });
    expect(files).toEqual(profiles.map((path) => ({ path, change: 'written' })));
    for (const path of profiles) expect(await readFile(path, 'utf8')).toContain('Register-ArgumentCompleter');
  });

  test('where there is none, the line to type is named', async () => {
    const { exitCode, stderr } = await completion(['powershell', '--install'], { PATH: home });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('fencepost completion powershell >> $PROFILE')]);
  });
});

test('a block goes into any text once, and out of it without a trace', () => {
  const text = fc.string({ unit: anyCharacter });
  fc.assert(
    fc.property(text, text, (theirs, more) => {
      const block = 'a\nb\n';
      const put = putBlock(theirs, block) ?? '';
      expect(putBlock(put, block)).toBe(put);
      const ended = theirs === '' || theirs.endsWith('\n') ? theirs : `${theirs}\n`;
      expect(removeBlock(put)).toBe(ended);
      expect(removeBlock(`${put}${more}`)).toBe(`${ended}${more}`);
      expect(removeBlock(theirs)).toBe(theirs);
    }),
  );
});
