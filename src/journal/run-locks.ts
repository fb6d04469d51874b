// I/O: whether the process of a run lives, for whoever watches: it takes no lock and removes none. What can't be read counts as alive, for
// a run that works must not be called dead.
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readErrnoCode } from '../model/failures/errno-code.ts';
import { identifyProcess, judgeLife, type LockHolder, type ProcessIdentity } from './lock-holder.ts';

export interface RunLock {
  readonly run: string;
  /** `operator@jump01 (process 4711)`; null: not known. */
  readonly holder: string | null;
  /** Its process lives, or gave a sign of life lately. */
  readonly isAlive: boolean;
}

/** As lock.ts names the lock of `run NAME`. */
const runLock = /^run_([\w.-]+)-[0-9a-f]{12}\.lock\.[0-9a-f]{12}$/;

/** The locks of runs themselves, not of their hosts; dead ones too. Rejects as the file system does. */
export async function listRunLocks(
  directory: string,
  self: ProcessIdentity = identifyProcess(),
): Promise<readonly RunLock[]> {
  const folder = join(directory, 'locks');
  const names = await readdir(folder).catch((thrown: unknown) => {
    if (readErrnoCode(thrown) === 'ENOENT') return [];
    throw thrown;
  });
  const claims = names.flatMap((name) => {
    const run = runLock.exec(name)?.[1];
    return run === undefined ? [] : [{ name, run }];
  });
  if (claims.length === 0) return [];
  const nowMs = await readFileTime(folder);
  const found = await Promise.all(
    claims.map(async ({ name, run }): Promise<readonly RunLock[]> => {
      const holder = await readHolder(join(folder, name));
      if (holder === 'gone') return [];
      if (typeof holder === 'string') return [{ run, holder: null, isAlive: holder === 'unread' }];
      const silentMs =
        nowMs -
        (await stat(join(folder, name)).then(
          ({ mtimeMs }) => mtimeMs,
          () => nowMs,
        ));
      const life = judgeLife(holder, silentMs, self);
      const words = `${holder.user}@${holder.machine} (process ${holder.processId})`;
      return [{ run: holder.run, holder: words, isAlive: life === 'lives' || life === 'beats' }];
    }),
  );
  return found.flat();
}

/** Now, by the clock that dates the files: another machine's may be wrong. */
async function readFileTime(folder: string): Promise<number> {
  const file = join(folder, `unfinished.${randomBytes(6).toString('hex')}.time`);
  try {
    await writeFile(file, '', { flag: 'wx', mode: 0o600 });
    return (await stat(file)).mtimeMs;
  } finally {
    await rm(file, { force: true });
  }
}

async function readHolder(file: string): Promise<LockHolder | 'gone' | 'unread' | 'damaged'> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as LockHolder;
  } catch (thrown) {
    const code = readErrnoCode(thrown);
    if (code === null) return 'damaged';
    return code === 'ENOENT' ? 'gone' : 'unread';
  }
}
