// I/O: the state directory. Appends records and flushes them to the disk, finds and reads runs, remembers applied plans.
// A record is acknowledged only after fdatasync; records that arrive meanwhile share the next flush.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, link, mkdir, open, readdir, readFile, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../model/failure.ts';
import type { RunEvent } from '../model/outcome.ts';
import type { Journal } from '../model/world.ts';
import { readJournal, type JournalText } from './chain.ts';
import { firstPrevious, writeRecord } from './record.ts';

export interface RunStore {
  readonly directory: string;
  /**
   * A new run's journal, empty, and beside it the plan it carries out, so that `resume` knows the hosts that were not begun. Both
   * are on disk when this resolves. Throws Failure `journal/unwritable` when the state directory can't be written.
   */
  createRun(run: string, planText: Iterable<string>): Promise<OpenJournal>;
  /** Takes away a run that was created and never begun. */
  discardRun(run: string): Promise<void>;
  /** The text of the plan that a run carries out. Throws Failure `run/unknown`. */
  readPlan(run: string): Promise<string>;
  /** Goes on with a journal; a torn last line is moved aside first. Throws Failure `run/unknown`, `journal/damaged`. */
  reopenRun(run: string): Promise<OpenJournal>;
  /** Run names, oldest first. */
  listRuns(): Promise<readonly string[]>;
  /** Throws Failure `run/unknown`. Damage is in the result, not thrown. */
  readRun(run: string): Promise<JournalText>;
  /** The run that applied a plan; null when none did. */
  planClaim(digest: string): Promise<string | null>;
  /** Notes that a plan is being applied by a run. Throws Failure `plan/already-applied` when it was noted before. */
  claimPlan(digest: string, run: string): Promise<void>;
}

export interface OpenJournal extends Journal {
  readonly file: string;
  close(): Promise<void>;
}

/**
 * `20261124-221500-17b1c9`: when, to the second; the milliseconds as three hex digits, so that names sort by age within one second too;
 * and three that tell apart what remains.
 */
