// A real KDC (MIT's krb5kdc) on loopback for one test file, with a realm of its own in a temporary folder. It needs Debian's krb5-kdc,
// krb5-admin-server and krb5-user, installs nothing, and ends only the process that it started.
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './shared/free-port.ts';

const run = promisify(execFile);
const sbin = '/usr/sbin';

const faketime = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';

export const realm = 'CORP.EXAMPLE';

/** Null when the programs are there; with CI set their absence rejects instead. */
export async function missingKdc(): Promise<string | null> {
  try {
    const programs = ['krb5kdc', 'kadmin.local', 'kdb5_util'].map((name) => join(sbin, name));
    await Promise.all([...programs, faketime].map((file) => access(file)));
    return null;
  } catch (cause) {
    const reason = 'no KDC: krb5-kdc, krb5-admin-server or libfaketime is not installed';
    if (process.env['CI'] !== undefined) throw new Error(reason, { cause });
    console.warn(`skipped: ${reason}`);
    return reason;
  }
}

export interface Kdc {
  readonly folder: string;
  readonly port: number;
  /** For programs that are to find this realm: KRB5_CONFIG, KRB5CCNAME and the like. */
  readonly environment: Readonly<Record<string, string>>;
  /** One command of kadmin.local. */
  admin(command: string): Promise<void>;
  /** Fills the ticket cache, as a person does with `kinit`. Further flags go before the principal. */
  kinit(principal: string, password: string, flags?: readonly string[]): Promise<void>;
  kdestroy(): Promise<void>;
  /** Writes the keys of these principals into a keytab; resolves with its path. */
  keytab(name: string, ...principals: readonly string[]): Promise<string>;
  /** `aheadSeconds`: how far its clock is ahead, with libfaketime. */
  start(aheadSeconds?: number): Promise<void>;
  halt(): Promise<void>;
  dispose(): Promise<void>;
}

export async function createKdc(): Promise<Kdc> {
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-kdc-'));
  const port = await freePort();
  const environment = {
    KRB5_CONFIG: join(folder, 'krb5.conf'),
    KRB5_KDC_PROFILE: join(folder, 'kdc.conf'),
    KRB5CCNAME: `FILE:${join(folder, 'cache')}`,
    KRB5RCACHETYPE: 'none',
  };
  await writeFile(environment.KRB5_CONFIG, clientConfig(port));
  await writeFile(environment.KRB5_KDC_PROFILE, serverConfig(port, folder));
  const env = { ...process.env, ...environment };
  await run(join(sbin, 'kdb5_util'), ['create', '-s', '-P', 'master-key', '-r', realm], { env });
  let child: ChildProcess | null = null;

  async function admin(command: string): Promise<void> {
    const { stderr } = await run(join(sbin, 'kadmin.local'), ['-r', realm, '-q', command], { env });
    if (/error|unknown|failed/i.test(stderr)) throw new Error(`kadmin.local ${command}: ${stderr}`);
  }

  async function halt(): Promise<void> {
    const running = child;
    child = null;
    if (running === null) return;
    const ended = new Promise((resolve) => running.once('close', resolve));
    running.kill('SIGTERM');
    await ended;
  }

  return {
    folder,
    port,
    environment,
    admin,
    async kinit(principal, password, flags = []) {
      const started = spawn(join('/usr/bin', 'kinit'), [...flags, principal], {
        env,
        stdio: ['pipe', 'ignore', 'pipe'],
      });
      let complaints = '';
      started.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
      started.stdin.end(`${password}\n`);
      const code = await new Promise((resolve) => started.once('close', resolve));
      if (code !== 0) throw new Error(`kinit ${principal}: ${complaints}`);
    },
    async kdestroy() {
      await run(join('/usr/bin', 'kdestroy'), ['-q'], { env });
    },
    async keytab(name, ...principals) {
      const path = join(folder, name);
      await admin(`ktadd -norandkey -k ${path} ${principals.join(' ')}`);
      return path;
    },
    async start(aheadSeconds = 0) {
      const clock = aheadSeconds === 0 ? {} : { LD_PRELOAD: faketime, FAKETIME: `+${aheadSeconds}s` };
      const started = spawn(join(sbin, 'krb5kdc'), ['-n', '-r', realm], { env: { ...env, ...clock }, stdio: 'ignore' });
      child = started;
      while (!(await answers(port))) {
        if (started.exitCode !== null) throw new Error(`krb5kdc ended with ${started.exitCode}`);
        await delay(20);
      }
    },
    halt,
    async dispose() {
      await halt();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** krb5.conf for a realm whose KDC is on this port of loopback. `settings`: more lines for libdefaults. */
export function clientConfig(port: number, settings: readonly string[] = [], ofRealm = realm): string {
  return `[libdefaults]
${settings.map((one) => `  ${one}\n`).join('')}  default_realm = ${ofRealm}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
[realms]
  ${ofRealm} = {
    kdc = 127.0.0.1:${port}
  }
[domain_realm]
  localhost = ${ofRealm}
  .corp.example = ${ofRealm}
  .other.example = OTHER.EXAMPLE
`;
}

function serverConfig(port: number, folder: string): string {
  return `[kdcdefaults]
  kdc_listen = 127.0.0.1:${port}
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${realm} = {
    database_name = ${join(folder, 'database')}
    key_stash_file = ${join(folder, 'stash')}
    acl_file = ${join(folder, 'acl')}
  }
[logging]
  kdc = FILE:${join(folder, 'kdc.log')}
`;
}

export async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
