// I/O: makes a directory and those above it. Node's own `mkdir` with `recursive` never returns where nothing can be made and the system
// says ENOENT, as below /proc; this one tries each directory once.
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { readErrnoCode } from '../model/failures/errno-code.ts';

/** Rejects as the file system does. A directory that is there keeps its mode. */
export async function makeDirectory(directory: string, mode = 0o777): Promise<void> {
  const missing: string[] = [];
  for (let at = resolve(directory); !(await isMade(at, mode)); at = dirname(at)) {
    missing.push(at);
    if (dirname(at) === at) break;
  }
  for (const each of missing.toReversed()) await makeOne(each, mode);
}

/** False: what it would lie in is missing. */
async function isMade(directory: string, mode: number): Promise<boolean> {
  try {
    await makeOne(directory, mode);
    return true;
  } catch (thrown) {
    if (readErrnoCode(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}

async function makeOne(directory: string, mode: number): Promise<void> {
  try {
    await mkdir(directory, { mode });
  } catch (thrown) {
    if (readErrnoCode(thrown) === 'ENOENT' || !(await isDirectory(directory))) throw thrown;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
