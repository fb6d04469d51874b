// How a run and each of its hosts stand, as the journals know it. Types only; workflows/run-status.ts tells them, report/ shows them.
import type { RunKind, Verdict } from './outcome.ts';
import type { ConfirmedCommit } from './strategy.ts';

export interface HostStanding {
  readonly host: string;
  /** Null: it was never started, or was being changed when the journal ends. */
  readonly verdict: Verdict | null;
  /** False: nothing was ever sent to it. */
  readonly isStarted: boolean;
  /** What the run did, and is not known to be undone. */
  readonly changed: readonly string[];
  /** What may or may not have been done. */
  readonly inDoubt: readonly string[];
  /** Services that the run told to stop and that have not been seen running since. */
  readonly down: readonly string[];
  /** One of these, which its own command starts again by then: whether it has, no journal tells. Left out: none. */
  readonly restart?: { readonly service: string; readonly until: string };
  /** Of a rollback: what of this host it did not bring back, or why none of it. */
  readonly notBack: readonly string[];
  /** The guard that undoes this by itself unless it is called off; left out: none is known to be armed. */
  readonly guard?: { readonly armedAt: string; readonly withinMs: number; readonly by: ConfirmedCommit['by'] };
  /** The rollback that brought it back; null: none did. */
  readonly rolledBackBy: string | null;
}

/** A process that works on the run now, with the hosts that it has. */
export interface RunnerAtWork {
  /** `ops@jump01 (process 4711)` */
  readonly by: string;
  readonly since: string;
  /** It has the run itself: alone, or it opens the batches for the others. */
  readonly coordinates: boolean;
  readonly hosts: readonly { readonly host: string; readonly since: string }[];
}

export interface RunStatus {
  readonly run: string;
  readonly kind: RunKind;
  readonly of: string | null;
  readonly startedAt: string;
  readonly isFinished: boolean;
  readonly stopping: string | null;
  /** What is wrong with its journal; null: nothing is. */
  readonly damage: string | null;
  readonly hosts: readonly HostStanding[];
  /** As their locks say; left out: none is known to live. */
  readonly runners?: readonly RunnerAtWork[];
  /** Sites whose hosts wait in the open batch of a shared run while no runner of them takes part; left out: none. */
  readonly waitingFor?: readonly { readonly site: string; readonly waiting: number }[];
  /** Null: nothing is left to do. */
  readonly next: string | null;
}
