// I/O: one run per host at a time within one state directory. A lock is a file that names its holder; it counts only while that very
// process lives, so a lock never outlives its run. A dead holder's lock is taken over, and that is said; of what it may have left on the host
// left/left-claims.ts keeps the knowledge.
import { createHash, randomBytes } from 'node:crypto';
import { open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '../files/make-directory.ts';
import { renameFile } from '../files/rename-file.ts';
import { Failure } from '../model/failure.ts';
import {
  beatMs,
  deadAfterMs,
  identifyProcess,
  judgeLife,
  type LockHolder,
  type ProcessIdentity,
} from './lock-holder.ts';
import { readErrnoCode } from '../model/failures/errno-code.ts';
import type { LeftOnHost } from '../model/history.ts';
import { readLeft, settleLeft, takeAway, type ReadRun } from './left/left-claims.ts';

interface Lockable {
  /** What is locked, the same for every name it goes by: `127.0.0.1:5985`. */
  readonly key: string;
  readonly label: string;
}

interface HeldLease {
  /** Throws Failure `run/lease-lost` when it may be another's by now. Left out: it lasts as long as this process. */
  refuseLost?(): void;
  /** What other runs from which it was taken may have left on the host. Left out: nothing. Throws Failure `run/left-behind`. */
  readLeft?(): Promise<readonly LeftOnHost[]>;
  /** To be called once nothing of that run is left there. */
  settleLeft?(run: string): Promise<void>;
  release(): Promise<void>;
}

export interface Locks {
  /** Rejects with Failure `run/host-locked` while a live process holds it, this one included. */
  acquire(what: Lockable): Promise<HeldLease>;
}

export interface LockOptions {
  readonly directory: string;
  readonly run: string;
  readonly user: string;
  readonly now: () => string;
  /** Told when a dead holder's lock is taken over. */
  readonly onTakeover: (label: string, holder: LockHolder | null) => void;
  /** Left out: nobody asks what another run left where a lock is taken over. */
  readonly readRun?: ReadRun;
  /** Default: this process, and its own heartbeat. */
  readonly self?: ProcessIdentity;
  readonly beatMs?: number;
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
  const self = options.self ?? identifyProcess();
  return {
    async acquire(what) {
      const name = lockName(what);
      const claim = `${name}.${randomBytes(6).toString('hex')}`;
      const holder: LockHolder = {
        run: options.run,
        label: what.label,
        user: options.user,
        ...self,
        since: options.now(),
      };
      await layDown(folder, claim, holder);
      // A claim that can't be removed holds only while this process lives; it must not change what became of the host.
      const beating = setInterval(() => void beat(join(folder, claim)), options.beatMs ?? beatMs);
      beating.unref();
      const release = async (): Promise<void> => {
        clearInterval(beating);
        await rm(join(folder, claim), { force: true }).catch(() => undefined);
      };
      const { readRun } = options;
      const aside = { folder, name, run: options.run };
      const left = readRun && {
        readLeft: () => readLeft(aside, readRun),
        settleLeft: (run: string) => settleLeft(aside, run),
      };
      const started = performance.now();
      for (;;) {
        const search = { folder, name, own: claim, self, label: what.label, run: options.run };
        const rivals = await liveClaims(search, (dead) => {
          options.onTakeover(what.label, dead);
        }).catch(async (thrown: unknown) => {
          await release();
          throw thrown;
        });
        const [first] = rivals;
        if (first === undefined) return { release, ...left };
        // Of claims laid down at once the one with the lowest name stays and waits for the others to give way.
        const isLowest = rivals.every((one) => claim < one.claim);
        if (!isLowest || performance.now() - started > patienceMs) {
          await release();
          throw lockedBy(what.label, first);
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
    await renameFile(unfinished, join(folder, claim));
  } catch (thrown) {
    throw new Failure('journal/unwritable', `the lock can't be written in ${folder}`, {
      where: holder.label,
      hint: 'make room, or name another directory with --state-dir; nothing was changed',
      cause: thrown,
    });
  }
}

/** A sign of life: the file's time, which the file system sets, is that of the last write. Of a claim that was taken away nothing is left. */
async function beat(file: string): Promise<void> {
  try {
    const handle = await open(file, 'r+');
    try {
      const { size } = await handle.stat();
      await handle.write('\n', size - 1);
    } finally {
      await handle.close();
    }
  } catch {
    // A beat that fails is one that is late.
  }
}

interface Claim {
  readonly claim: string;
  readonly holder: LockHolder;
  /** The process can't be asked; null: it was, and it lives. */
  readonly silentMs: number | null;
}

interface ClaimSearch {
  readonly folder: string;
  readonly name: string;
  readonly own: string;
  readonly self: ProcessIdentity;
  readonly label: string;
  readonly run: string;
}

/** The other claims whose process lives. A dead one's is taken away: its name is never used again, so nobody else's can be meant. */
async function liveClaims(
  { folder, name, own, self, label, run }: ClaimSearch,
  onTakeover: (holder: LockHolder | null) => void,
): Promise<readonly Claim[]> {
  const alive: Claim[] = [];
  for (const claim of await readdir(folder)) {
    if (!claim.startsWith(`${name}.`) || claim === own) continue;
    const holder = await readHolder(join(folder, claim), label);
    if (holder === 'gone') continue;
    // Both times are the file system's own, whatever this machine's clock and the other's say.
    const silentMs = (await readTime(join(folder, own))) - (await readTime(join(folder, claim)));
    const life = holder === 'unreadable' ? 'dead' : judgeLife(holder, silentMs, self);
    if (holder !== 'unreadable' && life === 'lives') alive.push({ claim, holder, silentMs: null });
    else if (holder !== 'unreadable' && life === 'beats') alive.push({ claim, holder, silentMs });
    else {
      const dead = holder === 'unreadable' ? null : holder;
      if (await takeAway(folder, claim, dead, run)) onTakeover(dead);
    }
  }
  return alive;
}

async function readTime(file: string): Promise<number> {
  return stat(file).then(
    (found) => found.mtimeMs,
    () => 0,
  );
}

/** What cannot be opened may be a live run's: Windows refuses it while another program has the file open for itself. */
async function readHolder(file: string, label: string): Promise<LockHolder | 'gone' | 'unreadable'> {
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    try {
      return JSON.parse(await readFile(file, 'utf8')) as LockHolder;
    } catch (thrown) {
      const code = readErrnoCode(thrown);
      if (code === null) return 'unreadable';
      if (code === 'ENOENT') return 'gone';
      if (waitedMs >= patienceMs) throw unreadLock(file, label, code);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

function unreadLock(file: string, label: string, code: string): Failure {
  return new Failure('run/host-locked', `there is a lock that can't be read (${code}): ${file}`, {
    where: label,
    hint: 'close the program that has this file open, then try again; nothing was changed',
  });
}

/** `silentMs`: the process can't be asked; null: it was, and it lives. */
export function lockedBy(
  label: string,
  { holder, silentMs }: { readonly holder: LockHolder; readonly silentMs: number | null },
  diesAfterMs = deadAfterMs,
): Failure {
  const who = `${holder.user} on ${holder.machine} (process ${holder.processId})`;
  const look = `fencepost runs show ${holder.run}`;
  const seconds = (ms: number): string => `${String(Math.max(0, Math.round(ms / 1000)))} s`;
  const unasked =
    silentMs === null
      ? ''
      : `; it can't be asked from here, and its last sign of life was ${seconds(silentMs)} ago (dead after ${seconds(diesAfterMs)})`;
  return new Failure(
    'run/host-locked',
    `being changed by run ${holder.run} of ${who} since ${holder.since}${unasked}`,
    {
      where: label,
      hint:
        silentMs === null
          ? `wait for it, or look at it: ${look}`
          : `look at it: ${look}; if its process is gone, wait, or take the lock now: fencepost unlock ${holder.run}`,
    },
  );
}
