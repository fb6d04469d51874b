// What a step works with and what comes of it. Types only, so that a step, its commands and its undo need not know one another.
import type { Failure } from '../../model/failure.ts';
import type { ExclusionTable, Protocol } from '../../model/host-state.ts';
import type { StepLook, StepResult, StepState } from '../../model/outcome.ts';
import type { Step } from '../../model/plan.ts';
import type { Ownership } from '../../model/rules/ownership.ts';
import type { Clock, Session } from '../../model/seams.ts';
import type { Recorder } from '../recorder.ts';

/** What a step needs: the host's open session, where to note things, and how long to wait. */
export interface StepContext {
  readonly host: string;
  readonly session: Session;
  /** Tells `ownership` of everything it records. */
  readonly recorder: Recorder;
  /** What of the host the run's commands changed. */
  readonly ownership: Ownership;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The exclusion tables as last read; null = read them again. The only thing here that changes. */
  readonly view: { tables: readonly ExclusionTable[] | null };
  /** Protocols whose tables are read after each change. */
  readonly protocols: readonly Protocol[];
  /** How long a service may take to stop or start. */
  readonly serviceMs: number;
  /** Asked right before a command is sent: why there is no time left for it. Null: an undo, for which there always is. */
  readonly checkTime?: ((step: Step) => Failure | null) | null;
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
  /** It was undone, and what that says may not be all: nothing shows what was there before. Default: it is all. */
  readonly untold?: Failure | null;
}

/** A step that was started. What of it is the run's, and so is undone, `Ownership` tells. */
export interface DoneStep {
  readonly step: Step;
  /** False: it was found at its goal without a command of its own. */
  readonly sent: boolean;
}
