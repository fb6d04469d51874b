// I/O: locks of hosts that were taken from a run in a state directory. Their files are set aside under another name, not removed: the process may
// be asleep on a machine that nobody can ask, or what it sent last still be at work. Whoever has the host next ends what is left there, and only
// then the file goes; so the one after it knows of it too.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { renameFile } from '../../files/rename-file.ts';
import { asFailure, Failure } from '../../model/failure.ts';
import { readErrnoCode } from '../../model/failures/errno-code.ts';
import { describeReadError } from '../../model/failures/read-error.ts';
import type { LeftOnHost } from '../../model/history.ts';
import type { RunEvent } from '../../model/outcome.ts';
import type { JournalEnd } from '../chain.ts';
import type { LockHolder } from '../lock-holder.ts';
import { followLeft, leftUnread } from './left-behind.ts';

/** Goes through the events of a run, as a store does. */
export type ReadRun = (run: string, visit: (event: RunEvent) => void) => Promise<Pick<JournalEnd, 'damage'>>;

const prefix = 'left.';

export function isSetAside(name: string): boolean {
  return name.startsWith(prefix);
}

/** Of several that take a lock away, one is told that it did. `by`: the run that takes it; null: nobody's. */
export async function takeAway(
  folder: string,
  claim: string,
  holder: LockHolder | null,
  by: string | null,
): Promise<boolean> {
  const file = join(folder, claim);
  // A run that goes on ends its own shells. What is locked and no host has a label of several words: `run NAME`, `the channel NAME`.
  const leavesNothing = holder === null || holder.run === by || holder.label.includes(' ');
  try {
    await (leavesNothing ? rm(file) : renameFile(file, join(folder, `${prefix}${claim}`)));
    return true;
  } catch {
    return false;
  }
}

interface LeftSearch {
  readonly folder: string;
  /** Of the lock. */
  readonly name: string;
  /** Whose own is not looked for. */
  readonly run: string;
}

/** Throws Failure `run/left-behind` when it can't be known. */
export async function readLeft(search: LeftSearch, readRun: ReadRun): Promise<readonly LeftOnHost[]> {
  const left = new Map<string, LeftOnHost>();
  for (const { holder } of await listAside(search)) {
    const { run, label } = holder;
    if (run === search.run) continue;
    const follower = followLeft(label);
    const damage = await readRun(run, (event) => {
      follower.event(event);
    }).then(
      (end) => end.damage,
      (thrown: unknown) => {
        const failure = asFailure(thrown);
        // It began nothing.
        if (failure.code === 'run/unknown') return null;
        throw leftUnread(run, label, failure.message);
      },
    );
    if (damage !== null) throw leftUnread(run, label, `its journal is damaged in line ${String(damage.line)}`);
    left.set(`${run} ${label}`, { run, ...follower.left() });
  }
  return [...left.values()];
}

/** Of that run nothing is left there. */
export async function settleLeft(search: LeftSearch, run: string): Promise<void> {
  for (const { file, holder } of await listAside(search)) {
    if (holder.run === run) await rm(file, { force: true });
  }
}

async function listAside({ folder, name }: LeftSearch): Promise<readonly { file: string; holder: LockHolder }[]> {
  const names = (await readdir(folder)).filter((one) => one.startsWith(`${prefix}${name}.`)).toSorted();
  const found = await Promise.all(
    names.map(async (one) => {
      const file = join(folder, one);
      try {
        return { file, holder: JSON.parse(await readFile(file, 'utf8')) as LockHolder };
      } catch (thrown) {
        // Whoever had the host before has settled it meanwhile.
        if (readErrnoCode(thrown) === 'ENOENT') return null;
        throw unreadAside(file, thrown);
      }
    }),
  );
  return found.filter((one) => one !== null);
}

/** Skipped it would be as if nothing had been left. */
function unreadAside(file: string, cause: unknown): Failure {
  const why = readErrnoCode(cause) === null ? 'it is damaged' : describeReadError(cause);
  const message = `this host was taken from another run, and which one is unknown: ${file}: ${why}`;
  return new Failure('run/left-behind', message, {
    hint: 'nothing was sent. Look at the last runs first: fencepost runs; once none of them has this host, remove that file',
    cause,
  });
}
