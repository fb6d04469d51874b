// Takes steps back. What was sent comes first, the last one first; what another family's command brought along is asked after and
// sent only if it is still there; a service that was stopped is started last.
import type { Failure } from '../model/failure.ts';
import type { DoneStep, Undone } from './host.ts';
import { runStep, type StepContext } from './step.ts';

/** Runs the undo of each step, goes on after a failed one, and says what became of it all. Rejects only with `journal/unwritable`. */
export async function undoSteps(done: readonly DoneStep[], context: StepContext): Promise<Undone> {
  const failures: Failure[] = [];
  let inDoubt = false;
  for (const { step } of undoOrder(done)) {
    const outcome = await runStep(step, 'undo', context);
    if (outcome.failure !== null) failures.push(outcome.failure);
    if (outcome.result === 'in-doubt' || (outcome.result === 'failed' && outcome.state === null)) inDoubt = true;
  }
  const [failure] = failures;
  if (failure === undefined) return { verdict: 'undone', failure: null, detail: 'all of it was taken back' };
  return {
    verdict: inDoubt ? 'in-doubt' : 'failed-not-undone',
    failure,
    detail: `taking it back failed: ${failures.map((one) => one.message).join('; ')}`,
  };
}

/** Exclusions that were sent, last first; then those that came along; then services. */
export function undoOrder(done: readonly DoneStep[]): readonly DoneStep[] {
  const reversed = done.toReversed();
  return [
    ...reversed.filter((one) => one.step.kind === 'exclusion' && one.sent),
    ...reversed.filter((one) => one.step.kind === 'exclusion' && !one.sent),
    ...reversed.filter((one) => one.step.kind === 'service'),
  ];
}
