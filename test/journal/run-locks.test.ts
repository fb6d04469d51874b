// Which runs have a living process, for whoever watches: judged without taking or removing a lock, and never "dead" for one that can't be read.
import { chmod, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deadAfterMs, identifyProcess, type ProcessIdentity } from '../../src/journal/lock-holder.ts';
import { createLocks } from '../../src/journal/lock.ts';
import { listRunLocks } from '../../src/journal/run-locks.ts';

let state: string;
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'fencepost-run-locks-'));
});
afterEach(() => rm(state, { recursive: true, force: true }));

const run = '20261205-220000-000abc';
const elsewhere: ProcessIdentity = { ...identifyProcess(), machine: 'jump02', bootId: 'another', processId: 1 };

function hold(name: string, self: ProcessIdentity = identifyProcess(), key = `run ${name}`) {
  const locks = createLocks({
    directory: state,
    run: name,
    user: 'operator',
    now: () => '2026-12-05T22:00:00.000Z',
    onTakeover: () => undefined,
    self,
  });
  return locks.acquire({ key, label: key });
}
const files = () => readdir(join(state, 'locks'));
const age = async (ms: number): Promise<void> => {
  for (const name of await files()) {
    const seconds = (Date.now() - ms) / 1000;
    await utimes(join(state, 'locks', name), seconds, seconds);
  }
};

test('there is no state directory, or nothing in it', async () => {
  expect(await listRunLocks(join(state, 'none'))).toEqual([]);
  expect(await listRunLocks(state)).toEqual([]);
});

test('a run of this machine lives while its process does; looking leaves its locks as they are', async () => {
  const held = await hold(run);
  await hold(run, identifyProcess(), '127.0.0.1:5985');
  const before = await files();
  const [lock, ...others] = await listRunLocks(state);
  expect(others).toEqual([]);
  expect(lock).toMatchObject({
    run,
    isAlive: true,
    holder: expect.stringMatching(/^operator@.* \(process \d+\)$/) as string,
  });
  expect(await files()).toEqual(before);
  await held.release();
  expect(await listRunLocks(state)).toEqual([]);
});

test('one whose process is gone, or another that got its id, does not', async () => {
  await hold(run, { ...identifyProcess(), processStart: 'long ago' });
  expect(await listRunLocks(state)).toMatchObject([{ run, isAlive: false }]);
});

test('one of another machine lives by its heartbeat, by the clock of the file system', async () => {
  await hold(run, elsewhere);
  expect(await listRunLocks(state)).toMatchObject([{ run, isAlive: true }]);
  await age(deadAfterMs - 30_000);
  expect(await listRunLocks(state)).toMatchObject([{ run, isAlive: true }]);
  await age(deadAfterMs + 30_000);
  expect(await listRunLocks(state)).toMatchObject([{ run, isAlive: false }]);
  expect(await files()).toHaveLength(1);
});

test("one that can't be read counts as alive, one that is torn as dead", async () => {
  await hold(run);
  const [name = ''] = await files();
  const file = join(state, 'locks', name);
  await chmod(file, 0);
  // Root reads it all the same.
  const asRoot = process.getuid?.() === 0;
  expect(await listRunLocks(state)).toMatchObject([{ run, isAlive: true, ...(asRoot ? {} : { holder: null }) }]);
  await chmod(file, 0o600);
  await writeFile(file, '{"run":"2026');
  expect(await listRunLocks(state)).toEqual([{ run, holder: null, isAlive: false }]);
});
