// I/O: the locks that a run holds, and taking them from it. It asks nobody: who calls it has said what is overridden.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isSetAside, takeAway } from './left/left-claims.ts';
import {
  deadAfterMs,
  identifyProcess,
  judgeLife,
  type Life,
  type LockHolder,
  type ProcessIdentity,
} from './lock-holder.ts';

export interface HeldLock {
  /** What it is known by where it is kept. */
  readonly id: string;
  readonly holder: LockHolder;
  readonly life: Life;
  /** Since its last sign of life. */
  readonly silentMs: number;
  /** Without one for so long it counts as dead. */
  readonly deadAfterMs: number;
}

/** By label. `nowMs`: of the clock by which the files' times are. */
export async function listLocks(
  directory: string,
  run: string,
  nowMs: number,
  self: ProcessIdentity = identifyProcess(),
): Promise<readonly HeldLock[]> {
  const folder = join(directory, 'locks');
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => !name.startsWith('unfinished.') && !isSetAside(name))
      .map((name) => readLock(join(folder, name), nowMs, self)),
  );
  return found
    .filter((one) => one !== null)
    .filter((one) => one.holder.run === run)
    .toSorted((a, b) => (a.holder.label < b.holder.label ? -1 : 1));
}

async function readLock(file: string, nowMs: number, self: ProcessIdentity): Promise<HeldLock | null> {
  try {
    const holder = JSON.parse(await readFile(file, 'utf8')) as LockHolder;
    const silentMs = Math.max(0, nowMs - (await stat(file)).mtimeMs);
    return { id: file, holder, life: judgeLife(holder, silentMs, self), silentMs, deadAfterMs };
  } catch {
    return null;
  }
}

/** A lock that was given back meanwhile is no error. */
export async function removeLocks(locks: readonly HeldLock[]): Promise<void> {
  for (const { id, holder } of locks) await takeAway(dirname(id), basename(id), holder, null);
}
