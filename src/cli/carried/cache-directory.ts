// I/O: a folder of this user for what can be made again at any time, and which is nevertheless run as code: compiled code, and native
// modules on their way into the process. So it is refused where another user could write into it or put another in its place; the
// temporary folder is never used.
import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { readErrnoCode } from '../../model/failures/errno-code.ts';

/** Null where no such folder can be had: no home, a read-only one, one of another user. Never throws. */
export function makeCacheDirectory(name: string): string | null {
  try {
    const base = findCaches();
    const own = join(base, 'fencepost');
    const folder = join(own, name);
    // One by one: `recursive` never returns where nothing can be made (files/make-directory.ts).
    makeOne(base);
    if (!isWrittenByUsAlone(base)) return null;
    for (const each of [own, folder]) makeOne(each);
    return isOursAlone(own) && isOursAlone(folder) ? folder : null;
  } catch {
    return null;
  }
}

/** A path that is not absolute is none, as the XDG specification has it. */
function findCaches(): string {
  const { env, platform } = process;
  const [named = '', usual] =
    platform === 'win32'
      ? [env['LOCALAPPDATA'], join(homedir(), 'AppData', 'Local')]
      : [env['XDG_CACHE_HOME'], join(homedir(), '.cache')];
  return isAbsolute(named) ? named : usual;
}

function makeOne(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (thrown) {
    if (readErrnoCode(thrown) !== 'EEXIST') throw thrown;
  }
}

/** Modes and owners mean nothing on Windows, where the profile of a user is closed to the others. */
function isOursAlone(folder: string): boolean {
  if (process.platform === 'win32') return true;
  const found = lstatSync(folder);
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
}

/** Others may look into it; who may write there could put a folder of theirs in the place of ours. */
function isWrittenByUsAlone(folder: string): boolean {
  if (process.platform === 'win32') return true;
  const found = statSync(folder);
  return found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}
