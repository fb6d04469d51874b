// One step, in either direction: record the intent, send, look again, judge by what the host shows, record the result. A change is
// sent at most once; when its answer is lost the host is asked, and what it shows is what counts.
import { failureRecord } from '../../model/failure.ts';
import type { Direction } from '../../model/outcome.ts';
import { isOurs } from '../../model/rules/ownership.ts';
import type { Step } from '../../model/plan.ts';
import { runDynamicRangeStep } from './dynamic-range-step.ts';
import { runExclusionStep } from './exclusion-step.ts';
import { runServiceStep } from './service-step.ts';
import type { StepContext, StepOutcome } from './step-context.ts';

/** Runs a step and records its end. Rejects only with Failure `journal/unwritable`. */
export async function runStep(step: Step, direction: Direction, context: StepContext): Promise<StepOutcome> {
  const outcome =
    step.kind === 'exclusion'
      ? await runExclusionStep(step, direction, context)
      : step.kind === 'service'
        ? await runServiceStep(step, direction, context)
        : await runDynamicRangeStep(step, direction, context);
  await recordEnd(step, direction, outcome, context);
  return outcome;
}

/** Records that nothing has to be done for a step now. Rejects only with `journal/unwritable`. */
export async function passStep(step: Step, context: StepContext): Promise<StepOutcome> {
  const passed: StepOutcome = { result: 'not-needed', sent: false, state: null, look: null, failure: null };
  await recordEnd(step, 'do', passed, context);
  return passed;
}

/** Records what came of a step. Rejects only with `journal/unwritable`. */
export async function recordEnd(
  step: Step,
  direction: Direction,
  outcome: StepOutcome,
  context: StepContext,
): Promise<void> {
  await context.recorder.record({
    type: 'step-finished',
    host: context.host,
    step: step.number,
    direction,
    result: outcome.result,
    state: outcome.state,
    look: outcome.look,
    changedByOtherFamily:
      direction === 'do' &&
      outcome.result === 'not-needed' &&
      step.kind === 'exclusion' &&
      isOurs(context.ownership.of(step)),
    failure: outcome.failure === null ? null : failureRecord(outcome.failure),
  });
}
