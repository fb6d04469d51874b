// A vault password in a file, in the encodings that Windows writes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFlagVault } from '../../../src/cli/io/vault-passwords.ts';
import { sealVault } from '../../../src/inventory/secrets/vault.ts';
import { failureOf } from '../../support/failure-of.ts';

const password = 'Grün-Wort-€';
let file = '';
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'fencepost-vault-')), 'word');
});
afterEach(() => {
  rmSync(join(file, '..'), { recursive: true });
});

async function open(bytes: Buffer): Promise<string> {
  writeFileSync(file, bytes);
  const sealed = await sealVault('inside', password, Buffer.alloc(32), 'prod');
  return createFlagVault({ 'vault-id': [`prod@${file}`] }, {}).open(sealed, 'prod.yml');
}

test.each([
  ['UTF-8 with a mark', Buffer.from(`\uFEFF${password}\r\n`)],
  ['UTF-16 with a mark', Buffer.from(`\uFEFF${password}\r\n`, 'utf16le')],
])('%s opens', async (_name, bytes) => {
  expect(await open(bytes)).toBe('inside');
});

test('Windows-1252 is refused, for a guess is a wrong password, without a letter of it', async () => {
  const failure = await failureOf(open(Buffer.from('Grün-Wort\r\n', 'latin1')));
  const text = 'it is no text in UTF-8 or UTF-16; save the file as UTF-8';
  expect([failure.code, failure.message]).toEqual(['secret/missing', expect.stringContaining(text) as string]);
  expect(failure.message).not.toMatch(/ü|0xFC|column/);
});
