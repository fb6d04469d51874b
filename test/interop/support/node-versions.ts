// Node in other versions than the one that runs the tests, as npm serves it. Fetched once into .fencepost/downloads, by npm and its cache.
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../../support/cli.ts';
import { isThere, underLock } from './shared/made-once.ts';

const run = promisify(execFile);
const downloads = join(repository, '.fencepost/downloads');

/** The program of the newest Node of this major version. */
export function fetchNode(major: number, platform: 'linux-x64' | 'win-x64' = 'linux-x64'): Promise<string> {
  const folder = `node-${platform === 'win-x64' ? 'win-' : ''}${String(major)}`;
  return underLock(folder, () => fetchNodeInto(join(downloads, folder), major, platform));
}

async function fetchNodeInto(folder: string, major: number, platform: 'linux-x64' | 'win-x64'): Promise<string> {
  const file = platform === 'win-x64' ? 'bin/node.exe' : 'bin/node';
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

/** The folder `node_modules` with koffi, in the version of package-lock.json, and its compiled part for this platform. */
export function fetchKoffi(os: string, cpu: string): Promise<string> {
  const folder = `koffi-${os}-${cpu}`;
  return underLock(folder, () => fetchKoffiInto(join(downloads, folder), os, cpu));
}

async function fetchKoffiInto(folder: string, os: string, cpu: string): Promise<string> {
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
