import { expect, test } from 'vitest';
import { GssError } from '../../../../src/winrm/auth/kerberos/library.ts';
import type { Credential, CredentialSource, KerberosLibrary } from '../../../../src/winrm/auth/kerberos/library.ts';
import { createCredentialStore } from '../../../../src/winrm/auth/kerberos/credential-store.ts';

const password: CredentialSource = { kind: 'password', principal: 'ops@CORP.EXAMPLE', password: 'secret-Word-1' };
const keytab: CredentialSource = { kind: 'keytab', principal: 'ops@CORP.EXAMPLE', file: 'ops.keytab' };
const cache: CredentialSource = { kind: 'ticket-cache', principal: null };

/** `minor`: with what status the library refuses; null when it doesn't. */
function scene(lifetimeSeconds: number, minor: number | null = null) {
  let ms = 0;
  const asked: CredentialSource[] = [];
  const library: KerberosLibrary = {
    acquire(source) {
      asked.push(source);
      if (minor !== null) return Promise.reject(new GssError({ routine: 7, minor, words: 'no' }));
      const credential: Credential = { handle: 1n, principal: 'ops@CORP.EXAMPLE', lifetimeSeconds };
      return Promise.resolve(credential);
    },
    initiate: () => Promise.reject(new Error('not asked for')),
  };
  const store = createCredentialStore(() => ms);
  return {
    asked,
    pass: (seconds: number): void => {
      ms += seconds * 1000;
    },
    ask: (source: CredentialSource) =>
      store.acquire(library, source).then(
        () => 'got',
        () => 'failed',
      ),
  };
}

test('a fleet at the same time asks once for each account and source', async () => {
  const { ask, asked } = scene(36_000);
  await Promise.all([password, password, keytab, keytab, cache, cache].map(ask));
  await ask({ ...password, password: 'another' });
  expect(asked.map((one) => one.kind)).toEqual(['password', 'keytab', 'ticket-cache', 'password']);
});

test('a ticket is replaced before it ends', async () => {
  const { ask, asked, pass } = scene(3600);
  await ask(cache);
  pass(3600 - 301);
  await ask(cache);
  expect(asked).toHaveLength(1);
  pass(2);
  await ask(cache);
  expect(asked).toHaveLength(2);
});

// krb5_err.et: KRB5KRB_AP_ERR_BAD_INTEGRITY (a wrong password), KRB5_KDC_UNREACH.
const wrongPassword = 2_529_638_912 + 31;
const unreachable = 2_529_638_912 + 156;

test('a refused password is never sent again', async () => {
  const { ask, asked, pass } = scene(0, wrongPassword);
  expect(await Promise.all([ask(password), ask(password)])).toEqual(['failed', 'failed']);
  pass(86_400);
  expect(await ask(password)).toBe('failed');
  expect(asked).toHaveLength(1);
});

test.each([
  ['a KDC that was away', password, unreachable],
  ['a missing ticket', cache, 2_529_638_912 + 195],
] as const)('%s is asked for again after a minute', async (_what, source, minor) => {
  const { ask, asked, pass } = scene(0, minor);
  await ask(source);
  pass(59);
  await ask(source);
  expect(asked).toHaveLength(1);
  pass(2);
  await ask(source);
  expect(asked).toHaveLength(2);
});
