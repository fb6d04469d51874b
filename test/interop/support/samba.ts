// A domain controller of Samba's on loopback for one test file, of which only the KDC runs. It needs Debian's samba-ad-dc,
// samba-ad-provision and samba-dsdb-modules, keeps everything in a temporary folder and ends only the process that it started.
import { execFile, spawn } from 'node:child_process';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { answers, clientConfig } from './kdc.ts';
import { freePort } from './shared/free-port.ts';

const run = promisify(execFile);

export const sambaRealm = 'AD.EXAMPLE';

/** Null when the programs are there; with CI set their absence rejects instead. */
export async function missingSamba(): Promise<string | null> {
  try {
    const needed = ['/usr/sbin/samba', '/usr/bin/samba-tool', '/usr/share/samba/setup/ad-schema'];
    await Promise.all(needed.map((file) => access(file)));
    return null;
  } catch (cause) {
    const reason = 'no Samba KDC: samba-ad-dc or samba-ad-provision is not installed';
    if (process.env['CI'] !== undefined) throw new Error(reason, { cause });
    console.warn(`skipped: ${reason}`);
    return reason;
  }
}

export interface SambaKdc {
  readonly folder: string;
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  /** `samba-tool ARGS` on this domain. */
  tool(...args: readonly string[]): Promise<void>;
  /** The keys of this principal; resolves with the file's path. */
  keytab(principal: string): Promise<string>;
  dispose(): Promise<void>;
}

export async function createSambaKdc(): Promise<SambaKdc> {
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-samba-'));
  const [port, passwordPort] = [await freePort(), await freePort()];
  const domain = join(folder, 'dc');
  const settings = {
    'pid directory': folder,
    'ncalrpc dir': join(folder, 'ncalrpc'),
    'log file': join(folder, 'samba.log'),
    interfaces: 'lo',
    'bind interfaces only': 'yes',
    'krb5 port': String(port),
    'kpasswd port': String(passwordPort),
    'server services': 'kdc',
    'dcerpc endpoint servers': '',
    'vfs objects': '',
  };
  await run('samba-tool', [
    ...['domain', 'provision', `--targetdir=${domain}`, `--realm=${sambaRealm}`, '--domain=AD', '--server-role=dc'],
    ...['--dns-backend=NONE', '--adminpass=Admin-Pass-1!', '--host-name=dc1', '--host-ip=127.0.0.1'],
    ...Object.entries(settings).map(([name, value]) => `--option=${name}=${value}`),
  ]);
  const config = join(domain, 'etc', 'smb.conf');
  const child = spawn('/usr/sbin/samba', ['-i', '-M', 'single', '-s', config, '--debug-stdout'], { stdio: 'ignore' });
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`samba ended with ${child.exitCode}`);
    await delay(50);
  }
  const environment = {
    KRB5_CONFIG: join(folder, 'krb5.conf'),
    KRB5CCNAME: `FILE:${join(folder, 'cache')}`,
    KRB5RCACHETYPE: 'none',
  };
  await writeFile(environment.KRB5_CONFIG, clientConfig(port, [], sambaRealm));

  async function tool(...args: readonly string[]): Promise<void> {
    await run('samba-tool', [...args, '-s', config]);
  }

  return {
    folder,
    port,
    environment,
    tool,
    async keytab(principal) {
      const file = join(folder, `${principal.replaceAll(/\W/g, '-')}.keytab`);
      await tool('domain', 'exportkeytab', file, `--principal=${principal}`);
      return file;
    },
    async dispose() {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
