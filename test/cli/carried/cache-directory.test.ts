// The folder from which code is run: made for its user alone, and refused where it is not, or can't be made.
import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtPart } from '../../support/build.ts';

const run = promisify(execFile);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-cache-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** What a process with this place for caches is given, or null; asked in one of its own, for it reads the environment. */
async function makeIn(cacheHome: string, more: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const file = JSON.stringify(builtPart('cli/carried/cache-directory'));
  const program = `console.log(JSON.stringify((await import(${file})).makeCacheDirectory('native')))`;
  const env = { PATH: process.env['PATH'] ?? '', XDG_CACHE_HOME: cacheHome, ...more };
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { env, timeout: 60_000 });
  return JSON.parse(stdout);
}

test('is made closed to others, and found again', async () => {
  const own = join(folder, 'cache/fencepost');
  for (const time of ['first', 'again']) expect(await makeIn(join(folder, 'cache')), time).toBe(join(own, 'native'));
  for (const each of [own, join(own, 'native')]) expect((await lstat(each)).mode & 0o777).toBe(0o700);
});

test.each([0o777, 0o770, 0o755])('is refused when others may reach it (%o)', async (mode) => {
  await mkdir(join(folder, 'fencepost'));
  await chmod(join(folder, 'fencepost'), mode);
  expect(await makeIn(folder)).toBeNull();
});

test.each([0o777, 0o775])('is refused where others could put another in its place (%o)', async (mode) => {
  await chmod(folder, mode);
  expect(await makeIn(folder)).toBeNull();
});

test('is refused behind a link', async () => {
  await mkdir(join(folder, 'elsewhere'), { mode: 0o700 });
  await symlink(join(folder, 'elsewhere'), join(folder, 'fencepost'));
  expect(await makeIn(folder)).toBeNull();
});

test('is below the home when the environment names no absolute path', async () => {
  for (const named of ['', 'caches']) {
    expect(await makeIn(named, { HOME: folder })).toBe(join(folder, '.cache/fencepost/native'));
  }
});

test('is null, at once, where nothing can be made', async () => {
  expect(await makeIn('/proc/none')).toBeNull();
  expect(await makeIn('/dev/null')).toBeNull();
});
