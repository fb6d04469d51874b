// I/O: one run per host at a time within one state directory. A lock is a file that names its holder; it counts only while that very
// process lives, so a lock never outlives its run. A dead holder's lock is taken over, and that is said.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeDirectory } from '../files/make-directory.ts';
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

interface Lockable {
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

/** How long a claim may wait for later ones to be withdrawn. */
const patienceMs = 300;
const pollMs = 10;

/**
 * Everybody who wants a lock lays down a claim of their own first and looks for others afterwards; whoever sees no other live claim
 * holds it. Of two rivals at least the later one sees the other, so there are never two holders, whoever dies when.
 */
export function createLocks(options: LockOptions): Locks {
  const folder = join(options.directory, 'locks');
  return {
    async acquire(what) {
      const name = lockName(what);
      const claim = `${name}.${randomBytes(6).toString('hex')}`;
      const holder: LockHolder = {
        run: options.run,
        label: what.label,
        user: options.user,
        machine: hostname(),
        processId: process.pid,
        processStart: processStart(process.pid),
        since: options.now(),
      };
      await layDown(folder, claim, holder);
      // A claim that can't be removed holds only while this process lives; it must not change what became of the host.
      const release = (): Promise<void> => rm(join(folder, claim), { force: true }).catch(() => undefined);
      const begun = performance.now();
      for (;;) {
        const rivals = await liveClaims(folder, name, claim, (dead) => {
          options.onTakeover(what.label, dead);
        });
        const [first] = rivals;
        if (first === undefined) return { release };
        // Of claims laid down at once the one with the lowest name stays and waits for the others to give way.
        const isLowest = rivals.every((one) => claim < one.claim);
        if (!isLowest || performance.now() - begun > patienceMs) {
          await release();
          throw lockedBy(what, first.holder);
        }
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    },
  };
}

function lockName({ key }: Lockable): string {
  const plain = key.toLowerCase();
  const digest = createHash('sha256').update(plain).digest('hex').slice(0, 12);
  return `${plain.replaceAll(/[^a-z0-9.-]/g, '_')}-${digest}.lock`;
}

/** The claim appears whole or not at all: it is written under another name first. */
async function layDown(folder: string, claim: string, holder: LockHolder): Promise<void> {
  const unfinished = join(folder, `unfinished.${claim}`);
  try {
    await makeDirectory(folder, 0o700);
    const handle = await open(unfinished, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(holder)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, join(folder, claim));
  } catch (thrown) {
    throw new Failure('journal/unwritable', `the lock can't be written in ${folder}`, {
      where: holder.label,
      hint: 'make room, or name another directory with --state-dir; nothing was changed',
      cause: thrown,
    });
  }
}

interface Claim {
  readonly claim: string;
  readonly holder: LockHolder;
}

/** The other claims whose process lives. A dead one's is removed: its name is never used again, so nobody else's can be meant. */
async function liveClaims(
  folder: string,
  name: string,
  own: string,
  onTakeover: (holder: LockHolder | null) => void,
): Promise<readonly Claim[]> {
  const alive: Claim[] = [];
  for (const claim of await readdir(folder)) {
    if (!claim.startsWith(`${name}.`) || claim === own) continue;
    const holder = await readHolder(join(folder, claim));
    if (holder === 'gone') continue;
    if (holder !== 'unreadable' && isAlive(holder)) alive.push({ claim, holder });
    else if (await isRemoved(join(folder, claim))) onTakeover(holder === 'unreadable' ? null : holder);
  }
  return alive;
}

async function readHolder(file: string): Promise<LockHolder | 'gone' | 'unreadable'> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as LockHolder;
  } catch (thrown) {
    return codeOf(thrown) === 'ENOENT' ? 'gone' : 'unreadable';
  }
}

/** Of several that remove a dead claim, one is told that it did. */
async function isRemoved(file: string): Promise<boolean> {
  try {
    await rm(file);
    return true;
  } catch {
    return false;
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
  return new Failure('run/host-locked', `being changed by run ${holder.run} of ${who} since ${holder.since}`, {
    where: label,
    hint: `wait for it, or look at it: fencepost runs show ${holder.run}`,
  });
}

function codeOf(thrown: unknown): string | null {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
}
