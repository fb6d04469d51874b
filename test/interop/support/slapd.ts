// OpenLDAP's slapd on loopback for one test file, with an Exchange organization in it. It needs Debian's slapd, keeps everything in a
// temporary folder and ends only the process that it started.
import { execFile, spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createAuthority, type LabAuthority } from '../../../src/lab/http/certificates.ts';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeLdif, type FixtureEntry } from '../../support/exchange-directory.ts';
import { openLdapSchema } from './exchange-schema.ts';
import { answers } from './kdc.ts';
import { freePort } from './shared/free-port.ts';

const run = promisify(execFile);
const sbin = '/usr/sbin';

/** Null when the programs are there; with CI set their absence rejects instead. */
export async function missingSlapd(): Promise<string | null> {
  try {
    await Promise.all([join(sbin, 'slapd'), '/etc/ldap/schema/core.schema'].map((file) => access(file)));
    return null;
  } catch (cause) {
    const reason = 'no OpenLDAP: slapd is not installed';
    if (process.env['CI'] !== undefined) throw new Error(reason, { cause });
    console.warn(`skipped: ${reason}`);
    return reason;
  }
}

export const reader = { name: 'cn=reader,dc=corp,dc=example', password: 'Grün-Pass-1!' } as const;

export interface Slapd {
  readonly folder: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly caFile: string;
  dispose(): Promise<void>;
}

export function makeAuthority(): LabAuthority {
  return createAuthority({
    nowMs: Date.now(),
    randomBytes,
    newKeyPair: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  });
}

/** `settings`: more lines for the whole server (`security ssf=128`). */
export async function createSlapd(entries: readonly FixtureEntry[], settings: readonly string[] = []): Promise<Slapd> {
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-slapd-'));
  const path = (name: string): string => join(folder, name);
  const [port, tlsPort] = [await freePort(), await freePort()];
  const authority = makeAuthority();
  const { certificatePem, privateKeyPem } = authority.certificateFor('localhost', null);
  await mkdir(path('data'));
  await writeFile(path('ca.pem'), authority.caPem);
  await writeFile(path('server.pem'), certificatePem);
  await writeFile(path('server.key'), privateKeyPem, { mode: 0o600 });
  await writeFile(path('exchange.schema'), openLdapSchema());
  const configuration = 'CN=Configuration,DC=corp,DC=example';
  await writeFile(
    path('root.ldif'),
    `dn:\nconfigurationNamingContext: ${configuration}\ndefaultNamingContext: DC=corp,DC=example\n`,
  );
  await writeFile(
    path('slapd.conf'),
    `include /etc/ldap/schema/core.schema
include ${path('exchange.schema')}
pidfile ${path('pid')}
modulepath /usr/lib/ldap
moduleload back_mdb
rootDSE ${path('root.ldif')}
TLSCACertificateFile ${path('ca.pem')}
TLSCertificateFile ${path('server.pem')}
TLSCertificateKeyFile ${path('server.key')}
sizelimit size.soft=600 size.hard=600 size.prtotal=unlimited
${settings.join('\n')}
database mdb
suffix "dc=corp,dc=example"
directory ${path('data')}
maxsize 268435456
rootdn "${reader.name}"
rootpw ${reader.password}
access to * by * none
`,
  );
  const domain: FixtureEntry = {
    dn: 'DC=corp,DC=example',
    attributes: { objectClass: ['organization', 'dcObject'], dc: ['corp'], o: ['corp'] },
  };
  const parents = [
    configuration,
    `CN=Services,${configuration}`,
    `CN=Sites,${configuration}`,
    'CN=Computers,DC=corp,DC=example',
  ];
  const containers = parents.map((dn): FixtureEntry => ({ dn, attributes: { objectClass: ['container'] } }));
  await writeFile(path('data.ldif'), writeLdif([domain, ...containers, ...entries]));
  await run(join(sbin, 'slapadd'), ['-q', '-f', path('slapd.conf'), '-l', path('data.ldif')]);
  const urls = `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${tlsPort}`;
  const child = spawn(join(sbin, 'slapd'), ['-d', '0', '-f', path('slapd.conf'), '-h', urls], { stdio: 'ignore' });
  while (!(await answers(tlsPort))) {
    if (child.exitCode !== null) throw new Error(`slapd ended with ${child.exitCode}`);
    await delay(20);
  }
  return {
    folder,
    port,
    tlsPort,
    caFile: path('ca.pem'),
    async dispose() {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
