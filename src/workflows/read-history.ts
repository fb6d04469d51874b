// I/O: what a run did, from its journal, for rollback and resume: they refuse a damaged journal.
import { describeHead } from '../journal/proof.ts';
import { createReplay, withoutBeginning } from '../journal/replay.ts';
import { refuseDamage, type RunStore } from '../journal/store.ts';
import type { RunHistory } from '../model/history.ts';
import { createSharing } from '../plan/share-alike.ts';

/** Throws Failure `run/unknown`, `journal/damaged`. */
export async function readHistory(
  run: string,
  store: RunStore,
): Promise<{ readonly history: RunHistory; readonly tornTail: boolean; readonly headNote: string | null }> {
  const { replay, end } = await replayRun(run, store);
  refuseDamage(run, end);
  const history = replay.history();
  if (history === null) throw withoutBeginning(run);
  return { history, tornTail: end.tornTail, headNote: describeHead(end)?.join(' ') ?? null };
}

/** The rollbacks of a run that were started, oldest first; one whose journal is damaged as far as it holds. */
export async function findRollbacks(run: string, store: RunStore): Promise<readonly RunHistory[]> {
  const found: RunHistory[] = [];
  for (const other of await listRollbacks(run, store)) {
    const history = (await replayRun(other, store)).replay.history();
    if (history !== null) found.push(history);
  }
  return found;
}

/** Names of the rollbacks of a run that were started, oldest first. */
export async function listRollbacks(run: string, store: RunStore): Promise<readonly string[]> {
  const found: string[] = [];
  for (const other of await store.listRuns()) {
    const first = await store.readBeginning(other);
    if (first?.type === 'run-started' && first.of === run) found.push(other);
  }
  return found;
}

/** A run as far as its journal holds. Throws Failure `run/unknown`. */
export async function replayRun(run: string, store: RunStore) {
  const sharing = createSharing();
  const replay = createReplay();
  const end = await store.readRun(run, (event) => {
    replay.event(sharing.event(event));
  });
  return { replay, end };
}
