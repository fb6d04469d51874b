// I/O: loads a native module that lies inside the single executable (.build/binary.mjs puts this in the place of the packages' loaders). No
// system loads one from memory, so it is written to a folder of this user alone, loaded, and deleted; on Windows a loaded file can't be
// deleted, and is used again.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getRawAsset } from 'node:sea';
import { Failure } from '../../model/failure.ts';
import { makeCacheDirectory } from './cache-directory.ts';

export type NativeModule = 'koffi.node' | 'keyring.node';

/** Throws Failure where no folder of this user alone can be had, or none from which code may be run. */
export function loadNativeModule(name: NativeModule): unknown {
  const bytes = new Uint8Array(getRawAsset(name) as ArrayBuffer);
  const cache = makeCacheDirectory('native');
  if (cache === null) throw createFailure(name, 'there is no folder that only you can write', null);
  try {
    return process.platform === 'win32' ? openModule(keepFile(cache, bytes)) : loadOnce(cache, name, bytes);
  } catch (thrown) {
    throw createFailure(name, `it can't be loaded from ${cache}`, thrown);
  }
}

function createFailure(name: NativeModule, why: string, cause: unknown): Failure {
  const [code, what] =
    name === 'koffi.node'
      ? (['auth/kerberos-library', 'Kerberos'] as const)
      : (['secret/missing', 'the keyring'] as const);
  const hint =
    process.platform === 'win32'
      ? 'let LOCALAPPDATA name a folder of yours from which programs may be run'
      : 'let XDG_CACHE_HOME name a folder of yours, in one that only you can write, from which programs may be run';
  return new Failure(code, `${what} needs a module that is inside this executable, and ${why}`, { hint, cause });
}

function loadOnce(cache: string, name: string, bytes: Uint8Array): unknown {
  // A folder of its own for each process; Node names and closes it.
  const folder = mkdtempSync(join(cache, 'load-'));
  try {
    const file = join(folder, name);
    writeFileSync(file, bytes, { flag: 'wx', mode: 0o500 });
    return openModule(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file of this very content; one that differs is replaced. */
function keepFile(folder: string, bytes: Uint8Array): string {
  const file = join(folder, `${createHash('sha256').update(bytes).digest('hex')}.node`);
  if (!hasContent(file, bytes)) {
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, bytes, { flag: 'wx' });
    renameSync(unfinished, file);
  }
  return file;
}

function hasContent(file: string, bytes: Uint8Array): boolean {
  try {
    return readFileSync(file).equals(bytes);
  } catch {
    return false;
  }
}

function openModule(file: string): unknown {
  const opened = { exports: {} as unknown };
  process.dlopen(opened, file);
  return opened.exports;
}
