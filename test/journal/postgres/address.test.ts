// The address of a database: what it says, what it refuses, and that a password is in no message.
import { expect, test } from 'vitest';
import { readAddress } from '../../../src/journal/postgres/address.ts';
import { Failure } from '../../../src/model/failure.ts';

test.each([
  [
    'postgres://fence@db.corp.example/fleet',
    { host: 'db.corp.example', port: 5432, database: 'fleet', user: 'fence', password: null, tls: 'verified' },
    'postgres://fence@db.corp.example/fleet',
  ],
  [
    'postgresql://f%40b:s%3Acret@[::1]:5433/fleet?sslmode=disable',
    { host: '::1', port: 5433, user: 'f@b', password: 's:cret', tls: 'off' },
    'postgres://f%40b@[::1]:5433/fleet',
  ],
  [
    'postgres:///fleet?host=/run/postgresql&user=fence',
    { host: '/run/postgresql', user: 'fence', tls: 'socket' },
    'postgres:///fleet?host=/run/postgresql&user=fence',
  ],
  [
    'postgres:///my%20fleet?host=/run/postgresql&port=5433',
    { host: '/run/postgresql', port: 5433, database: 'my fleet', user: null, tls: 'socket' },
    'postgres:///my%20fleet?host=/run/postgresql&port=5433',
  ],
  [
    'postgres://db/fleet?sslmode=verify-full&sslrootcert=/etc/ca.pem',
    { user: null, tls: 'verified', authorities: '/etc/ca.pem' },
    'postgres://db/fleet',
  ],
])('%s', (text, expected, place) => {
  const address = readAddress(text);
  expect(address).toMatchObject({ ...expected, place });
  // What a message names can be copied from it.
  const { host, port, database, user } = address;
  expect(readAddress(place)).toMatchObject({ host, port, database, user });
});

test.each([
  '/var/lib/fencepost',
  'mysql://db/fleet',
  'postgres://fence:Geheim@/fleet',
  'postgres://fence:Geheim@db',
  'postgres://fence:Geheim@db/fleet?sslmode=require',
  'postgres://fence:Geheim@db/fleet?sslmode=prefer',
  'postgres://fence:Geheim@db/fleet?channel_binding=x',
  'postgres://fence:Geheim@db:99999/fleet',
  'postgres://fence:Geheim%@db/fleet',
  'postgres://fence:Geheim@db/fleet?port=0',
  'postgres://fence:Geheim@db/fleet?port=5433x',
])('%s is refused, and its password is not said', (text) => {
  try {
    readAddress(text);
  } catch (thrown) {
    const failure = thrown instanceof Failure ? thrown : null;
    expect(failure?.code).toBe('usage/invalid');
    expect(`${failure?.message ?? ''} ${failure?.hint ?? ''}`).not.toContain('Geheim');
    return;
  }
  throw new Error('it was taken');
});
