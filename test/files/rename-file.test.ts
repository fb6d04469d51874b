// Where nothing holds a file open for itself; test/interop/wine shows the rest.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { renameFile } from '../../src/files/rename-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fencepost-rename-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('replaces what has the name already', async () => {
  const [from, to] = [join(folder, 'new'), join(folder, 'old')];
  writeFileSync(from, 'new');
  writeFileSync(to, 'old');
  await renameFile(from, to);
  expect(readFileSync(to, 'utf8')).toBe('new');
});

test("gives up with the system's own error", async () => {
  await expect(renameFile(join(folder, 'missing'), join(folder, 'to'))).rejects.toMatchObject({ code: 'ENOENT' });
});
