// A policy as Windows PowerShell 5 redirects it, and one in an encoding that can't be told.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadPolicies } from '../../src/policy/load.ts';
import { failureOf } from '../support/failure-of.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fencepost-policy-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const load = (bytes: Buffer) => {
  writeFileSync(join(folder, 'policy.yml'), bytes);
  return loadPolicies({ inventory: [join(folder, 'prod.yml')], named: undefined });
};

test('UTF-16 beside the inventory is read', async () => {
  const utf8 = await load(Buffer.from('max_hosts: 2\n'));
  expect(utf8).toHaveLength(1);
  expect(await load(Buffer.from('\uFEFFmax_hosts: 2\r\n', 'utf16le'))).toEqual(utf8);
});

test('a byte that is no UTF-8 is named, not guessed', async () => {
  const failure = await failureOf(load(Buffer.from('max_hosts: 2 # f\u00fcr\n', 'latin1')));
  expect([failure.code, failure.message]).toEqual([
    'policy/unreadable',
    expect.stringContaining('byte 0xFC') as string,
  ]);
});

test('beside hosts on the command line: of the inventories named with them, and of the current folder', async () => {
  writeFileSync(join(folder, 'policy.yml'), 'max_hosts: 2\n');
  const hosts = `${Array.from({ length: 200 }, (_, at) => `ex${String(at)}`).join(',')},`;
  expect(await loadPolicies({ inventory: [hosts], named: undefined })).toEqual([]);
  expect(await loadPolicies({ inventory: [hosts, join(folder, 'vars.yml')], named: undefined })).toHaveLength(1);
  const before = process.cwd();
  process.chdir(folder);
  try {
    expect(await loadPolicies({ inventory: [hosts], named: undefined })).toHaveLength(1);
  } finally {
    process.chdir(before);
  }
});
