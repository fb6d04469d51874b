// Hosts that were changed and are rolled back because others failed: each under its lock, one verdict more for each. One whose group has another
// that was left down stays as it is, and says so.
import { selectRelevantFacts } from '../facts/relevant-facts.ts';
import { asFailure, failureRecord } from '../model/failure.ts';
import type { HostVerdict } from '../model/outcome.ts';
import type { GroupWatch } from './fleet/group-watch.ts';
import type { Ledger } from './fleet/ledger.ts';
import { forEachHost } from './fleet/pool.ts';
import { withLateness } from './fleet/time-left.ts';
import { nameHostLock, type HostLock, type HostResult } from './hosts/host-job.ts';
import { withServicesDown } from './hosts/services-down.ts';
import { takeHost, type Takeover } from './hosts/take-over.ts';
import { undoHost } from './hosts/undo-host.ts';
import { withUntold } from './hosts/untold-undo.ts';
import type { TimedSeams } from './run-seams.ts';
import type { UndoResult } from './steps/undo.ts';

/** Rolls back what was changed on these hosts. */
export async function rollBackHosts(
  results: readonly HostResult[],
  world: TimedSeams,
  ledger: Ledger,
  groups: GroupWatch,
  concurrency: number,
): Promise<void> {
  const changed = groups.sort(
    results.filter((one) => one.verdict === 'changed'),
    (one) => one.job,
  );
  await forEachHost(changed, { concurrency, exclusiveKey: (one) => one.job.plan.exclusiveGroup }, async (result) => {
    const finish = async (undone: UndoResult): Promise<void> => {
      const { job } = result;
      const given: HostVerdict = {
        host: job.plan.target,
        verdict: undone.verdict,
        detail: `changed; because other hosts failed, ${undone.detail}`,
        failure: undone.failure === null ? null : failureRecord(undone.failure),
      };
      const named = withUntold(withServicesDown(given, job, result.ownership), job, result.ownership);
      const verdict = withLateness(named, world.times);
      ledger.settle(verdict);
      groups.note(job, verdict);
      await world.recorder.record({ type: 'host-finished', ...verdict, findings: [] });
    };
    const held = groups.refuse(result.job);
    if (held === null) await lockedUndo(result, world, finish);
    else await finish({ verdict: 'failed-partial', failure: null, detail: `could not roll back: ${held}` });
  });
}

/** What came of it is recorded before the lock goes: until then nobody else begins there. */
async function lockedUndo(
  result: HostResult,
  world: TimedSeams,
  finish: (undone: UndoResult) => Promise<void>,
): Promise<void> {
  let lock: HostLock;
  try {
    lock = await world.locks.acquire(nameHostLock(result.job.target));
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'journal/unwritable') throw failure;
    await finish({ verdict: 'failed-partial', failure, detail: `could not roll back: ${failure.message}` });
    return;
  }
  try {
    await finish(await undoAsRecorded(result, { ...world, lock }));
  } finally {
    await lock.release();
  }
}

async function undoAsRecorded(
  result: HostResult,
  given: TimedSeams & { readonly lock: HostLock },
): Promise<UndoResult> {
  let takeover: Takeover;
  try {
    // Since it was changed another run may have had it, and lost it.
    takeover = await takeHost(given.lock, given);
    await recordEarlierSteps(result, given);
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code !== 'run/lease-lost' && failure.code !== 'run/left-behind') throw failure;
    return { verdict: 'in-doubt', failure, detail: `could not roll back: ${failure.message}` };
  }
  return undoHost(result, { ...given, connector: takeover.connector, undoOnFailure: false }, takeover.extraMs);
}

/** Of a host that this process has not started: the steps that are undone have their numbers in the journal first. */
async function recordEarlierSteps({ job, done }: HostResult, { recorder }: TimedSeams): Promise<void> {
  const { target, connection, exclusiveGroup, desired, facts } = job.plan;
  if (job.isUndone !== true || facts === null) return;
  const before = selectRelevantFacts(facts, desired);
  const steps = done.map((one) => one.step);
  await recorder.record({ type: 'host-started', host: target, connection, exclusiveGroup, desired, before, steps });
}
