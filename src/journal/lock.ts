// I/O: one run per host at a time within one state directory. A lock is a file that names its holder; it counts only while that very
// process lives, so a lock never outlives its run. A dead holder's lock is taken over, and that is said.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../model/failure.ts';

export interface LockHolder {
  readonly run: string;
  /** What is locked, in words: a host's name, or `run 20261124-...`. */
  readonly label: string;
  readonly user: string;
  readonly machine: string;
  readonly processId: number;
  /** When the process began, as the system tells it; null where it can't be known. A recycled process id is told apart by it. */
  readonly processStart: string | null;
  /** ISO 8601. */
  readonly since: string;
}

export interface Lockable {
  /** What is locked, the same for every name it goes by: `127.0.0.1:5985`. */
  readonly key: string;
  readonly label: string;
}

export interface Locks {
  /** Rejects with Failure `run/host-locked` while a live process holds it, this one included. */
  acquire(what: Lockable): Promise<{ release(): Promise<void> }>;
}

export interface LockOptions {
  readonly directory: string;
  readonly run: string;
  readonly user: string;
  readonly now: () => string;
  /** Told when a dead holder's lock is taken over. */
  readonly onTakeover: (label: string, holder: LockHolder | null) => void;
}

export function createLocks(options: LockOptions): Locks {
  const folder = join(options.directory, 'locks');
  return {
    async acquire(what) {
      const file = join(folder, lockName(what));
      const holder: LockHolder = {
        run: options.run,
        label: what.label,
        user: options.user,
        machine: hostname(),
        processId: process.pid,
        processStart: processStart(process.pid),
        since: options.now(),
      };
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // Each round either creates the lock, finds a live holder, or takes a dead one away; the bound is for a storm of rivals.
      for (let round = 0; round < 20; round += 1) {
        if (await createLock(file, holder)) return { release: () => releaseLock(file, holder) };
        const found = await readHolder(file);
        if (found === 'gone') continue;
        if (found !== 'unreadable' && isAlive(found)) throw lockedBy(what, found);
        if (found === 'unreadable' && !(await isOld(file))) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          continue;
        }
        if (await removeDead(file, found)) options.onTakeover(what.label, found === 'unreadable' ? null : found);
      }
      throw new Failure('run/host-locked', `the lock of ${what.label} changes hands too quickly`, {
        where: what.label,
        hint: 'another run is beginning on this host: look at fencepost runs',
      });
    },
  };
}

function lockName({ key }: Lockable): string {
  const plain = key.toLowerCase();
  const digest = createHash('sha256').update(plain).digest('hex').slice(0, 12);
  return `${plain.replaceAll(/[^a-z0-9.-]/g, '_')}-${digest}.lock`;
}

async function createLock(file: string, holder: LockHolder): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(holder)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return false;
    throw new Failure('journal/unwritable', `the lock ${file} can't be written`, {
      where: holder.label,
      cause: thrown,
    });
  }
}

async function readHolder(file: string): Promise<LockHolder | 'gone' | 'unreadable'> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as LockHolder;
  } catch (thrown) {
    return codeOf(thrown) === 'ENOENT' ? 'gone' : 'unreadable';
  }
}

/** A lock that is empty because its holder died between creating and filling it. */
async function isOld(file: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(file)).mtimeMs > 2000;
  } catch {
    return false;
  }
}

/** Moves the lock aside before it is deleted: of two rivals only one moves it, and only if it still is the dead one's. */
async function removeDead(file: string, found: LockHolder | 'unreadable'): Promise<boolean> {
  const aside = `${file}.${process.pid}.dead`;
  try {
    await rename(file, aside);
  } catch {
    return false;
  }
  const moved = await readHolder(aside);
  const isSame = JSON.stringify(moved) === JSON.stringify(found);
  if (!isSame && typeof moved === 'object' && isAlive(moved)) {
    // A rival took over between our look and our move: give it back.
    await rename(aside, file).catch(() => undefined);
    return false;
  }
  await rm(aside, { force: true });
  return true;
}

async function releaseLock(file: string, holder: LockHolder): Promise<void> {
  const found = await readHolder(file);
  if (typeof found === 'object' && found.processId === holder.processId && found.since === holder.since) {
    await rm(file, { force: true });
  }
}

/** A holder on another machine (a shared state directory) can't be asked and counts as alive. */
function isAlive(holder: LockHolder): boolean {
  if (holder.machine !== hostname()) return true;
  try {
    process.kill(holder.processId, 0);
  } catch (thrown) {
    if (codeOf(thrown) !== 'EPERM') return false;
  }
  const start = processStart(holder.processId);
  return start === null || holder.processStart === null || start === holder.processStart;
}

/** Field 22 of /proc/PID/stat (proc(5)); null where there is no /proc, and for a zombie, which holds nothing any more. */
function processStart(processId: number): string | null {
  try {
    const fields = readFileSync(`/proc/${processId}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? 'zombie' : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function lockedBy({ label }: Lockable, holder: LockHolder): Failure {
  const who = `${holder.user} on ${holder.machine} (process ${holder.processId})`;
  return new Failure('run/host-locked', `${label} is in change by run ${holder.run} of ${who} since ${holder.since}`, {
    where: label,
    hint: `wait for it, or look at it: fencepost runs show ${holder.run}`,
  });
}

function codeOf(thrown: unknown): string | null {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
}
