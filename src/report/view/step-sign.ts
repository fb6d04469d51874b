// The sign of a step, for every report that names steps.
import type { Step } from '../../model/plan.ts';

/** The sign of a step: + adds, - deletes, ~ restarts or sets. */
export function chooseSign(step: Step): '+' | '-' | '~' {
  if (step.kind !== 'exclusion') return '~';
  const before = Number(step.before.active) + Number(step.before.persistent);
  const after = Number(step.after.active) + Number(step.after.persistent);
  return after >= before ? '+' : '-';
}
