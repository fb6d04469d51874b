// IPv4 and IPv6 may share one list (facts: windows.md section 3): what a rollback could not bring back on one family may have come back with
// the other since. So such a range is looked at once more before the host is called partly changed. Nothing is sent for it: what stands
// there now may be somebody else's.
import type { Step } from '../../model/plan.ts';
import { samePresence } from '../../windows/verdict.ts';
import { isHidden, lookAtExclusion, lookIn } from '../steps/exclusion-look.ts';
import { recordEnd } from '../steps/step.ts';
import type { StepContext, StepOutcome } from '../steps/step-context.ts';

export interface EndedStep {
  readonly step: Step;
  readonly outcome: StepOutcome;
}

/** Those of the failed steps that are still not reached, in order. `note` gets each new outcome. Rejects only with `journal/unwritable`. */
export async function lookAgain(
  failed: readonly EndedStep[],
  context: StepContext,
  note: (step: Step, outcome: StepOutcome) => void,
): Promise<readonly EndedStep[]> {
  const left: EndedStep[] = [];
  for (const one of failed) {
    const reached = await findReached(one, context);
    if (reached === null) {
      left.push(one);
      continue;
    }
    await recordEnd(one.step, 'do', reached, context);
    note(one.step, reached);
  }
  return left;
}

async function findReached({ step, outcome }: EndedStep, context: StepContext): Promise<StepOutcome | null> {
  if (step.kind !== 'exclusion') return null;
  // It had come to its goal, and took along what was somebody else's.
  if (outcome.state?.kind === 'exclusion' && samePresence(outcome.state.presence, step.after)) return null;
  const presence = await lookAtExclusion(step, context).catch(() => null);
  if (presence === null || isHidden(step, context) || !samePresence(presence, step.after)) return null;
  return {
    result: 'not-needed',
    sent: outcome.sent,
    state: { kind: 'exclusion', presence },
    look: lookIn(context.view.tables ?? [], step),
    failure: null,
  };
}
