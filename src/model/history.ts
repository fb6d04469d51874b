// What a run did to each host, told from its journal alone. The basis of `rollback`, `resume` and `runs show`.
import type { HostFacts } from './facts.ts';
import type { ListeningPort } from './listening-port.ts';
import type { EventOf, HostVerdict, StepResult, StepState } from './outcome.ts';
import type { StepOwnership } from './rules/claims.ts';
import type { Step } from './plan.ts';
import type { SavedConnection } from './target.ts';
import type { Desired } from './desired.ts';

/** One step of a host, over all that was tried with it. */
export interface StepHistory {
  readonly step: Step;
  /** A command of its `do` direction was sent, or may have been. */
  readonly sent: boolean;
  /** No command of its own was sent, and it is still the run's: another family's command changed it. */
  readonly changedByOtherFamily: boolean;
  /** What of it the run's commands changed, by model/rules/ownership.ts: this and nothing else is rolled back. */
  readonly ownership: StepOwnership;
  /** As the host last showed it; null = never asked since its first command. */
  readonly state: StepState | null;
  /** The last command's answer is not in the journal, or was lost: it may or may not have run. */
  readonly inDoubt: boolean;
  /** It was undone within the run, and the host showed it so. */
  readonly rolledBack: boolean;
  readonly lastResult: StepResult | null;
}

export interface HostHistory {
  readonly host: string;
  readonly connection: SavedConnection;
  readonly exclusiveGroup: string | null;
  readonly desired: Desired;
  /** The facts before the first change of this run. */
  readonly before: HostFacts;
  readonly steps: readonly StepHistory[];
  /** Null: the run died while the host was in change. */
  readonly verdict: HostVerdict | null;
}

/** What can be said of a run without what was done on its hosts. */
export interface RunOutline extends Pick<RunHistory, 'started' | 'verdicts' | 'finished' | 'stopping'> {
  /** Hosts that were started and have no verdict, in that order. */
  readonly inChange: readonly string[];
}

/** What a rollback made of the hosts that it was about. */
export interface RollbackSummary {
  readonly run: string;
  readonly finished: boolean;
  readonly hosts: number;
  /** Those of them that are as they were before the run. */
  readonly rolledBack: number;
}

/** The last that a journal tells of a host's guard. */
export type GuardHistory = Omit<EventOf<'guard'>, 'type' | 'host'>;

/** The line of an outage of which no end is known (rules/outage.ts). */
export interface OpenLine {
  readonly sentAt: string;
  readonly boundMs: number;
  /** It runs and listens again when the line has finished. */
  readonly service: string;
  readonly listensOn: readonly ListeningPort[];
}

/** What a run from which a host was taken may have left on it. */
export interface LeftOnHost {
  readonly run: string;
  /** Opened and not known to be gone: whoever opened them may be asleep, and still send into them. */
  readonly shells: readonly string[];
  /** Null: none runs. */
  readonly line: OpenLine | null;
}

export interface RunHistory {
  readonly started: EventOf<'run-started'>;
  /** Hosts on which something was started, in that order. */
  readonly hosts: readonly HostHistory[];
  /** The last verdict of every host that has one. */
  readonly verdicts: readonly HostVerdict[];
  /** Null: the run died, or is still under way. */
  readonly finished: EventOf<'run-finished'> | null;
  /** Shells that a process of the run may have left on each host, by host: opened, and the host never came to an end after that. */
  readonly openShells: Readonly<Record<string, readonly string[]>>;
  /** By host; left out: the run armed none. */
  readonly guards?: Readonly<Record<string, GuardHistory>>;
  /** Lines that carry out an outage and may still run, by host: sent, and nothing tells that they have finished. Left out: none. */
  readonly openLines?: Readonly<Record<string, OpenLine>>;
  /** Why it stopped early; null when it did not. */
  readonly stopping: string | null;
  /** Batches started since the run last came to its end, oldest first. One that a resumed run went on with is there once. */
  readonly batches: readonly { readonly hosts: readonly string[]; readonly finished: boolean }[];
}
