// I/O: the state directory. Makes, finds and reads runs, remembers applied plans. append.ts writes a run's journal, read.ts reads it.
import { randomBytes } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access, link, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../model/failure.ts';
import type { RunOutline } from '../model/history.ts';
import type { RunEvent } from '../model/outcome.ts';
import { openJournal, setTornTailAside, unwritable, type OpenJournal } from './append.ts';
import type { JournalEnd } from './chain.ts';
import { firstPrevious } from './record.ts';
import { makeDirectory } from '../files/make-directory.ts';
import { openHead } from './head.ts';
import { readErrnoCode } from '../model/failures/errno-code.ts';
import { describeReadError } from '../model/failures/read-error.ts';

export interface RunStore {
  /** Where the runs are, for messages: a directory, a database. */
  readonly place: string;
  /** True: the process of a run that is taken over may be alive, on a machine that nobody can ask, and asleep. Left out: it is dead. */
  readonly isShared?: boolean;
  /**
   * A new run's journal, empty, and beside it the plan it carries out, so that `resume` knows the hosts that were not started. Both
   * are on disk when this resolves. Throws Failure `journal/unwritable` when the state directory can't be written.
   */
  createRun(run: string, planText: Iterable<string>): Promise<OpenJournal>;
  /** Takes away a run that was created and never started. */
  discardRun(run: string): Promise<void>;
  /** The text of the plan that a run carries out, part by part. Throws Failure `run/unknown` when it can't be read. */
  readPlan(run: string): AsyncIterable<string>;
  /** Goes on with a journal; a torn last line is moved aside first. Throws Failure `run/unknown`, `journal/damaged`. */
  reopenRun(run: string): Promise<OpenJournal>;
  /** Run names, oldest first. */
  listRuns(): Promise<readonly string[]>;
  /**
   * Goes through a run's events, up to the first damage, which is told and not thrown. `rest` is waited for after every few hundred
   * kilobytes at most, by who shows events to a slow reader. Throws Failure `run/unknown`, and what `rest` rejects with.
   */
  readRun(
    run: string,
    visit: (event: RunEvent, digest: string) => void,
    rest?: () => Promise<void>,
  ): Promise<JournalEnd>;
  /** The same without looking into what an outline does not need: every line is proven all the same. */
  outlineRun(run: string): Promise<{ readonly outline: RunOutline | null; readonly end: JournalEnd }>;
  /** How a run begins, without the rest of it; null when its first record is not there. Throws Failure `run/unknown`. */
  readBeginning(run: string): Promise<RunEvent | null>;
  /** The run that applied a plan; null when none did. */
  planClaim(digest: string): Promise<string | null>;
  /** Notes that a plan is being applied by a run. Throws Failure `plan/already-applied` when it was noted before. */
  claimPlan(digest: string, run: string): Promise<void>;
}

const loadReader = () => import('./read-run.ts');

/** So much of a plan is in memory at a time. */
const partBytes = 256 * 1024;

/**
 * `20261124-221500-17b1c9`: when, to the second; the milliseconds as three hex digits, so that names sort by age within one second too;
 * and three that tell apart what remains.
 */
