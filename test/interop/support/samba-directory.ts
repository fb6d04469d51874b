// A domain controller of Samba's for one test file, of which LDAP and the KDC run, with Exchange's classes in its schema. LDAP's ports are
// fixed there, so it has an address of loopback to itself, and needs root. It ends only the process that it started.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { writeLdif, type FixtureEntry } from '../../support/exchange-directory.ts';
import { activeDirectorySchema } from './exchange-schema.ts';
import { clientConfig } from './kdc.ts';
import { missingSamba } from './samba.ts';
import { freePort } from './shared/free-port.ts';
import { makeAuthority } from './slapd.ts';

const run = promisify(execFile);

export const directoryRealm = 'DIR.EXAMPLE';
export const directoryDomain = 'DC=dir,DC=example';
export const controller = { name: 'dc1.dir.example', address: '127.0.0.88' } as const;
export const administrator = { user: 'administrator', password: 'Admin-Pass-1!' } as const;

/** Null when it can run here; with CI set it rejects instead where the programs are missing. */
export async function missingSambaDirectory(): Promise<string | null> {
  const missing = await missingSamba();
  if (missing !== null || process.getuid?.() === 0) return missing;
  const reason = 'no Samba directory: LDAP on port 389 needs root';
  console.warn(`skipped: ${reason}`);
  return reason;
}

export interface SambaDirectory {
  readonly caFile: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Whether Kerberos and NTLM are taken inside TLS: off is Samba's default. */
  restart(options: { readonly saslOverTls: boolean }): Promise<void>;
  dispose(): Promise<void>;
}

/** Adds LDIF as the system itself, which alone may set what the directory keeps by itself (lastLogonTimestamp). */
const loader = `
import sys
import samba
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
lp = LoadParm()
lp.load(sys.argv[1])
lp.set('dsdb:schema update allowed', 'yes')
for path in sys.argv[2:]:
    db = SamDB(lp=lp, session_info=system_session())
    db.transaction_start()
    with open(path) as file:
        db.add_ldif(file.read(), ['relax:0'])
    db.transaction_commit()
`;

export async function createSambaDirectory(entries: readonly FixtureEntry[]): Promise<SambaDirectory> {
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-samba-ldap-'));
  const path = (name: string): string => join(folder, name);
  const [kdc, passwords] = [await freePort(), await freePort()];
  const authority = makeAuthority();
  const { certificatePem, privateKeyPem } = authority.certificateFor(controller.name, null);
  await writeFile(path('ca.pem'), authority.caPem);
  await writeFile(path('server.pem'), certificatePem);
  await writeFile(path('server.key'), privateKeyPem, { mode: 0o600 });
  const settings = {
    'pid directory': folder,
    'ncalrpc dir': path('ncalrpc'),
    'log file': path('samba.log'),
    interfaces: `${controller.address}/8`,
    'bind interfaces only': 'yes',
    'krb5 port': String(kdc),
    'kpasswd port': String(passwords),
    'server services': 'ldap, kdc',
    'dcerpc endpoint servers': '',
    'vfs objects': '',
    'tls certfile': path('server.pem'),
    'tls keyfile': path('server.key'),
    'tls cafile': path('ca.pem'),
  };
  await run('samba-tool', [
    ...['domain', 'provision', `--targetdir=${path('dc')}`, `--realm=${directoryRealm}`, '--domain=DIR'],
    ...['--server-role=dc', '--dns-backend=NONE', `--adminpass=${administrator.password}`],
    ...['--host-name=dc1', `--host-ip=${controller.address}`],
    ...Object.entries(settings).map(([name, value]) => `--option=${name}=${value}`),
  ]);
  const config = path('dc/etc/smb.conf');
  const [attributes, classes] = activeDirectorySchema(directoryDomain);
  const texts = { 'attributes.ldif': attributes, 'classes.ldif': classes, 'entries.ldif': writeLdif(entries) };
  for (const [name, text] of Object.entries(texts)) await writeFile(path(name), text);
  await writeFile(path('load.py'), loader);
  await run('/usr/bin/python3', [path('load.py'), config, ...Object.keys(texts).map(path)]);
  await run('samba-tool', ['spn', 'add', `ldap/${controller.name}`, 'DC1$', '-s', config]);
  const environment = {
    KRB5_CONFIG: path('krb5.conf'),
    KRB5CCNAME: `FILE:${path('cache')}`,
    KRB5RCACHETYPE: 'none',
  };
  const ofKdc = clientConfig(kdc, [], directoryRealm).replaceAll('127.0.0.1', controller.address);
  await writeFile(environment.KRB5_CONFIG, `${ofKdc}  .dir.example = ${directoryRealm}\n`);

  let stop: () => Promise<void> = () => Promise.resolve();
  async function restart({ saslOverTls }: { readonly saslOverTls: boolean }): Promise<void> {
    await stop();
    const strong = saslOverTls ? ['--option=ldap server require strong auth=allow_sasl_over_tls'] : [];
    const child = spawn('/usr/sbin/samba', ['-i', '-M', 'single', '-s', config, '--debug-stdout', ...strong], {
      stdio: 'ignore',
    });
    stop = async () => {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await ended;
    };
    while (!(await answers(636))) {
      if (child.exitCode !== null) throw new Error(`samba ended with ${child.exitCode}`);
      await delay(50);
    }
  }

  return {
    caFile: path('ca.pem'),
    environment,
    restart,
    async dispose() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = net.connect({ host: controller.address, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
