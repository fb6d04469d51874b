// What an operator names is read within limits: nothing that is no plain file can make a command wait for ever.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readInput } from '../../src/files/read-input.ts';
import { InputRefused } from '../../src/model/failures/read-error.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fencepost-input-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it was read',
    (thrown: unknown) => (thrown instanceof InputRefused ? thrown.message : String(thrown)),
  );

test('a file is read whole up to its limit, and not one byte beyond', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, 'x'.repeat(600_000));
  expect((await readInput(file, { maxBytes: 600_000 })).length).toBe(600_000);
  expect(await refusal(readInput(file, { maxBytes: 599_999 }))).toBe('it is larger than 586 KB');
  writeFileSync(file, '');
  expect((await readInput(file, { maxBytes: 1 })).length).toBe(0);
});

test.runIf(process.platform !== 'win32')('a device without an end is read to the limit', async () => {
  expect(await refusal(readInput('/dev/zero', { maxBytes: 3 * 1024 * 1024 }))).toBe('it is larger than 3 MB');
});

test.runIf(process.platform !== 'win32')('a pipe that nobody writes to is given up', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const message = await refusal(readInput(pipe, { maxBytes: 10, silenceMs: 100 }));
  expect(message).toBe('nothing came for 0.1 s (a pipe that nobody writes to)');
});

test.runIf(process.platform !== 'win32')(
  'a pipe is read to its end when somebody writes, late and in pieces',
  async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reading = readInput(pipe, { maxBytes: 100, silenceMs: 5000 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const writer = await open(pipe, 'w');
    await writer.write('one ');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await writer.write('two');
    await writer.close();
    expect((await reading).toString()).toBe('one two');
  },
);

test('what does not exist, and a folder, are told as the system tells them', async () => {
  await expect(readInput(join(folder, 'nothing'), { maxBytes: 1 })).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(readInput(folder, { maxBytes: 1 })).rejects.toMatchObject({ code: 'EISDIR' });
});
