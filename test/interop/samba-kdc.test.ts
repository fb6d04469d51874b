// Our client with tickets of Samba's KDC: Heimdal's code, Active Directory's rules, a PAC in every ticket. The host is the lab, whose
// keys Samba made and whose acceptor is MIT's.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFleet } from '../../src/lab/fleet.ts';
import type { Fleet } from '../../src/lab/fleet.ts';
import { serverSpec } from '../../src/lab/scenario/server-spec.ts';
import { openKerberosService } from '../../src/winrm/auth/kerberos.ts';
import { connect } from '../../src/winrm/client.ts';
import type { ConnectOptions } from '../../src/winrm/client.ts';
import { failureOf } from '../support/failure-of.ts';
import { clientConfig } from './support/kdc.ts';
import { createSambaKdc, missingSamba, sambaRealm } from './support/samba.ts';
import type { SambaKdc } from './support/samba.ts';

const missing = await missingSamba();
const suite = describe.skipIf(missing !== null);
const password = 'Grün-Pass-1!';
const ops = `ops@${sambaRealm}`;
let kdc: SambaKdc;
let fleet: Fleet;
let caFile: string;
const before = { ...process.env };

beforeAll(async () => {
  if (missing !== null) return;
  kdc = await createSambaKdc();
  for (const user of ['ops', 'disabled', 'host']) await kdc.tool('user', 'create', user, password);
  // Another password: keys of RC4 have no salt, so those of two accounts with one password are one.
  await kdc.tool('user', 'create', 'web', `${password}2`);
  await kdc.tool('user', 'disable', 'disabled');
  // The account of the host, and another that holds a name of the host's, as web applications do.
  await kdc.tool('spn', 'add', 'HTTP/localhost', 'host');
  await kdc.tool('spn', 'add', 'HTTP/ex02.corp.example', 'web');
  Object.assign(process.env, kdc.environment);
  fleet = await startFleet({
    account: { user: 'LAB\\operator', password },
    kerberos: await openKerberosService(await kdc.keytab('HTTP/localhost')),
    servers: [
      serverSpec({ name: 'plain', auth: ['kerberos'] }),
      serverSpec({ name: 'tls', auth: ['kerberos'], listener: 'https' }),
    ],
  });
  caFile = join(kdc.folder, 'ca.pem');
  await writeFile(caFile, fleet.caPem ?? '');
});

afterAll(async () => {
  for (const name of Object.keys(process.env)) if (!(name in before)) Reflect.deleteProperty(process.env, name);
  if (missing !== null) return;
  await (fleet as Fleet | undefined)?.close();
  await (kdc as SambaKdc | undefined)?.dispose();
});

function loginTo(name: string, more: Partial<ConnectOptions> = {}): ConnectOptions {
  const server = fleet.server(name);
  const tls = server.scheme === 'https' ? ({ scheme: 'https', caFile } as const) : {};
  return { host: 'localhost', port: server.port, auth: 'kerberos', username: ops, password, ...tls, ...more };
}

suite('tickets of a Samba domain', () => {
  test.each(['plain', 'tls'])('%s: a command', async (name) => {
    const shell = await connect(loginTo(name));
    expect((await shell.run('echo größer')).stdout).toBe('größer\r\n');
    await shell.close();
    expect(fleet.server(name).requests.map((one) => one.user)).toContain('AD\\ops');
  });

  test.each([
    ['a wrong password', { password: 'secret-Wrong-1' }, 'auth/refused'],
    ['an unknown account', { username: `nobody@${sambaRealm}` }, 'auth/refused'],
    ['a disabled account', { username: `disabled@${sambaRealm}` }, 'auth/refused'],
    ['an unknown service', { kerberos: { hostname: 'ex99.corp.example' } }, 'auth/kerberos-service'],
    ['a name that another account holds', { kerberos: { hostname: 'ex02.corp.example' } }, 'auth/kerberos-service'],
  ] as const)('%s', async (_what, more, code) => {
    const failure = await failureOf(connect(loginTo('plain', more)));
    expect([failure.code, failure.effect]).toEqual([code, 'none']);
    expect(`${failure.message} ${failure.hint ?? ''}`).not.toContain('secret-Wrong-1');
  });

  test('a key of RC4 is refused over http before a message is sent, and is good enough inside TLS', async () => {
    const config = join(kdc.folder, 'rc4.conf');
    const types = 'arcfour-hmac';
    const settings = ['allow_weak_crypto = true', `permitted_enctypes = ${types}`, `default_tgs_enctypes = ${types}`];
    await writeFile(config, clientConfig(kdc.port, settings, sambaRealm));
    process.env['KRB5_CONFIG'] = config;
    try {
      const failure = await failureOf(connect(loginTo('plain')));
      expect([failure.code, failure.effect]).toEqual(['auth/unsafe', 'none']);
      expect(failure.hint).toContain('AES');
      const shell = await connect(loginTo('tls'));
      expect((await shell.run('echo hello')).exitCode).toBe(0);
      await shell.close();
    } finally {
      Object.assign(process.env, kdc.environment);
    }
  });
});
