// One step, in either direction: note the intent, send, look again, judge by what the host shows, note the result. A change is
// sent at most once; when its answer is lost the host is asked, and what it shows is what counts.
import { failureRecord, type Failure } from '../../model/failure.ts';
import type { ExclusionTable, Protocol } from '../../model/host-state.ts';
import type { Direction, StepLook, StepResult, StepState } from '../../model/outcome.ts';
import { isOurs, type Ownership } from '../../model/rules/ownership.ts';
import type { Step } from '../../model/plan.ts';
import type { Clock, Session } from '../../model/seams.ts';
import { runExclusionStep } from './exclusion-step.ts';
import type { Recorder } from '../recorder.ts';
import { runServiceStep } from './service-step.ts';

/** What a step needs: the host's open session, where to note things, and how long to wait. */
export interface StepContext {
  readonly host: string;
  readonly session: Session;
  /** Tells `ownership` of everything it records. */
  readonly recorder: Recorder;
  /** What of the host the run's commands brought about. */
  readonly ownership: Ownership;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The exclusion tables as last read; null = read them again. The only thing here that changes. */
  readonly view: { tables: readonly ExclusionTable[] | null };
  /** Protocols whose tables are read after each change. */
  readonly protocols: readonly Protocol[];
  /** How long a service may take to stop or start. */
  readonly serviceMs: number;
}

export interface StepOutcome {
  readonly result: StepResult;
  /** True when at least one command was sent, or may have been. */
  readonly sent: boolean;
  /** As the host showed it last; null when it couldn't be asked. */
  readonly state: StepState | null;
  /** The same on every family. */
  readonly look: StepLook | null;
  readonly failure: Failure | null;
}

/** Runs a step and records its end. Rejects only with Failure `journal/unwritable`. */
export async function runStep(step: Step, direction: Direction, context: StepContext): Promise<StepOutcome> {
  const outcome =
    step.kind === 'exclusion'
      ? await runExclusionStep(step, direction, context)
      : await runServiceStep(step, direction, context);
  await context.recorder.record({
    type: 'step-ended',
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
  return outcome;
}