export function newRunName(now: string): string {
  const digits = now.replaceAll(/\D/g, '');
  const ms = Number(digits.slice(14, 17)).toString(16).padStart(3, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${ms}${randomBytes(2).toString('hex').slice(1)}`;
}

/** Where the journal of a run is. */
export function findJournal(directory: string, run: string): string {
  return join(directory, 'runs', run, 'journal.ndjson');
}

export function createRunStore(named: string): RunStore {
  // Whole from here on: what is walked up to from below is found by its name.
  const directory = resolve(named);
  const planClaim = async (digest: string): Promise<string | null> => {
    try {
      return (await readFile(join(directory, 'applied', digest), 'utf8')).trim();
    } catch {
      return null;
    }
  };
  const journalFile = (run: string): string => findJournal(directory, run);
  const known = async <T>(run: string, read: (file: string) => Promise<T>): Promise<T> => {
    const isRunName = /^[\w.-]+$/.test(run);
    try {
      if (!isRunName) throw new Error('not a run name');
      return await read(journalFile(run));
    } catch (thrown) {
      if (thrown instanceof Failure || (isRunName && readErrnoCode(thrown) === null)) throw thrown;
      throw new Failure('run/unknown', `there is no run of this name in ${directory}`, {
        where: run,
        hint: 'fencepost runs lists them; --state-dir names another state directory',
        cause: thrown,
      });
    }
  };

  return {
    place: directory,
    async createRun(run, planText) {
      const file = journalFile(run);
      // A run reads its own journal at its end, when another version may be installed by then.
      await loadReader();
      return guarded(file, async () => {
        await makeDirectory(dirname(file), 0o700);
        await writeDurably(join(dirname(file), 'plan.json'), planText);
        const start = { records: 0, digest: firstPrevious };
        // Before the journal: an empty journal without a head is one that was emptied.
        const head = await openHead(file, start);
        const handle = await open(file, 'ax', 0o600);
        await syncDirectories(dirname(file), directory);
        return openJournal({ file, handle, openHead: head }, start);
      });
    },
    async discardRun(run) {
      await rm(dirname(journalFile(run)), { recursive: true, force: true });
    },
    async reopenRun(run) {
      const end = await this.readRun(run, () => undefined);
      refuseDamage(run, end);
      const file = journalFile(run);
      return guarded(file, async () => {
        if (end.tornTail) await setTornTailAside(file, end.wholeBytes);
        const start = { records: end.records, digest: end.lastDigest };
        return openJournal({ file, handle: await open(file, 'a'), openHead: await openHead(file, start) }, start);
      });
    },
    async *readPlan(run) {
      const file = join(dirname(journalFile(run)), 'plan.json');
      try {
        for await (const part of createReadStream(file, { encoding: 'utf8', highWaterMark: partBytes })) {
          yield part as string;
        }
      } catch (cause) {
        throw new Failure('run/unknown', `the plan of this run is missing in ${directory}`, { where: run, cause });
      }
    },
    async listRuns() {
      const names = await readdir(join(directory, 'runs')).catch(() => []);
      // A folder without a journal is a run that never began: its process died, or the disk was full, before anything was sent.
      const journals = await Promise.all(names.map((run) => stat(journalFile(run)).catch(() => null)));
      return names.filter((_, index) => journals[index] !== null).sort();
    },
    readRun: (run, visit, rest) => known(run, async (file) => (await loadReader()).readEvents(file, visit, rest)),
    outlineRun: (run) => known(run, async (file) => (await loadReader()).readOutline(file)),
    readBeginning: (run) => known(run, async (file) => (await loadReader()).readBeginning(file)),
    planClaim,
    async claimPlan(digest, run) {
      const file = join(directory, 'applied', digest);
      const aside = `${file}.${run}`;
      try {
        await makeDirectory(dirname(file), 0o700);
        // Written aside and linked into place: a claim is there with its run's name, or it isn't there.
        await writeDurably(aside, `${run}\n`);
        await link(aside, file);
        await syncDirectories(dirname(file), directory);
      } catch (thrown) {
        if (readErrnoCode(thrown) !== 'EEXIST') throw unwritable(file, thrown);
        throw planAppliedBefore((await planClaim(digest)) ?? 'RUN');
      } finally {
        await rm(aside, { force: true }).catch(() => undefined);
      }
    },
  };
}

export function planAppliedBefore(run: string): Failure {
  return new Failure('plan/already-applied', `this plan was applied before, by run ${run}; a plan is applied once`, {
    hint: `fencepost runs show ${run} shows what it did; make a new plan to go on`,
  });
}

/** Throws Failure `journal/damaged` when the chain does not hold. */
export function refuseDamage(run: string, { damage }: JournalEnd): void {
  if (damage === null) return;
  throw new Failure(
    'journal/damaged',
    `the journal of this run is damaged in line ${String(damage.line)}: ${damage.problem}`,
    {
      where: run,
      hint: `nothing was changed. Restore the journal from a copy, or compare the hosts by hand with: fencepost runs show ${run}`,
    },
  );
}

/** A new file, whole on disk when this resolves. Throws when it exists. */
async function writeDurably(file: string, text: Iterable<string>): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    // Node takes text in parts here as fs.promises.writeFile does; its types say so of that one only.
    await handle.writeFile(text as unknown as string);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes new directory entries durable up to the state directory. Windows has no directory fsync and needs none. */
async function syncDirectories(from: string, to: string): Promise<void> {
  if (process.platform === 'win32') return;
  for (let directory = from; ; directory = dirname(directory)) {
    const handle = await open(directory, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (directory === to || dirname(directory) === directory) return;
  }
}

async function guarded<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw thrown instanceof Failure ? thrown : unwritable(file, thrown);
  }
}

/** Throws Failure `run/unknown` unless there is a state directory that can be read: one that was named wrongly is not one without runs. */
export async function checkExists(directory: string): Promise<void> {
  try {
    await access(directory, constants.R_OK);
  } catch (cause) {
    const isMissing = readErrnoCode(cause) === 'ENOENT';
    const problem = isMissing
      ? 'there is no state directory'
      : `the state directory can't be read: ${describeReadError(cause)}`;
    throw new Failure('run/unknown', problem, {
      where: directory,
      // Also right behind an apply that was killed before it made one: that one has sent nothing.
      hint: isMissing
        ? 'a run makes its state directory before it changes anything: unless this one was moved or removed, no run of it has changed a host; runs of another user or place: --state-dir DIRECTORY'
        : 'run it as the user who started the runs, or name another one: --state-dir DIRECTORY',
      cause,
    });
  }
}

/** Throws Failure `journal/unwritable` unless the state directory exists, or can be made, and can be written to. */
export async function checkWritable(directory: string): Promise<void> {
  await guarded(directory, async () => {
    await makeDirectory(directory, 0o700);
    await access(directory, constants.W_OK);
  });
}
