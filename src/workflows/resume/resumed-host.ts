// One host of a run that is resumed: what the run left on it, joined with the plan by which the host continues. Each step keeps its undo
// to before the run, and what the new plan does not have comes after it. Pure.
import { stepKey } from '../../journal/replay.ts';
import type { HostHistory, StepHistory } from '../../model/history.ts';
import type { HostVerdict } from '../../model/outcome.ts';
import { isOurs } from '../../model/rules/ownership.ts';
import type { HostPlan, Step } from '../../model/plan.ts';
import { sameRange } from '../../model/port-range.ts';
import { planUnreached } from '../../plan/make-plan.ts';
import { findStartBlockers, planServiceStarts } from '../../plan/rollback-plan.ts';
import type { EarlierStep } from '../../run/hosts/host-job.ts';
import { deriveDynamicRangeStep, deriveExclusionStep } from '../../windows/steps.ts';

export interface ResumedHost {
  readonly plan: HostPlan;
  /** Numbered as in the plan, or after its steps. */
  readonly doneBefore: readonly EarlierStep[];
}

const none: readonly never[] = [];

export function withEarlierSteps(plan: HostPlan, history: HostHistory | undefined): ResumedHost {
  const isForUndo = ({ step }: StepHistory): boolean => step.kind === 'service' && step.when !== undefined;
  const ours = (history?.steps ?? []).filter((one) => isOurs(one.ownership));
  if (history === undefined || ours.length === 0) return { plan, doneBefore: none };
  // An undo of these may need a service stopped that the run itself had no reason to stop.
  const left = history.steps.filter((one) => ours.includes(one) || isForUndo(one));
  const moved = history.steps.filter((one) => left.some((other) => isSameRange(one.step, other.step)));
  const known = new Map(moved.map((one) => [stepKey(one.step), one.step]));
  const steps = plan.steps.map((step) => withWayBack(step, known.get(stepKey(step))));
  const numbers = new Map(steps.map((step) => [stepKey(step), step]));
  let next = steps.length;
  const doneBefore = left.map(({ step, sent, ownership }) => ({
    step: numbers.get(stepKey(step)) ?? { ...step, number: (next += 1) },
    sent,
    ownership,
  }));
  return { plan: { ...plan, steps }, doneBefore };
}

/** On either family: where they share one list, a command for one has moved the other along. */
export function isSameRange(one: Step, other: Step): boolean {
  if (one.kind !== 'exclusion' || other.kind !== 'exclusion') return false;
  return one.protocol === other.protocol && sameRange(one.range, other.range);
}

/** The host as planned again is half way; rolled back, it has to be as it was before the run. */
function withWayBack(step: Step, earlier: Step | undefined): Step {
  if (step.kind === 'dynamic-range' && earlier?.kind === 'dynamic-range') {
    return deriveDynamicRangeStep({ ...step, before: earlier.before });
  }
  if (step.kind !== 'exclusion' || earlier?.kind !== 'exclusion') return step;
  return deriveExclusionStep({ ...step, before: earlier.before });
}

/** A host that could not be asked when its run was resumed. */
export function unreachedAgain(
  host: HostPlan,
  before: HostVerdict | undefined,
  failure: NonNullable<HostPlan['failure']>,
): HostPlan {
  const inDoubt = before === undefined ? '' : ` (it was ${before.verdict} before)`;
  return planUnreached(host, { ...failure, message: `${failure.message}${inDoubt}` });
}

/** A service that the run stopped before it died is started again, whatever else is to do. */
export function withServiceStarts(
  plan: HostPlan,
  history: HostHistory,
  facts: NonNullable<HostPlan['facts']>,
): HostPlan {
  const blockers = findStartBlockers(history, facts);
  if (blockers.length > 0) {
    const others = plan.findings.filter((one) => !blockers.some(({ code }) => code === one.code));
    return { ...plan, state: 'blocked', steps: [], findings: [...blockers, ...others] };
  }
  const starts = planServiceStarts(history, facts);
  if (starts.length === 0 || plan.state === 'blocked') return plan;
  const steps = [...plan.steps, ...starts].map((step, index) => ({ ...step, number: index + 1 }));
  return { ...plan, state: 'changes', steps };
}
