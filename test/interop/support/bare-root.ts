// A bare Debian in a folder: what debootstrap's smallest variant has and nothing else, made by mmdebstrap from Debian's own packages with apt's
// settings of this machine. Needs root, for chroot; it starts nothing that stays.
import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { fetchNode } from './node-versions.ts';

const run = promisify(execFile);

export interface BareRoot {
  readonly root: string;
  /** Node and npm below /usr/local, where the images of Node have them. */
  addNode(major: number): Promise<void>;
  /** What npm needs to reach this machine's registry from inside. */
  npmEnvironment(): Promise<Readonly<Record<string, string>>>;
  remove(): Promise<void>;
}

/** Null when one can be made; with CI set its absence rejects instead. */
export async function missingBareRoot(): Promise<string | null> {
  try {
    if (process.getuid?.() !== 0) throw new Error('not root');
    await run('mmdebstrap', ['--version']);
    await run('unshare', ['--mount', 'true']);
    return null;
  } catch (cause) {
    const reason = 'no bare Debian: mmdebstrap is not installed, or this is not root';
    if (process.env['CI'] !== undefined) throw new Error(reason, { cause });
    console.warn(`skipped: ${reason}`);
    return reason;
  }
}

export async function openBareRoot(): Promise<BareRoot> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'fencepost-bare-')));
  const root = join(folder, 'root');
  await run('mmdebstrap', ['--quiet', '--variant=apt', '--mode=root', 'bookworm', root]);
  for (const file of ['/etc/resolv.conf', '/etc/hosts']) await copyFile(file, join(root, file));
  return {
    root,
    async addNode(major) {
      await mkdir(join(root, 'usr/local/bin'), { recursive: true });
      await copyFile(await fetchNode(major), join(root, 'usr/local/bin/node'));
      const { stdout } = await run('sh', ['-c', 'readlink -f "$(command -v npm)"']);
      await cp(dirname(dirname(stdout.trim())), join(root, 'usr/local/lib/node_modules/npm'), { recursive: true });
      await run('ln', ['-s', '../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm')]);
    },
    async npmEnvironment() {
      const setting = async (name: string): Promise<string> =>
        (await run('npm', ['config', 'get', name], { cwd: folder })).stdout.trim();
      const [registry, authorities] = await Promise.all([setting('registry'), setting('cafile')]);
      const env = { npm_config_registry: registry };
      if (!authorities.startsWith('/')) return env;
      await copyFile(authorities, join(root, 'opt/authorities.pem'));
      return { ...env, npm_config_cafile: '/opt/authorities.pem' };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
