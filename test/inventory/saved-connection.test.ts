// A saved connection holds no secret and no place of one, and is restored to what it was; an inventory that reaches the host otherwise
// is found out, setting by setting.
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connection as savedForm } from '../../src/forms/plan-forms.ts';
import { compareConnections, restoreConnection, saveConnection } from '../../src/inventory/saved-connection.ts';
import { authMethods, type Connection, type SecretRef } from '../../src/model/target.ts';

const mark = 'SECRET-PLACE';
const origin = { file: mark, line: 1, column: 1 };

const secrets: readonly SecretRef[] = [
  { kind: 'env', name: mark },
  { kind: 'file', path: mark },
  { kind: 'command', argv: [mark, mark] },
  { kind: 'keyring', name: mark },
  { kind: 'prompt' },
  { kind: 'vault', ciphertext: mark, origin },
  { kind: 'inline', value: mark },
];

const connections: fc.Arbitrary<Connection> = fc.record(
  {
    address: fc.constantFrom('ex01', '10.0.0.1', 'fe80::1'),
    port: fc.integer({ min: 1, max: 65_535 }),
    scheme: fc.constantFrom('http', 'https'),
    path: fc.constantFrom('/wsman', '/other'),
    auth: fc.constantFrom(...authMethods),
    username: fc.constantFrom('CORP\\svc', 'svc@CORP.EXAMPLE', ''),
    password: fc.constantFrom(...secrets),
    caFile: fc.constantFrom(null, 'ca.pem', '/etc/ca.pem'),
    tlsServerName: fc.constantFrom(null, 'ex01.corp.example'),
    timeouts: fc.constant({ connectMs: 1, operationMs: 2, requestMs: 3, hostMs: 4 }),
    kerberos: fc.record({
      service: fc.constantFrom(null, 'HTTP', 'WSMAN'),
      hostname: fc.constantFrom(null, 'ex01.corp.example'),
      ticketFrom: fc.constantFrom({ kind: 'cache' }, { kind: 'keytab', file: mark }, { kind: 'password' }),
    }),
    tls: fc.record({
      fingerprint: fc.constantFrom(null, 'A'.repeat(64)),
      minVersion: fc.constantFrom('1.2', '1.3'),
      validation: fc.constantFrom('validate', 'ignore'),
    }),
    clientCertificate: fc.constantFrom(
      { kind: 'pem', certificateFile: mark, keyFile: mark, encrypted: true },
      { kind: 'pfx', file: mark, encrypted: false },
    ),
    proxy: fc.record({ host: fc.constant('proxy'), port: fc.constant(3128) }),
  },
  {
    requiredKeys: [
      'address',
      'port',
      'scheme',
      'path',
      'auth',
      'username',
      'password',
      'caFile',
      'tlsServerName',
      'timeouts',
    ],
  },
);

const base: Connection = {
  address: 'ex01',
  port: 5986,
  scheme: 'https',
  path: '/wsman',
  auth: 'kerberos',
  username: 'svc@CORP.EXAMPLE',
  password: { kind: 'env', name: 'P' },
  caFile: null,
  tlsServerName: null,
  timeouts: { connectMs: 1, operationMs: 2, requestMs: 3, hostMs: 4 },
};
const tls = { fingerprint: null, minVersion: '1.2', validation: 'validate' } as const;
const kerberos = { service: null, hostname: null, ticketFrom: { kind: 'cache' } } as const;

