// Undoes steps, as far as the run made the change (model/rules/ownership.ts). What was sent comes first, the last one first; what another
// family's command changed is checked and undone only if it is still there; a stopped service is started last. Where a range must be
// re-added under a service that runs again, that service is stopped first: Windows cannot reserve an open port.
import type { Failure } from '../../model/failure.ts';
import { stores } from '../../model/host-state.ts';
import { isAddedBack, isOurs } from '../../model/rules/ownership.ts';
import { joinAlike } from '../../model/text/merge-alike.ts';
import { containsPort } from '../../model/port-range.ts';
import { runStep } from './step.ts';
import type { DoneStep, StepContext } from './step-context.ts';

export interface UndoResult {
  readonly verdict: 'rolled-back' | 'failed-partial' | 'in-doubt';
  readonly failure: Failure | null;
  readonly detail: string;
}

/** Runs the undo of each step, continues after a failed one, and returns the outcome of all. Rejects only with `journal/unwritable`. */
export async function undoSteps(done: readonly DoneStep[], context: StepContext): Promise<UndoResult> {
  const order = undoOrder(done);
  const isTheRuns = (one: DoneStep): boolean => isUndone(one, context);
  for (const { step } of done.filter((one) => isInTheWay(one, done, context))) await runStep(step, 'do', context);
  const untold: Failure[] = [];
  const ranges = await undoEach(
    order.filter((one) => one.step.kind === 'dynamic-range' && isTheRuns(one)),
    context,
    untold,
  );
  const exclusions = order.filter((one) => one.step.kind === 'exclusion' && isTheRuns(one));
  const first = new Set((await undoEach(exclusions, context, untold)).map((one) => one.done));
  // IPv4 and IPv6 may share one list: what failed on one family may have come back with the other since. It is asked after again. And a delete may
  // have taken along what somebody else had put there in that moment.
  const second = await undoEach(
    exclusions.filter((one) => first.has(one) || hasTakenAlong(one, context)),
    context,
    untold,
  );
  const services = await undoEach(
    order.filter((one) => one.step.kind === 'service' && isTheRuns(one)),
    context,
    untold,
  );
  const left = [...ranges, ...second, ...services];
  const [failed] = left;
  const [doubt] = untold;
  if (failed === undefined) {
    if (doubt === undefined) return { verdict: 'rolled-back', failure: null, detail: 'all of it was rolled back' };
    // The host's verdict names it (hosts/untold-undo.ts).
    return { verdict: 'in-doubt', failure: doubt, detail: 'all that this host shows was rolled back' };
  }
  return {
    verdict: left.some((one) => one.inDoubt) ? 'in-doubt' : 'failed-partial',
    failure: failed.failure,
    detail: `rolling back failed: ${joinAlike(left.map((one) => one.failure.message))}`,
  };
}

/**
 * What is the run's; and a step that was sent and is as it was before, so that the journal says so (nothing is sent for it). What
 * somebody else did is not called undone.
 */
function isUndone({ step, sent }: DoneStep, context: StepContext): boolean {
  const ownership = context.ownership.of(step);
  if (isOurs(ownership)) return true;
  if (step.kind === 'service') return sent && ownership.up?.seen === true;
  if (step.kind === 'dynamic-range') return sent && ownership.range?.seen === step.undoes;
  return sent && stores.every((store) => ownership[store]?.seen === step.before[store]);
}

/** The undo's own command has changed what was not the run's. */
function hasTakenAlong({ step }: DoneStep, { ownership }: StepContext): boolean {
  const values = ownership.of(step);
  return stores.some((store) => {
    const { seen, claim } = values[store] ?? {};
    return claim?.certainty === 'sure' && seen === !claim.before;
  });
}

/** A stop whose service owns a port of a range that must be re-added. What its failure means, the range's own undo shows. */
function isInTheWay({ step: stop }: DoneStep, done: readonly DoneStep[], { ownership }: StepContext): boolean {
  if (stop.kind !== 'service' || stop.verb !== 'stop') return false;
  return done.some(
    ({ step }) =>
      step.kind === 'exclusion' &&
      isAddedBack(ownership.of(step)) &&
      stop.listensOn.some(({ port }) => containsPort(step.range, port)),
  );
}

interface NotUndone {
  readonly done: DoneStep;
  readonly failure: Failure;
  readonly inDoubt: boolean;
}

/** Those that could not be undone; `untold` gets what was undone and may not be as it was. */
async function undoEach(
  steps: readonly DoneStep[],
  context: StepContext,
  untold: Failure[],
): Promise<readonly NotUndone[]> {
  const left: NotUndone[] = [];
  for (const done of steps) {
    const { result, state, failure, untold: doubt = null } = await runStep(done.step, 'undo', context);
    if (doubt !== null) untold.push(doubt);
    if (failure === null) continue;
    left.push({ done, failure, inDoubt: result === 'in-doubt' || (result === 'failed' && state === null) });
  }
  return left;
}

/** Dynamic ranges, last first; exclusions that were sent, last first; then those changed by another family's command; then services. */
function undoOrder(done: readonly DoneStep[]): readonly DoneStep[] {
  const reversed = done.toReversed();
  return [
    ...reversed.filter((one) => one.step.kind === 'dynamic-range'),
    ...reversed.filter((one) => one.step.kind === 'exclusion' && one.sent),
    ...reversed.filter((one) => one.step.kind === 'exclusion' && !one.sent),
    ...reversed.filter((one) => one.step.kind === 'service'),
  ];
}
