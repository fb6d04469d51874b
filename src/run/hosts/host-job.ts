// What the engine knows of one host: its job, the seams it works through, and what came of it. Types and the name of its lock only; what
// is done with them is change-host.ts and undo-host.ts.
import type { FactsRequest } from '../../facts/collect.ts';
import type { HostFacts } from '../../model/facts.ts';
import type { LeftOnHost } from '../../model/history.ts';
import type { HostVerdict } from '../../model/outcome.ts';
import type { ExclusionStep, Finding, HostPlan } from '../../model/plan.ts';
import type { StepOwnership } from '../../model/rules/claims.ts';
import type { Ownership } from '../../model/rules/ownership.ts';
import type { Clock, Connector, SafeListener } from '../../model/seams.ts';
import type { Target } from '../../model/target.ts';
import type { TimeLeft } from '../fleet/time-left.ts';
import type { Recorder } from '../recorder.ts';
import type { GuardSettings, HostGuard } from './host-guard.ts';
import type { LineWatch } from './open-line.ts';
import type { DoneStep } from '../steps/step-context.ts';

/** One host's part of a plan and the way to reach it. */
export interface HostJob {
  readonly plan: HostPlan;
  readonly target: Target;
  readonly request: FactsRequest;
  /** The run changed this host before it was interrupted: if nothing is left to do, it is changed, not merely fine. */
  readonly touched: boolean;
  /**
   * What the run did on this host before it was interrupted and did not undo. A failure undoes it too. Steps that are not
   * among the plan's are numbered after them. Default: nothing.
   */
  readonly doneBefore?: readonly EarlierStep[];
  /** True: what the run did before it was interrupted is undone, as its failure policy said; nothing else is done. */
  readonly isUndone?: boolean;
  /** True for a rollback: after a failed step the others are still done. */
  readonly goesOn?: boolean;
  /** For a rollback: ranges of which nothing shows whether they were permanent before the run. Default: none. */
  readonly originUnknown?: readonly ExclusionStep[];
  /** Ranges that a life of before undid so, and died before its verdict could say it. Default: none. */
  readonly untoldBefore?: readonly ExclusionStep[];
  /** Services that ran before the run and that its journal leaves down. Default: none. */
  readonly downBefore?: readonly string[];
  /** Services that ran before the run and were found stopped, not by the run. Default: none. */
  readonly stoppedSince?: readonly string[];
  /** The guard that a dead run may have left armed: called off before anything else is done on the host. */
  readonly earlierGuard?: GuardSettings;
  /** Its guard has run: it was seen gone when this job was planned, and the host as before the run. Left out: not so, or not known. */
  readonly guardRan?: GuardSettings;
  /** Looks at the facts collected after the change: null = as it should be, otherwise what is not, in one sentence. */
  readonly judge: (facts: HostFacts) => { readonly problem: string | null; readonly findings: readonly Finding[] };
}

export interface HostLock {
  /** Throws Failure `run/lease-lost` when the host may be another's by now. Left out: it lasts as long as this process. */
  refuseLost?(): void;
  /** What other runs from which the host was taken may have left on it. Left out: nothing. Throws Failure `run/left-behind`. */
  readLeft?(): Promise<readonly LeftOnHost[]>;
  /** To be called once nothing of that run is left there. */
  settleLeft?(run: string): Promise<void>;
  release(): Promise<void>;
}

export interface HostLocks {
  /** Rejects with Failure `run/host-locked` when a live run holds the host. */
  acquire(what: { readonly key: string; readonly label: string }): Promise<HostLock>;
}

export interface HostSeams {
  readonly connector: Connector;
  readonly locks: HostLocks;
  /** Of the host that is worked on; left out: it was not acquired yet. */
  readonly lock?: HostLock;
  readonly recorder: Recorder;
  readonly listener: SafeListener;
  readonly clock: Clock;
  /** Fires when everything has to stop now (second interrupt). */
  readonly signal: AbortSignal;
  readonly serviceMs: number;
  readonly times: TimeLeft;
  /** Each host is guarded so; null or left out: none is. */
  readonly guard?: GuardSettings | null;
  /** Take a failed host back at once? */
  readonly undoOnFailure: boolean;
}

/** A step of before an interruption, with what of it is the run's. */
export interface EarlierStep extends DoneStep {
  readonly ownership: StepOwnership;
}

/** The world of one host: its recorder tells `ownership` of everything. */
export interface OwnedSeams extends HostSeams {
  readonly ownership: Ownership;
  /** Null or left out: it has none. */
  readonly hostGuard?: HostGuard | null;
  /** What this process sent, and may still run there; an undo waits for it. Left out: nothing was. */
  readonly line?: LineWatch | null;
}

/** What a later undo of the host needs. */
export interface HostResult extends HostVerdict {
  readonly job: HostJob;
  readonly done: readonly DoneStep[];
  readonly ownership: Ownership;
  readonly hostGuard?: HostGuard | null;
  readonly line?: LineWatch | null;
}

/** Two names of one listener share a lock. */
export function nameHostLock({ name, connection }: Target): { readonly key: string; readonly label: string } {
  return { key: `${connection.address}:${connection.port}`, label: name };
}