describe('a saved connection', () => {
  test('holds no secret and no place of one, and has the published form', () => {
    fc.assert(
      fc.property(connections, (connection) => {
        const saved: unknown = JSON.parse(JSON.stringify(saveConnection(connection)));
        expect(JSON.stringify(saved)).not.toContain(mark);
        expect(savedForm.safeParse(saved).error).toBeUndefined();
      }),
    );
  });

  test('with the secrets of the same inventory is what it was', () => {
    fc.assert(
      fc.property(connections, (connection) => {
        const saved = saveConnection(connection);
        const restored = restoreConnection(saved, connection);
        expect(compareConnections(saved, restored)).toEqual([]);
        expect(compareConnections(saved, connection)).toEqual([]);
        expect(restored).toEqual({
          ...connection,
          caFile: connection.caFile === null ? null : resolve(connection.caFile),
        });
        expect(saveConnection(restored)).toEqual(saved);
      }),
    );
  });

  test.each([
    ['password', { password: { kind: 'command', argv: [mark] } }],
    ['clientCertificate', { clientCertificate: { kind: 'pfx', file: mark, encrypted: false } }],
    ['kerberos.ticketFrom', { kerberos: { ...kerberos, ticketFrom: { kind: 'keytab', file: mark } } }],
  ])('into which %s was forged has not the published form, and nothing of it is used', (_, forged) => {
    const saved = { ...saveConnection(base), ...forged };
    expect(savedForm.safeParse(saved).success).toBe(false);
    expect(JSON.stringify(restoreConnection(saved, null))).not.toContain(mark);
    expect(JSON.stringify(restoreConnection(saved, base))).not.toContain(mark);
  });

  test.each([
    [{ ...base, auth: 'ntlm' }, 'password', undefined],
    [{ ...base, auth: 'basic' }, 'password', undefined],
    [base, 'ticket-cache', undefined],
    [{ ...base, kerberos: { ...kerberos, ticketFrom: { kind: 'password' } } }, 'password', 'password'],
    [{ ...base, kerberos: { ...kerberos, ticketFrom: { kind: 'keytab', file: mark } } }, 'keytab', 'password'],
    [{ ...base, auth: 'certificate' }, 'client-certificate', undefined],
  ] as const)(
    'without an inventory asks for the password, if there is one to ask for',
    (connection, credential, from) => {
      const saved = saveConnection(connection);
      expect(saved.credential).toBe(credential);
      const restored = restoreConnection(saved, null);
      expect(restored.password).toEqual({ kind: 'unnamed', inventory: '-i INVENTORY' });
      expect(restored.clientCertificate).toBeUndefined();
      if (from !== undefined) expect(restored.kerberos?.ticketFrom).toEqual({ kind: from });
    },
  );
});

describe('an inventory that reaches a host otherwise', () => {
  test.each<[string, Partial<Connection>, string, string]>([
    ['address', { address: 'ex02' }, 'ex01', 'ex02'],
    ['port', { port: 5985 }, '5986', '5985'],
    ['scheme', { scheme: 'http' }, 'https', 'http'],
    ['path', { path: '/other' }, '/wsman', '/other'],
    ['authentication', { auth: 'ntlm' }, 'kerberos', 'ntlm'],
    ['account', { username: 'other@CORP.EXAMPLE' }, 'svc@CORP.EXAMPLE', 'other@CORP.EXAMPLE'],
    ['CA file', { caFile: '/ca.pem' }, "the system's", resolve('/ca.pem')],
    ['certificate fingerprint', { tls: { ...tls, fingerprint: 'AB' } }, 'none', 'AB'],
    ['certificate validation', { tls: { ...tls, validation: 'ignore' } }, 'validate', 'ignore'],
    ['minimum TLS version', { tls: { ...tls, minVersion: '1.3' } }, '1.2', '1.3'],
    ['certificate name', { tlsServerName: 'other' }, 'the address', 'other'],
    ['Kerberos service', { kerberos: { ...kerberos, service: 'WSMAN' } }, 'any', 'WSMAN'],
    ['Kerberos host name', { kerberos: { ...kerberos, hostname: 'other' } }, 'the address', 'other'],
    ['proxy', { proxy: { host: 'proxy', port: 3128 } }, 'none', 'proxy:3128'],
  ])('%s: is shown with both values', (setting, change, saved, given) => {
    expect(compareConnections(saveConnection(base), { ...base, ...change })).toEqual([{ setting, saved, given }]);
    expect(compareConnections(saveConnection({ ...base, ...change }), base)).toEqual([
      { setting, saved: given, given: saved },
    ]);
  });

  test.each<[string, Partial<Connection>]>([
    ['timeouts', { timeouts: { connectMs: 9, operationMs: 9, requestMs: 10, hostMs: 99 } }],
    ['the place of the secret', { password: { kind: 'prompt' } }],
    ['the source of the ticket', { kerberos: { ...kerberos, ticketFrom: { kind: 'keytab', file: 'k' } } }],
    ['a default that is written out', { tls, kerberos, tlsServerName: 'ex01' }],
  ])('%s is no difference', (_, change) => {
    expect(compareConnections(saveConnection(base), { ...base, ...change })).toEqual([]);
    const restored = restoreConnection(saveConnection(base), { ...base, ...change });
    expect(restored.timeouts).toEqual(base.timeouts);
  });

  test('what a forged file holds does not move the cursor', () => {
    const forged = { ...base, address: 'ex01\u001b[2Kex02' };
    expect(compareConnections(saveConnection(forged), base)[0]?.saved).toBe('ex01?[2Kex02');
  });
});
