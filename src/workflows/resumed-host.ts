// What an interrupted run left on a host, joined with the plan by which the host is gone on with: each step keeps the way back to before
// the run, and what the new plan does not have comes after it. Pure.
import { stepKey } from '../journal/replay.ts';
import type { HostHistory } from '../model/history.ts';
import { isOurs } from '../model/ownership.ts';
import type { HostPlan, Step } from '../model/plan.ts';
import { sameRange } from '../model/port-range.ts';
import type { EarlierStep } from '../run/host.ts';
import { deriveExclusionStep } from '../windows/steps.ts';

export interface Continued {
  readonly plan: HostPlan;
  /** Numbered as in the plan, or after its steps. */
  readonly doneBefore: readonly EarlierStep[];
}

export function withEarlierSteps(plan: HostPlan, history: HostHistory | undefined): Continued {
  const left = (history?.steps ?? []).filter((one) => isOurs(one.ownership));
  const moved = (history?.steps ?? []).filter((one) => left.some((other) => isSameRange(one.step, other.step)));
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
function isSameRange(one: Step, other: Step): boolean {
  if (one.kind !== 'exclusion' || other.kind !== 'exclusion') return false;
  return one.protocol === other.protocol && sameRange(one.range, other.range);
}

/** The host as planned anew is half way; taken back, it has to be as it was before the run. */
function withWayBack(step: Step, earlier: Step | undefined): Step {
  if (step.kind !== 'exclusion' || earlier?.kind !== 'exclusion') return step;
  return deriveExclusionStep({ ...step, before: earlier.before });
}
