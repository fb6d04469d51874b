// Node in other versions than the one that runs the tests, as npm serves it. Fetched once into .fencepost/downloads, by npm and its cache.
import { execFile } from 'node:child_process';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../../support/cli.ts';

const run = promisify(execFile);
const downloads = join(repository, '.fencepost/downloads');

/** The program of the newest Node of this major version. */
export async function fetchNode(major: number, platform: 'linux-x64' | 'win-x64' = 'linux-x64'): Promise<string> {
  const isWindows = platform === 'win-x64';
  const folder = join(downloads, `node-${isWindows ? 'win-' : ''}${String(major)}`);
  const file = isWindows ? 'bin/node.exe' : 'bin/node';
  const program = join(folder, file);
  if (await isThere(program)) return program;
  await mkdir(folder, { recursive: true });
  const name = `node-${platform}@${String(major)}`;
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder, name], { cwd: repository });
  const archive = join(folder, stdout.trim());
  await run('tar', ['xzf', archive, '-C', folder, '--strip-components=1', `package/${file}`]);
  await rm(archive);
  return program;
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** The folder `node_modules` with koffi, in the version of package-lock.json, and its compiled part for this platform. */
export async function fetchKoffi(os: string, cpu: string): Promise<string> {
  const folder = join(downloads, `koffi-${os}-${cpu}`);
  const modules = join(folder, 'node_modules');
  if (await isThere(join(modules, `@koromix/koffi-${os}-${cpu}`))) return modules;
  const { version } = JSON.parse(await readFile(join(repository, 'node_modules/koffi/package.json'), 'utf8')) as {
    readonly version: string;
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  const flags = ['--silent', '--no-audit', '--no-fund', `--os=${os}`, `--cpu=${cpu}`];
  await run('npm', ['install', ...flags, `koffi@${version}`], { cwd: folder });
  return modules;
}
