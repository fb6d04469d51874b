// What is written about servers is its owner's alone, at once and whatever was there before; no link and no foreign file is written into.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeNewFile } from '../../src/cli/io/new-file.ts';
import { openPrivateFolder } from '../../src/cli/commands/lab/private-folder.ts';
import { replaceFile } from '../../src/cli/io/replace-file.ts';
import { startCli } from '../support/cli.ts';
import { failureOf } from '../support/failure-of.ts';
import { withLab } from '../support/lab.ts';

let folder = '';
let umask = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fencepost-private-'));
  umask = process.umask(0);
});
afterEach(() => {
  process.umask(umask);
  rmSync(folder, { recursive: true, force: true });
});

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

describe.runIf(process.platform !== 'win32')('a file', () => {
  test('that is replaced gets our mode, not the old one, and leaves nothing beside it', async () => {
    const file = join(folder, 'report.html');
    writeFileSync(file, 'old');
    chmodSync(file, 0o666);
    await replaceFile(file, ['new', '!']);
    expect([readFileSync(file, 'utf8'), modeOf(file), readdirSync(folder)]).toEqual(['new!', '600', ['report.html']]);
  });

  test('that is a link is replaced, and what it leads to is left alone', async () => {
    const theirs = join(folder, 'theirs');
    writeFileSync(theirs, 'theirs');
    const file = join(folder, 'report.html');
    symlinkSync(theirs, file);
    await replaceFile(file, 'ours');
    expect([readFileSync(theirs, 'utf8'), lstatSync(file).isSymbolicLink()]).toEqual(['theirs', false]);
  });

  test('that is a device or a folder stays what it is', async () => {
    const link = join(folder, 'null');
    symlinkSync('/dev/null', link);
    expect((await failureOf(replaceFile(link, 'x'))).message).toBe('this is no plain file');
    expect((await failureOf(replaceFile(folder, 'x'))).message).toBe('this is a folder');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });

  test('that is new is for its owner alone', async () => {
    const file = join(folder, 'snapshot.json');
    await writeNewFile(file, ['{}'], { hint: '' });
    expect(modeOf(file)).toBe('600');
  });
});

describe.runIf(process.platform !== 'win32')('a folder for secrets', () => {
  test('is made for its owner alone; one of ours is kept as it is', async () => {
    await openPrivateFolder(join(folder, 'a', 'b'), '--dir');
    expect(modeOf(join(folder, 'a', 'b'))).toBe('700');
    mkdirSync(join(folder, 'ours'), { mode: 0o755 });
    await openPrivateFolder(`${join(folder, 'ours')}/`, '--dir');
    expect(modeOf(join(folder, 'ours'))).toBe('755');
  });

  test.each([
    [
      'a link',
      (): void => {
        symlinkSync(folder, join(folder, 'x'));
      },
      '--dir: this is a link; the password is not written to where it leads',
    ],
    [
      'open to everybody',
      (): void => {
        mkdirSync(join(folder, 'x'), { mode: 0o777 });
      },
      '--dir: everybody may write to this folder',
    ],
    [
      'a file',
      (): void => {
        writeFileSync(join(folder, 'x'), '');
      },
      "--dir: the folder can't be made: reading failed (EEXIST)",
    ],
  ])('that is %s is refused', async (_, make, message) => {
    make();
    for (const name of ['x', 'x/']) {
      const failure = await failureOf(openPrivateFolder(join(folder, name), '--dir'));
      expect([failure.code, failure.message]).toEqual(['usage/invalid', message]);
    }
  });
});

test.runIf(process.platform !== 'win32')('lab writes its password into no link and no open file', async () => {
  const dir = join(folder, 'lab');
  mkdirSync(dir, { mode: 0o700 });
  writeFileSync(join(folder, 'theirs'), 'theirs');
  symlinkSync(join(folder, 'theirs'), join(dir, 'password'));
  writeFileSync(join(dir, 'inventory.yml'), 'old');
  chmodSync(join(dir, 'inventory.yml'), 0o666);
  const lab = startCli(['lab', '--dir', dir], { env: { HOME: folder } });
  await lab.until(/Stop with Ctrl-C/);
  lab.kill('SIGTERM');
  await lab.ended;
  expect([readFileSync(join(folder, 'theirs'), 'utf8'), lstatSync(join(dir, 'password')).isFile()]).toEqual([
    'theirs',
    true,
  ]);
  expect([modeOf(join(dir, 'password')), modeOf(join(dir, 'inventory.yml'))]).toEqual(['600', '600']);
  const linked = join(folder, 'linked');
  symlinkSync(dir, linked);
  const refused = await startCli(['lab', '--dir', linked], { env: { HOME: folder } }).ended;
  expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('this is a link')]);
});

test.runIf(process.platform !== 'win32')(
  'snapshots, reports and JUnit of the commands are for their owner alone',
  async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const [snapshot, report, junit] = ['facts.json', 'facts.html', 'verify.xml'].map((name) => lab.path(name));
      await lab.run(['collect', '-i', lab.inventoryFile, '--out', snapshot ?? '']);
      await lab.run(['report', snapshot ?? '', '--out', report ?? '']);
      await lab.run(['verify', '-i', lab.inventoryFile, '--junit', junit ?? '']);
      for (const file of [snapshot, report, junit]) {
        expect([file, existsSync(file ?? '') && modeOf(file ?? '')]).toEqual([file, '600']);
      }
    });
  },
);
