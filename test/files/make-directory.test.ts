import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeDirectory } from '../../src/files/make-directory.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fencepost-directory-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each(['a', 'a/b/c', 'a/b/../b/c/', '.'])('%s is made, and once more is no error', async (path) => {
  for (const one of [join(folder, path), relative('.', join(folder, path))]) {
    await makeDirectory(one, 0o700);
    expect(statSync(join(folder, path)).isDirectory()).toBe(true);
  }
});

test('what is made has the mode that was asked for; what was there keeps its own', async () => {
  const before = statSync(folder).mode;
  await makeDirectory(join(folder, 'a', 'b'), 0o700);
  expect(statSync(join(folder, 'a')).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o700);
  expect(statSync(folder).mode).toBe(before);
});

test('a file in the way is told', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(makeDirectory(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeDirectory(join(folder, 'file', 'a'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

test.runIf(process.platform === 'linux')('below /proc, where nothing can be made, it ends', async () => {
  await expect(makeDirectory('/proc/nope/a/b')).rejects.toMatchObject({ code: 'ENOENT' });
});
