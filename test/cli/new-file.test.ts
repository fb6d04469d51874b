// A new file is there whole or not at all, and another is never touched.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeNewFile } from '../../src/cli/io/new-file.ts';
import { failureOf } from '../support/failure-of.ts';

const hint = 'name another';
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-new-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('parts are written in their order', async () => {
  const file = join(folder, 'a');
  await writeNewFile(file, ['one\n', 'two\n'], { hint });
  expect(await readFile(file, 'utf8')).toBe('one\ntwo\n');
});

test('a file that is there stays as it is', async () => {
  const file = join(folder, 'a');
  await writeFile(file, 'theirs');
  expect(await failureOf(writeNewFile(file, ['ours'], { hint }))).toMatchObject({
    code: 'usage/invalid',
    message: 'the file exists already',
    where: file,
    hint,
  });
  expect(await readFile(file, 'utf8')).toBe('theirs');
});

test('what breaks off in the middle leaves nothing behind', async () => {
  function* broken(): Generator<string> {
    yield 'one\n';
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  }
  const failure = await failureOf(writeNewFile(join(folder, 'a'), broken(), { hint }));
  expect(failure.message).toMatch(/can't be written: the disk is full/);
  expect(await readdir(folder)).toEqual([]);
});

test('a folder that is not there is said', async () => {
  const failure = await failureOf(writeNewFile(join(folder, 'no', 'a'), [], { hint }));
  expect(failure.message).toMatch(/can't be written \(ENOENT\)/);
});
