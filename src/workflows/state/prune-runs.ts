// Which runs of a state may be removed, and removes them: finished before a date, nothing in doubt, exported as they are. What stays is said with
// the reason. A rollback stays as long as its run does, for the run's own history asks for it. Nothing of it reaches a host.
import type { RemovedRest, Retention, State } from '../../journal/state.ts';
import { asFailure } from '../../model/failure.ts';
import type { Verdict } from '../../model/outcome.ts';
import { holdIn, type CopySeams } from './copy-run.ts';

export interface PruneRequest {
  /** ISO 8601; a run that finished at or after it stays. */
  readonly before: string;
  /** Those that were never exported, or went on since, go too. */
  readonly unexported: boolean;
  readonly dryRun: boolean;
}

/** Beside runs: letters that are too old, and approvals of which no run is left. */
export interface PrunedRuns extends RemovedRest {
  /** With a dry run: that would be. */
  readonly removed: readonly { readonly run: string; readonly records: number }[];
  /** Older than the date, but for those that are still open. */
  readonly kept: readonly { readonly run: string; readonly why: string }[];
}

/** Something is left on such a host that a person has yet to look at. */
const unsettled: readonly Verdict[] = ['in-doubt', 'failed-partial'];

/** Throws Failure `journal/unwritable` for who may not remove runs. */
export async function pruneRuns(
  request: PruneRequest,
  state: State & { readonly retention: Retention },
  seams: CopySeams,
): Promise<PrunedRuns> {
  if (!request.dryRun) await state.retention.checkMayRemove();
  const removed: PrunedRuns['removed'][number][] = [];
  const kept: PrunedRuns['kept'][number][] = [];
  const stays = new Set<string>();
  for (const run of await state.runs.listRuns()) {
    const found = await judge(run, request, state, stays);
    if (found.why === null && !request.dryRun) {
      const { head } = found;
      const isGone = await holdIn(run, state, seams, () => state.retention.removeRun(run, head)).catch(asFailure);
      if (isGone === false) found.why = 'somebody else continued it just now';
      else if (isGone !== true) found.why = isGone.message;
    }
    if (found.why === null) removed.push({ run, records: found.head.records });
    else {
      stays.add(run);
      if (found.why !== 'later') kept.push({ run, why: found.why });
    }
  }
  const { before, dryRun } = request;
  const rest = await state.retention.removeRest({ before, gone: removed.map((one) => one.run), dryRun });
  return { removed, kept, ...rest };
}

/** `why`: null: it may go; `later`: it is not as old as that. */
async function judge(
  run: string,
  { before, unexported }: PruneRequest,
  { runs, retention }: State & { readonly retention: Retention },
  stays: ReadonlySet<string>,
): Promise<{ why: string | null; readonly head: { readonly records: number; readonly digest: string } }> {
  const { outline, end } = await runs.outlineRun(run);
  const head = { records: end.records, digest: end.lastDigest };
  const keep = (why: string | null) => ({ why, head });
  if (end.damage !== null || end.head !== 'agrees') return keep('its journal is damaged: fencepost runs verify');
  if (outline === null) return keep('it has no first record');
  const { finished, inChange, verdicts, started } = outline;
  if (finished === null || inChange.length > 0) return keep('it is still open: fencepost resume or rollback ends it');
  if (Date.parse(finished.at) >= Date.parse(before)) return keep('later');
  const left = verdicts.filter((one) => unsettled.includes(one.verdict)).length;
  if (left > 0) return keep(`hosts in doubt, or with something left on them: ${String(left)}`);
  if (started.of !== null && stays.has(started.of)) return keep(`it rolled back ${started.of}, which stays`);
  if (!unexported && (await retention.readExported(run)) !== end.lastDigest) {
    return keep(`it was not exported as it is: fencepost state export ${run}`);
  }
  return keep(null);
}
