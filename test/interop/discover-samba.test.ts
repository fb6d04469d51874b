// Discovery against a Samba domain controller that has Exchange's classes: Active Directory's rules for paging, binds and signing.
import { randomFillSync } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DirectoryAuth } from '../../src/directory/bind.ts';
import { openDirectory, type DirectoryTls } from '../../src/directory/open-directory.ts';
import type { Discovery } from '../../src/model/discovery/discovery.ts';
import { loadKerberos } from '../../src/winrm/auth/kerberos.ts';
import { createCredentialStore } from '../../src/winrm/auth/kerberos/credential-store.ts';
import { discover } from '../../src/workflows/discovery/discover.ts';
import { makeOrganization } from '../support/exchange-directory.ts';
import { failureOf } from '../support/failure-of.ts';
import { memoryListener } from '../support/memory-seams.ts';
import { fiveHundred } from './support/five-hundred.ts';
import {
  administrator,
  controller,
  createSambaDirectory,
  directoryDomain,
  directoryRealm,
  missingSambaDirectory,
  type SambaDirectory,
} from './support/samba-directory.ts';

const missing = await missingSambaDirectory();
const suite = describe.skipIf(missing !== null);
const before = { ...process.env };
let samba: SambaDirectory;

beforeAll(async () => {
  if (missing !== null) return;
  samba = await createSambaDirectory(
    makeOrganization({ domain: directoryDomain, computers: 'CN=Computers', servers: fiveHundred }),
  );
  Object.assign(process.env, samba.environment);
});

afterAll(async () => {
  for (const name of Object.keys(process.env)) if (!(name in before)) Reflect.deleteProperty(process.env, name);
  if (missing === null) await (samba as SambaDirectory | undefined)?.dispose();
});

/** Its name is in no DNS. */
const lookup: LookupFunction = (_name, options, done) => {
  if (options.all === true) done(null, [{ address: controller.address, family: 4 }]);
  else done(null, controller.address, 4);
};

async function ask(
  auth: DirectoryAuth,
  tls: DirectoryTls,
  password: string = administrator.password,
): Promise<Discovery> {
  const username = auth === 'ntlm' ? `DIR\\${administrator.user}` : `${administrator.user}@${directoryRealm}`;
  const account = { auth, username, password: { kind: 'inline', value: password }, asksForTicket: true } as const;
  const directory = await openDirectory(
    [{ host: controller.name, port: null }],
    { account, tls, caFile: samba.caFile, timeoutMs: 20_000, lookup },
    {
      readSecret: () => Promise.resolve(password),
      random: (count) => randomFillSync(Buffer.alloc(count)),
      now: () => new Date(),
      loadKerberos,
      credentials: createCredentialStore(() => performance.now()),
      sleep: (durationMs, signal) => delay(durationMs, undefined, { ref: false, ...(signal && { signal }) }),
    },
    () => undefined,
  );
  try {
    return await discover('dir.example', {
      directory,
      resolveName: null,
      listener: memoryListener(),
      now: new Date().toISOString(),
    });
  } finally {
    directory.close();
  }
}

suite('of Samba', () => {
  test('signing required: Kerberos and NTLM seal without TLS, a simple bind goes over TLS, all with the same 500 servers', async () => {
    await samba.restart({ saslOverTls: false });
    const sealed = await ask('kerberos', 'none');
    expect(sealed.servers).toHaveLength(500);
    expect(sealed.servers[1]).toMatchObject({
      fqdn: 'ex001.dir.example',
      site: 'Paris',
      availabilityGroup: 'DAG-Süd',
      version: { major: 15, minor: 0, build: 913, revision: 7 },
      backEndPorts: { imap4: 9933, pop3: 9955 },
      marks: [],
    });
    const marked = sealed.servers.filter(({ marks }) => marks.length > 0).map(({ marks }) => marks);
    expect(marked).toEqual([['edge'], ['old'], ['decommissioned', 'no-logon']]);
    for (const [auth, tls] of [
      ['ntlm', 'none'],
      ['simple', 'ldaps'],
      ['simple', 'starttls'],
    ] as const) {
      expect((await ask(auth, tls)).servers, `${auth} ${tls}`).toEqual(sealed.servers);
    }
    expect(await failureOf(ask('ntlm', 'ldaps'))).toMatchObject({
      code: 'directory/stronger-auth',
      hint: expect.stringContaining('--tls none') as string,
    });
    expect(await failureOf(ask('simple', 'ldaps', 'wrong'))).toMatchObject({
      code: 'auth/refused',
      message: expect.stringContaining('the account or its password is wrong') as string,
    });
  });

  test('inside TLS, Kerberos and NTLM are bound to it and sign nothing', async () => {
    await samba.restart({ saslOverTls: true });
    for (const [auth, tls] of [
      ['kerberos', 'ldaps'],
      ['kerberos', 'starttls'],
      ['ntlm', 'ldaps'],
      ['negotiate', 'starttls'],
    ] as const) {
      expect((await ask(auth, tls)).servers, `${auth} ${tls}`).toHaveLength(500);
    }
  });
});
