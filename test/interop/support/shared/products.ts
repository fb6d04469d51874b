// What this repository gives out, each made once for all files that look at it: the npm package and the single executable.
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../../../support/cli.ts';
import { copySources, pack } from '../../../support/packed.ts';
import { makeOnce, underLock } from './made-once.ts';

const run = promisify(execFile);
export const tarballName = 'fencepost-0.1.0.tgz';
const binaryName = 'fencepost-linux-x64';

/** The npm package, out of a fresh clone. */
export async function packedOnce(): Promise<string> {
  return join(
    await makeOnce('package', async (folder) => copyFile(await packIn(folder), join(folder, tarballName))),
    tarballName,
  );
}

async function packIn(folder: string): Promise<string> {
  const clone = join(folder, 'clone');
  await copySources(clone);
  return pack(clone);
}

/** Packed again, in another clone. */
export async function packAgain(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-packed-'));
  try {
    return await readFile(await packIn(folder));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The single executable for this machine. */
export async function binaryOnce(): Promise<string> {
  return join(
    await makeOnce('binary', async (folder) => copyFile(await buildBinary(), join(folder, binaryName))),
    binaryName,
  );
}

/** Built again, as it is now in the repository. */
export function buildBinaryAgain(): Promise<Buffer> {
  return underLock('binary', async () => readFile(await buildBinary()));
}

async function buildBinary(): Promise<string> {
  await run(process.execPath, ['.build/binary.mjs', 'linux-x64'], { cwd: repository });
  return join(repository, '.fencepost/binary', binaryName);
}
