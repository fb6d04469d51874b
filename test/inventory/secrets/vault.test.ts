// The format of ansible-vault: a text that ansible-vault 2.19 made opens; what we seal opens again; nothing else does.
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isVaultText, sealVault, unsealVault, readVaultId } from '../../../src/inventory/secrets/vault.ts';

/** `ansible-vault encrypt_string --vault-id prod@FILE --encrypt-vault-id prod`, password `hunter2`, text `Ge-heim4711`. */
const sealedByAnsible = `$ANSIBLE_VAULT;1.2;AES256;prod
30663233386436623238376161303265386538373737626639613534333763653761393439366363
3834353339306661656562326430643934343533373633340a393939303837346631643962616461
30633834353161373934326630313862613764393865653031376431646535303365366162346432
6633323064663131380a333365356634303861303839623462313138653433353164663830373661
6536
`;

describe('unsealVault', () => {
  test('opens what ansible-vault sealed, however it is indented', async () => {
    expect(await unsealVault(sealedByAnsible, 'hunter2')).toEqual({ kind: 'text', text: 'Ge-heim4711' });
    const indented = sealedByAnsible.replaceAll(/^/gm, '   ').replaceAll('\n', '\r\n');
    expect(await unsealVault(indented.trimStart(), 'hunter2')).toEqual({ kind: 'text', text: 'Ge-heim4711' });
    expect([isVaultText(sealedByAnsible), readVaultId(sealedByAnsible)]).toEqual([true, 'prod']);
  });

  test.each(['hunter', 'hunter2 ', ''])('another password (%j) does not', async (password) => {
    expect(await unsealVault(sealedByAnsible, password)).toEqual({ kind: 'wrong-password' });
  });

  test.each([
    ['no header', 'hello'],
    ['another cipher', '$ANSIBLE_VAULT;1.1;AES\n3061\n'],
    ['a version from the future', '$ANSIBLE_VAULT;2.0;AES256\n3061\n'],
    ['no vault id where one belongs', '$ANSIBLE_VAULT;1.2;AES256\n3061\n'],
    ['nothing below the header', '$ANSIBLE_VAULT;1.1;AES256\n'],
    ['letters that are no digits', sealedByAnsible.replace('3066', 'zz66')],
    ['half a digit pair', sealedByAnsible.replace('6536\n', '653')],
    ['one part', '$ANSIBLE_VAULT;1.1;AES256\n6161\n'],
  ])('%s is malformed', async (_, text) => {
    expect((await unsealVault(text, 'hunter2')).kind).toBe('malformed');
  });

  test('a text with any digit changed does not open', async () => {
    const digits = sealedByAnsible.trimEnd().split('\n').slice(1).join('');
    for (const at of [1, 40, 131, 200, digits.length - 1]) {
      const digit = digits[at] === '1' ? '2' : '1';
      const changed = `$ANSIBLE_VAULT;1.1;AES256\n${digits.slice(0, at)}${digit}${digits.slice(at + 1)}\n`;
      expect([at, (await unsealVault(changed, 'hunter2')).kind]).not.toEqual([at, 'text']);
    }
  });
});

test('what is sealed opens again with the same password only, whatever its length', async () => {
  const texts = fc.string({ unit: 'grapheme', maxLength: 70 });
  await fc.assert(
    fc.asyncProperty(texts, fc.string({ minLength: 1 }), fc.constantFrom('default', 'prod'), async (text, word, id) => {
      const sealed = await sealVault(text, word, randomBytes(32), id);
      expect(readVaultId(sealed)).toBe(id);
      expect(Math.max(...sealed.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
      expect(await unsealVault(sealed, word)).toEqual({ kind: 'text', text });
      expect(await unsealVault(sealed, `${word}x`)).toEqual({ kind: 'wrong-password' });
    }),
    { numRuns: 25 },
  );
});
