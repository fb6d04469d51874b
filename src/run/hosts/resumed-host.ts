// What an interrupted run did on a host counts when the run is resumed: it is part of the rollback, and a host that still has it is not an
// unchanged one. Pure.
import type { Verdict } from '../../model/outcome.ts';
import { isOurs } from '../../model/rules/ownership.ts';
import type { Step } from '../../model/plan.ts';
import type { DoneStep } from '../steps/step-context.ts';
import type { HostJob } from './host-job.ts';

/** The verdict of a host that is skipped now: as given, unless the run changed it before it was interrupted. */
export function judgeSkipped(job: HostJob, verdict: Verdict): Verdict {
  if (job.doneBefore?.some((one) => isOurs(one.ownership)) !== true) return verdict;
  return ['stale', 'conflict', 'blocked'].includes(verdict) ? 'failed-partial' : 'in-doubt';
}

export function describeSkipped(job: HostJob, detail: string): string {
  return judgeSkipped(job, 'stale') === 'stale'
    ? detail
    : `partly changed before the run was interrupted; now: ${detail}`;
}

/** Steps of before the interruption that the plan does not have. */
export function listEarlierSteps({ plan, doneBefore = [] }: HostJob): readonly Step[] {
  return doneBefore.map((one) => one.step).filter((step) => plan.steps.every((one) => one.number !== step.number));
}

/** A step that was done before the interruption and is done again now is undone once. */
export function noteDone(done: DoneStep[], { step, sent }: DoneStep): void {
  const index = done.findIndex((one) => one.step.number === step.number);
  const before = done[index];
  if (before === undefined) done.push({ step, sent });
  else done[index] = { step, sent: sent || before.sent };
}
