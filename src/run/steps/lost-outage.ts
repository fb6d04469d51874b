// The answer to the line of an outage is lost: it is never sent again and never ended. The host is asked until the line is through: all of it
// is done; or the service runs, and was seen down before or has run for longer than the line takes to begin; or its time is over. Then its shell
// is deleted: a line that is still on its way to the host would begin behind the verdict.
import { asFailure, type Failure } from '../../model/failure.ts';
import type { ExclusionStep, ServiceStep } from '../../model/plan.ts';
import { listSteps, type Outage } from '../../model/rules/outage.ts';
import { samePresence } from '../../windows/verdict.ts';
import { isHidden, lookAtExclusion, lookIn, presenceIn } from './exclusion-look.ts';
import { isServing, lookAtService, makeLook, type ServiceLook } from './service-step.ts';
import { recordEnd } from './step.ts';
import type { StepContext, StepOutcome } from './step-context.ts';

const pollMs = 2000;
/** A line that has reached the host stops the service within this time; one that has not must find no shell any more. */
export const beginsWithinMs = 60_000;

/** Ends every step of it. Rejects only with Failure `journal/unwritable`. */
export async function askAfterLost(
  outage: Outage,
  lost: Failure,
  boundMs: number,
  context: StepContext,
): Promise<readonly { readonly step: ServiceStep | ExclusionStep; readonly outcome: StepOutcome }[]> {
  const steps = lost.effect === 'none' ? [outage.stop] : listSteps(outage);
  const judge = lost.effect === 'none' ? () => failed(lost) : await ask(outage, lost, boundMs, context);
  const ends = steps.map((step) => ({ step, outcome: judge(step) }));
  for (const { step, outcome } of ends) await recordEnd(step, 'do', outcome, context);
  return ends;
}

function failed(failure: Failure): StepOutcome {
  return { result: 'failed', sent: true, state: null, look: null, failure };
}

async function ask(
  outage: Outage,
  lost: Failure,
  boundMs: number,
  context: StepContext,
): Promise<(step: ServiceStep | ExclusionStep) => StepOutcome> {
  const startedMs = context.clock.elapsedMs();
  let wasDown = false;
  for (;;) {
    try {
      const found = await look(outage, context);
      const passedMs = context.clock.elapsedMs() - startedMs;
      const { isUp, isAllThere } = found;
      const isThrough = isUp && (isAllThere || wasDown || passedMs >= beginsWithinMs);
      if (isThrough || passedMs >= boundMs) {
        const { signal } = context;
        await context.session.endLeft({ signal });
        // It may have begun right before its shell was gone, and ended there.
        const last = isThrough && isAllThere ? found : await look(outage, context);
        return (step) => judge(step, last.state, last.isUp, last.isUp && last.isAllThere, lost, context);
      }
      wasDown ||= found.state.state !== 'running';
    } catch (thrown) {
      const failure = asFailure(thrown).code === 'journal/unwritable' ? asFailure(thrown) : lost;
      return () => ({ result: 'in-doubt', sent: true, state: null, look: null, failure });
    }
    await context.clock.sleep(pollMs, context.signal);
  }
}

interface OutageLook {
  readonly state: ServiceLook;
  readonly isUp: boolean;
  readonly isAllThere: boolean;
}

async function look(outage: Outage, context: StepContext): Promise<OutageLook> {
  context.view.tables = null;
  for (const one of outage.exclusions) await lookAtExclusion(one, context);
  const { state } = await lookAtService(outage.start, context);
  return {
    state,
    isUp: isServing(state, outage.start),
    isAllThere: outage.exclusions.every((one) => isThere(one, context)),
  };
}

function judge(
  step: ServiceStep | ExclusionStep,
  state: ServiceLook,
  isUp: boolean,
  isDone: boolean,
  lost: Failure,
  context: StepContext,
): StepOutcome {
  const end = (isReached: boolean): Pick<StepOutcome, 'result' | 'sent' | 'failure'> =>
    isReached ? { result: 'done', sent: true, failure: null } : { result: 'failed', sent: true, failure: lost };
  if (step.kind === 'service') {
    return { ...end(step.verb === 'stop' ? isDone : isUp), state, look: makeLook(state) };
  }
  const presence = presenceIn(context.view.tables ?? [], step);
  const look = lookIn(context.view.tables ?? [], step);
  return { ...end(isThere(step, context)), state: presence === null ? null : { kind: 'exclusion', presence }, look };
}

/** What nothing shows is not taken for there after a lost answer. */
function isThere(step: ExclusionStep, context: StepContext): boolean {
  const found = presenceIn(context.view.tables ?? [], step);
  return found !== null && !isHidden(step, context) && samePresence(found, step.after);
}
