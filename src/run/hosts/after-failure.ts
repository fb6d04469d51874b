// What becomes of a host whose change failed: what was done is undone, kept or left in doubt, and the verdict says which.
import { asFailure, type Failure } from '../../model/failure.ts';
import type { Verdict } from '../../model/outcome.ts';
import type { Finding } from '../../model/plan.ts';
import type { Session } from '../../model/seams.ts';
import { withDeadline } from '../fleet/deadline.ts';
import type { DoneStep, StepOutcome } from '../steps/step-context.ts';
import type { HostJob, HostResult, OwnedSeams } from './host-job.ts';
import { describeRemainder } from './rollback-remainder.ts';
import { undoOpenHost } from './undo-host.ts';

export interface FailedChange {
  readonly failure: Failure;
  /** An answer was lost and the host could not be asked what became of it. */
  readonly inDoubt: boolean;
  /** How the steps ended that were started, by number. */
  readonly ends: ReadonlyMap<number, StepOutcome>;
}

/** Records the host's one verdict. */
export type EndHost = (
  verdict: Verdict,
  detail: string,
  failure: Failure | null,
  findings?: readonly Finding[],
  untouched?: boolean,
) => Promise<HostResult>;

export async function afterFailure(
  job: HostJob,
  session: Session,
  world: OwnedSeams,
  done: readonly DoneStep[],
  { failure, inDoubt, ends }: FailedChange,
  end: EndHost,
): Promise<HostResult> {
  const isOutOfTime = failure.code === 'run/out-of-time';
  const { hostGuard = null } = world;
  if (job.goesOn === true) {
    const remainder = describeRemainder(job.plan.steps, ends, world.ownership);
    // All steps were done where the last look at the tables says otherwise: it names what is not as it was.
    const detail = failure.code === 'step/not-as-desired' ? failure.message : `${failure.message}; ${remainder}`;
    const isUntouched = !world.ownership.hasClaims() && [...ends.values()].every((one) => !one.sent);
    if (isUntouched && isOutOfTime) return end('skipped', `not started: ${failure.message}`, failure, [], true);
    if (isUntouched) return end('failed-rolled-back', `${detail}; nothing was changed`, failure, [], true);
    return end(inDoubt ? 'in-doubt' : 'failed-partial', detail, failure);
  }
  if (!world.ownership.hasClaims()) {
    const guard = await callOffUnneeded(job, session, world);
    if (isOutOfTime) return end('skipped', `not started: ${failure.message}${guard}`, failure, [], true);
    return end('failed-rolled-back', `${failure.message}; nothing was changed${guard}`, failure, [], true);
  }
  if (!world.undoOnFailure) {
    const verdict = inDoubt ? 'in-doubt' : 'failed-partial';
    const kept = isOutOfTime ? 'what was done so far is kept' : 'changes kept, as the playbook says';
    return end(verdict, `${failure.message}; ${kept}`, failure);
  }
  const undone = await undoOpenHost(job, done, session, world);
  // Nothing failed where only the time was up: no failure budget counts it.
  const isBack = undone.verdict === 'rolled-back';
  if (isBack && failure.code === 'guard/gone' && hostGuard !== null) {
    await hostGuard.noteFired();
    return end('undone-by-host', failure.message, failure);
  }
  const verdict = isBack && !isOutOfTime ? 'failed-rolled-back' : undone.verdict;
  return end(verdict, `${failure.message}; ${withoutRepeat(undone.detail, failure.message)}`, failure);
}

/** A service that does not start for the change does not start for the undo either. */
function withoutRepeat(detail: string, said: string): string {
  return detail.replace(said, 'the same again');
}

/** A guard would undo what this run never did, and what somebody else does meanwhile. What is to be added of one that stays. */
async function callOffUnneeded({ target }: HostJob, session: Session, world: OwnedSeams): Promise<string> {
  const { hostGuard = null, signal } = world;
  if (hostGuard?.isArmed !== true) return '';
  try {
    await withDeadline(target, signal, (within) => hostGuard.callOff(session, within));
    return '';
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'journal/unwritable') throw failure;
    return `; ${failure.message}`;
  }
}
