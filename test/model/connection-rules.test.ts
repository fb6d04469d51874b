import { describe, expect, test } from 'vitest';
import { findBrokenRules, isAddress } from '../../src/model/connection-rules.ts';
import { authMethods } from '../../src/model/target.ts';
import type { Connection } from '../../src/model/target.ts';

const sound: Connection = {
  address: 'ex01.corp.example',
  port: 5986,
  scheme: 'https',
  path: '/wsman',
  auth: 'negotiate',
  username: 'ops@CORP.EXAMPLE',
  password: { kind: 'prompt' },
  caFile: null,
  tlsServerName: null,
  timeouts: { connectMs: 1, operationMs: 1, requestMs: 2, hostMs: 3 },
};
const certificate = { kind: 'pfx', file: 'ops.pfx', encrypted: false } as const;
const ignoring = { fingerprint: null, minVersion: '1.2', validation: 'ignore' } as const;
const pinned = { ...ignoring, fingerprint: 'AB'.repeat(32), validation: 'validate' } as const;
const kerberos = { service: null, hostname: null, ticketFrom: { kind: 'cache' } } as const;

test.each(authMethods)('%s over https with what it needs is sound', (auth) => {
  const own = auth === 'certificate' ? { clientCertificate: certificate } : {};
  expect(findBrokenRules({ ...sound, auth, ...own })).toEqual([]);
});

test.each(['negotiate', 'kerberos', 'ntlm'] as const)('%s over http is sound', (auth) => {
  expect(findBrokenRules({ ...sound, auth, scheme: 'http' })).toEqual([]);
});

test.each(['negotiate', 'kerberos', 'ntlm'] as const)('%s may do without verification', (auth) => {
  expect(findBrokenRules({ ...sound, auth, tls: ignoring })).toEqual([]);
});

describe('refused', () => {
  const broken: readonly (readonly [Partial<Connection>, string, string])[] = [
    [{ auth: 'basic', scheme: 'http' }, 'auth', 'unsafe'],
    [{ auth: 'basic', tls: ignoring }, 'validation', 'unsafe'],
    [{ auth: 'certificate', clientCertificate: certificate, tls: ignoring }, 'validation', 'unsafe'],
    [{ auth: 'certificate', clientCertificate: certificate, scheme: 'http' }, 'auth', 'impossible'],
    [{ auth: 'certificate' }, 'auth', 'impossible'],
    [{ clientCertificate: certificate }, 'clientCertificate', 'impossible'],
    [
      {
        auth: 'certificate',
        clientCertificate: certificate,
        tls: { ...ignoring, minVersion: '1.3', validation: 'validate' },
      },
      'minVersion',
      'impossible',
    ],
    [{ auth: 'kerberos', address: '192.0.2.1' }, 'auth', 'impossible'],
    [{ auth: 'kerberos', address: 'fe80::1%eth0' }, 'auth', 'impossible'],
    [
      { auth: 'kerberos', username: 'CORP\\u', kerberos: { ...kerberos, ticketFrom: { kind: 'password' } } },
      'username',
      'impossible',
    ],
    [
      { auth: 'kerberos', username: '', kerberos: { ...kerberos, ticketFrom: { kind: 'keytab', file: 'k' } } },
      'username',
      'impossible',
    ],
    [{ auth: 'ntlm', username: '' }, 'username', 'impossible'],
    [{ auth: 'ntlm', kerberos: { ...kerberos, ticketFrom: { kind: 'keytab', file: 'k' } } }, 'keytab', 'impossible'],
    [{ scheme: 'http', tls: pinned }, 'fingerprint', 'impossible'],
    [{ tls: { ...pinned, validation: 'ignore' } }, 'fingerprint', 'impossible'],
    [{ scheme: 'http', proxy: { host: 'p', port: 1 } }, 'proxy', 'impossible'],
  ];
  test.each(broken)('%j', (change, setting, kind) => {
    const rules = findBrokenRules({ ...sound, ...change });
    expect(rules.map((one) => [one.setting, one.kind])).toEqual([[setting, kind]]);
    // What is wrong; what to do.
    expect(rules[0]?.message.length).toBeGreaterThan(20);
  });

  test('a ticket of the cache needs no account, and a name in Kerberos makes up for an address', () => {
    expect(findBrokenRules({ ...sound, auth: 'kerberos', username: '' })).toEqual([]);
    const named = { ...kerberos, hostname: 'ex01.corp.example' };
    expect(findBrokenRules({ ...sound, auth: 'kerberos', address: '192.0.2.1', kerberos: named })).toEqual([]);
  });
});

test.each([
  ['192.0.2.1', true],
  ['::1', true],
  ['fe80::1%eth0', true],
  ['ex01', false],
  ['ex01.corp.example', false],
  ['10.example', false],
])('%s is an address: %s', (host, expected) => {
  expect(isAddress(host)).toBe(expected);
});