export function newRunName(now: string): string {
  const digits = now.replaceAll(/\D/g, '');
  const ms = Number(digits.slice(14, 17)).toString(16).padStart(3, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${ms}${randomBytes(2).toString('hex').slice(1)}`;
}

export function createRunStore(directory: string): RunStore {
  const planClaim = async (digest: string): Promise<string | null> => {
    try {
      return (await readFile(join(directory, 'applied', digest), 'utf8')).trim();
    } catch {
      return null;
    }
  };
  const journalFile = (run: string): string => join(directory, 'runs', run, 'journal.ndjson');

  return {
    directory,
    async createRun(run, planText) {
      const file = journalFile(run);
      return guarded(file, async () => {
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        await writeDurably(join(dirname(file), 'plan.json'), planText);
        const handle = await open(file, 'ax', 0o600);
        await syncDirectories(dirname(file), directory);
        return openJournal(file, handle, 0, firstPrevious);
      });
    },
    async discardRun(run) {
      await rm(dirname(journalFile(run)), { recursive: true, force: true });
    },
    async reopenRun(run) {
      const text = await this.readRun(run);
      refuseDamage(run, text);
      const file = journalFile(run);
      return guarded(file, async () => {
        const handle = await open(file, 'r+');
        if (text.tornTail !== null) {
          // By bytes: the cut may have gone through the middle of a letter.
          const bytes = await readFile(file);
          const wholeBytes = bytes.lastIndexOf('\n') + 1;
          await writeFile(`${file}.torn-${bytes.length}`, bytes.subarray(wholeBytes), { mode: 0o600 });
          await handle.truncate(wholeBytes);
        }
        await handle.close();
        const last = text.records.at(-1);
        return openJournal(file, await open(file, 'a'), text.records.length, last?.digest ?? firstPrevious);
      });
    },
    async readPlan(run) {
      try {
        return await readFile(join(dirname(journalFile(run)), 'plan.json'), 'utf8');
      } catch (thrown) {
        throw new Failure('run/unknown', `the plan of run ${run} is missing in ${directory}`, {
          where: run,
          cause: thrown,
        });
      }
    },
    async listRuns() {
      const names = await readdir(join(directory, 'runs')).catch(() => []);
      // A folder without a journal is a run that never began: its process died, or the disk was full, before anything was sent.
      const journals = await Promise.all(names.map((run) => stat(journalFile(run)).catch(() => null)));
      return names.filter((_, index) => journals[index] !== null).sort();
    },
    async readRun(run) {
      let text: string;
      try {
        if (!/^[\w.-]+$/.test(run)) throw new Error('not a run name');
        text = await readFile(journalFile(run), 'utf8');
      } catch (thrown) {
        throw new Failure('run/unknown', `no run is called ${run} in ${directory}`, {
          where: run,
          hint: 'fencepost runs lists them; --state-dir names another state directory',
          cause: thrown,
        });
      }
      return readJournal(text);
    },
    planClaim,
    async claimPlan(digest, run) {
      const file = join(directory, 'applied', digest);
      const aside = `${file}.${run}`;
      try {
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        // Written aside and linked into place: a claim is there with its run's name, or it isn't there.
        await writeDurably(aside, `${run}\n`);
        await link(aside, file);
        await syncDirectories(dirname(file), directory);
      } catch (thrown) {
        if (errorCode(thrown) !== 'EEXIST') throw unwritable(file, thrown);
        throw planAppliedBefore((await planClaim(digest)) ?? 'RUN');
      } finally {
        await rm(aside, { force: true }).catch(() => undefined);
      }
    },
  };
}

export function planAppliedBefore(run: string): Failure {
  return new Failure('plan/already-applied', `this plan was applied before, by run ${run}; a plan is applied once`, {
    hint: `fencepost runs show ${run} tells what became of it; make a new plan to go on`,
  });
}

/** Throws Failure `journal/damaged` when the chain does not hold. */
export function refuseDamage(run: string, text: JournalText): void {
  if (text.damage === null) return;
  throw new Failure(
    'journal/damaged',
    `the journal of run ${run} is damaged in line ${String(text.damage.line)}: ${text.damage.problem}`,
    {
      where: run,
      hint: `nothing was changed. Restore the journal from a copy, or compare the hosts by hand with: fencepost runs show ${run}`,
    },
  );
}

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (failure: Failure) => void;
}

function openJournal(file: string, handle: FileHandle, count: number, previous: string): OpenJournal {
  let sequence = count;
  let last = previous;
  let queue: Waiting[] = [];
  let flushing: Promise<void> | null = null;
  let broken: Failure | null = null;

  async function flush(): Promise<void> {
    // Not in the same turn: the caller has yet to note that a flush is under way.
    await Promise.resolve();
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      try {
        if (broken !== null) throw broken;
        await handle.appendFile(batch.map((one) => one.line).join(''));
        await handle.datasync();
        for (const one of batch) one.resolve();
      } catch (thrown) {
        broken ??= unwritable(file, thrown);
        for (const one of batch) one.reject(broken);
      }
    }
    flushing = null;
  }

  return {
    file,
    append(event: RunEvent) {
      return new Promise<void>((resolve, reject) => {
        const written = writeRecord(++sequence, last, event);
        last = written.digest;
        queue.push({ line: written.line, resolve, reject });
        flushing ??= flush();
      });
    },
    async close() {
      await flushing;
      await handle.close();
    },
  };
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
  for (let directory = from; directory.length >= to.length; directory = dirname(directory)) {
    const handle = await open(directory, constants.O_RDONLY);
    await handle.sync();
    await handle.close();
  }
}

async function guarded<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw thrown instanceof Failure ? thrown : unwritable(file, thrown);
  }
}

function unwritable(file: string, thrown: unknown): Failure {
  const reason =
    errorCode(thrown) === 'ENOSPC' ? 'the disk is full' : thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure('journal/unwritable', `the journal ${file} can't be written: ${reason}`, {
    where: file,
    hint: 'make room or name another directory with --state-dir; no change is sent to a host while its way back is not on disk',
    cause: thrown,
  });
}

function errorCode(thrown: unknown): string | null {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
}

/** Throws Failure `journal/unwritable` unless the state directory exists, or can be made, and can be written to. */
export async function checkWritable(directory: string): Promise<void> {
  await guarded(directory, async () => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await access(directory, constants.W_OK);
  });
}
