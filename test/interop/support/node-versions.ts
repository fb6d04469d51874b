// Node in other versions than the one that runs the tests, as npm serves it. Fetched once into .fencepost/downloads, by npm and its cache.
import { execFile } from 'node:child_process';
import { access, mkdir, rm } from 'node:fs/promises';
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
