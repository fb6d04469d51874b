// A setting says where a password is, in the forms of an inventory; a text that may be the password itself is refused without being shown.
import { expect, test } from 'vitest';
import { readSecretSetting } from '../../../src/inventory/secrets/read-reference.ts';
import { Failure } from '../../../src/model/failure.ts';

test.each([
  ['{ env: DB_PASSWORD }', { kind: 'env', name: 'DB_PASSWORD' }],
  ['{ file: /run/secrets/db }', { kind: 'file', path: '/run/secrets/db' }],
  ['{ "command": ["pass", "db"] }', { kind: 'command', argv: ['pass', 'db'] }],
  ['keyring: db', { kind: 'keyring', name: 'db' }],
  ['{ prompt: true }', { kind: 'prompt' }],
])('%s', (text, reference) => {
  expect(readSecretSetting(text, 'SETTING')).toEqual(reference);
});

test.each([
  'Geheim-1!',
  '{ env: "not a name" }',
  '{ Geheim',
  '{}: Geheim',
  '{ file: /a, env: B }',
  '[Geheim]',
  '{ other: Geheim }',
])('%s is refused, and not shown', (text) => {
  let thrown: unknown;
  try {
    readSecretSetting(text, 'SETTING');
  } catch (caught) {
    thrown = caught;
  }
  expect(thrown).toBeInstanceOf(Failure);
  expect(`${String(thrown)} ${JSON.stringify(thrown)}`).not.toMatch(/Geheim|not a name/);
});
