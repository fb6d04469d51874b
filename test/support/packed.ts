// The npm package as a user gets it: packed from a copy of the sources without dist/, as a fresh clone is, and installed without the network
// and without this repository's packages in reach.
import { execFile } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from './cli.ts';

const run = promisify(execFile);

/** The sources, as in a fresh clone after `npm ci`. */
export async function copySources(clone: string): Promise<void> {
  const { stdout } = await run('git', ['ls-files', '-coz', '--exclude-standard'], { cwd: repository });
  for (const file of stdout.split('\0').filter((one) => one !== '' && !one.startsWith('test/'))) {
    await mkdir(join(clone, dirname(file)), { recursive: true });
    await cp(join(repository, file), join(clone, file));
  }
  await symlink(join(repository, 'node_modules'), join(clone, 'node_modules'));
}

/** Packs as README says; resolves with the file. */
export async function pack(clone: string): Promise<string> {
  const printed = await npm(['run', '--silent', 'package'], clone);
  return printed.trimEnd().split('\n').at(-1) ?? '';
}

/** A project that has only the package; resolves with the package's folder. */
export async function installPacked(tarball: string, project: string): Promise<string> {
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
  await npm(['install', '--omit=optional', '--offline', tarball], project);
  return join(project, 'node_modules/fencepost');
}

/** npm with its own environment only, so that what runs this test sets nothing for it. */
export async function npm(args: readonly string[], cwd: string): Promise<string> {
  const { PATH = '', HOME = '' } = process.env;
  return (await run('npm', args, { cwd, env: { PATH, HOME }, maxBuffer: 2 ** 24 })).stdout;
}
