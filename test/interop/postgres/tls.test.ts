// TLS to the database: verified unless it is off by name. A server whose authority is not trusted, or whose certificate is another name's, gets
// nothing, the user's name and password included.
import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAddress } from '../../../src/journal/postgres/address.ts';
import { createDatabase } from '../../../src/journal/postgres/database.ts';
import { migrations } from '../../../src/journal/postgres/sql/migrations.ts';
import { prepareDatabase, standDatabase } from '../../../src/journal/postgres/prepare.ts';
import { failureOf } from '../../support/failure-of.ts';
import { missingPostgres, nobody, startPostgres, type TestPostgres } from '../support/postgres.ts';

const missing = await missingPostgres();
let postgres: TestPostgres;
let folder: string;
let certificate: string;

beforeAll(async () => {
  if (missing !== null) return;
  folder = await mkdtemp(join(tmpdir(), 'fencepost-postgres-tls-'));
  await chmod(folder, 0o755);
  certificate = join(folder, 'server.pem');
  const key = join(folder, 'server.key');
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate],
    ...name,
  ]);
  await chmod(key, 0o600);
  if (process.getuid?.() === 0) await chown(key, nobody, nobody);
  postgres = await startPostgres({
    settings: ['ssl = on', `ssl_cert_file = '${certificate}'`, `ssl_key_file = '${key}'`],
  });
});
afterAll(async () => {
  if (missing !== null) return;
  await postgres.dispose();
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(missing !== null)('a server with TLS', () => {
  test.each([
    { host: 'localhost', trusted: true, fails: false },
    { host: 'localhost', trusted: false, fails: true },
    { host: '127.0.0.1', trusted: true, fails: true },
  ])('named $host, its authority trusted: $trusted; refused: $fails', async ({ host, trusted, fails }) => {
    const where = (await postgres.createDatabase()).replace('127.0.0.1', host).replace(/\?.*$/, '');
    const query = trusted ? `?sslrootcert=${encodeURIComponent(certificate)}` : '';
    const database = createDatabase(readAddress(`${where}${query}`), {
      readFile: (path) => readFile(path, 'utf8'),
      elapsedMs: () => performance.now(),
      warn: () => undefined,
    });
    try {
      if (fails) {
        const failure = await failureOf(prepareDatabase(database));
        expect([failure.code, failure.hint]).toEqual(['state/unavailable', expect.stringContaining('sslrootcert')]);
        return;
      }
      await prepareDatabase(database);
      expect(await standDatabase(database)).toMatchObject({ tls: true, protocol: migrations.length });
    } finally {
      await database.close();
    }
  });
});
