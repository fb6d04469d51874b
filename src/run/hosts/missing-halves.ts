// The steps for which a service is stopped only if Windows refuses them: tried first while it runs, so that a step that needs no outage
// causes none. What the tables show afterwards decides; it stops and starts nothing. Source: facts windows.md section 2.
import type { ServiceStep, Step } from '../../model/plan.ts';
import { runStep } from '../steps/step.ts';
import type { StepContext, StepOutcome } from '../steps/step-context.ts';

export interface Trial {
  /** In order, up to the first that was not reached. */
  readonly tried: readonly { readonly step: Step; readonly outcome: StepOutcome }[];
  /** The stop and its start, when neither is needed; else nothing. */
  readonly notNeeded: readonly Step[];
}

/** Runs the steps between a stop and its start. Rejects only with `journal/unwritable`. */
export async function tryWhileRunning(stop: ServiceStep, steps: readonly Step[], context: StepContext): Promise<Trial> {
  const after = steps.slice(steps.indexOf(stop) + 1);
  const end = after.findIndex((one) => one.kind === 'service' && one.service === stop.service && one.verb === 'start');
  const tried: { step: Step; outcome: StepOutcome }[] = [];
  for (const step of after.slice(0, end)) {
    const outcome = await runStep(step, 'do', context);
    tried.push({ step, outcome });
    if (!isReached(outcome)) return { tried, notNeeded: [] };
  }
  return { tried, notNeeded: [stop, ...after.slice(end, end + 1)] };
}

export function isReached({ result }: StepOutcome): boolean {
  return result === 'done' || result === 'not-needed';
}
