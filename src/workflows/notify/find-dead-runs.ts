// Runs whose process is gone and whose journal has no end. The lock is looked at before the journal: whoever finishes a run writes its end
// first and gives its lock back then, so that no run that is just finishing is taken for dead. It takes no lock and asks no host.
import type { RunLock } from '../../journal/run-locks.ts';
import type { RunStore } from '../../journal/store.ts';
import type { RunEvent } from '../../model/outcome.ts';
import { readRunStatus } from '../run-status.ts';
import type { UnfinishedRun } from './other-notes.ts';

export interface DeadRunSearch {
  readonly store: RunStore;
  /** The locks of runs themselves, dead ones too. */
  readonly listRunLocks: () => Promise<readonly RunLock[]>;
  readonly now: string;
  /**
   * Of earlier searches of this process: runs that were judged, with whose lock was there then. They are looked at again when a process has
   * them or had them since. Added to.
   */
  readonly judged: Map<string, string>;
  /** Told of each run whose journal can't be read now: whether it died is not known. */
  readonly onUnread?: (run: string) => void;
}

/** Older ones are nobody's night any more. Marks in the outbox are kept longer, so that none is told again. Stated in docs/notifications.md. */
const youngestMs = 30 * 86_400_000;

export async function findDeadRuns({
  store,
  listRunLocks,
  now,
  judged,
  onUnread = () => undefined,
}: DeadRunSearch): Promise<readonly UnfinishedRun[]> {
  const oldest = new Date(Date.parse(now) - youngestMs).toISOString();
  const runs = (await store.listRuns()).filter((run) => startedAt(run) >= oldest);
  const locks = await listRunLocks();
  const found: UnfinishedRun[] = [];
  for (const run of runs) {
    const own = locks.filter((one) => one.run === run);
    const holder = own[0]?.holder ?? null;
    if (own.some((one) => one.isAlive)) {
      judged.delete(run);
      continue;
    }
    // Its journal may be large, and nobody had it since.
    if (judged.get(run) === (holder ?? '')) continue;
    const dead = await lookAt(run, store);
    // Looked at again next time.
    if (dead === 'unread') onUnread(run);
    if (dead === 'unread' || dead === null) continue;
    if (dead === 'finished') judged.set(run, holder ?? '');
    else found.push({ ...dead, holder });
  }
  if (found.length === 0) return found;
  // Somebody may have resumed one of them between the two looks.
  const alive = new Set((await listRunLocks()).filter((one) => one.isAlive).map((one) => one.run));
  const dead = found.filter(({ status }) => !alive.has(status.run));
  // Only now: one that is not told by this search is looked at again by the next.
  for (const { status, holder } of dead) judged.set(status.run, holder ?? '');
  return dead;
}

/** One run, as its own process leaves it. Null: it has finished, or never started. */
export async function readUnfinishedRun(run: string, store: RunStore): Promise<UnfinishedRun | null> {
  const found = await lookAt(run, store);
  return typeof found === 'string' || found === null ? null : { ...found, holder: null };
}

/** Null: it never started, so that nothing was sent to any host. */
async function lookAt(
  run: string,
  store: RunStore,
): Promise<Omit<UnfinishedRun, 'holder'> | 'finished' | 'unread' | null> {
  try {
    const seen: { lastAt: string | null; isFinished: boolean } = { lastAt: null, isFinished: false };
    const see = ({ type, at }: RunEvent): void => {
      seen.lastAt = at;
      // A guard that is confirmed later stands behind the end; only resuming opens a run again.
      if (type === 'run-finished') seen.isFinished = true;
      if (type === 'run-resumed') seen.isFinished = false;
    };
    await store.readRun(run, see);
    const { lastAt, isFinished } = seen;
    if (lastAt === null) return null;
    if (isFinished) return 'finished';
    return { status: await readRunStatus(run, store), lastAt };
  } catch {
    return 'unread';
  }
}

/** `20261205-221500-...` -> `2026-12-05T22:15:00`, which sorts as times do; a name of another form counts as young. */
function startedAt(run: string): string {
  const match = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-/.exec(run);
  return match === null ? '9999' : `${match.slice(1, 4).join('-')}T${match.slice(4).join(':')}`;
}
