// What became of a command, a step, a host, a run. The events are what the journal holds, what reporters print, and all that
// `rollback` and `resume` need.
import type { CountedApproval } from './approval.ts';
import type { HostFacts, ServiceState } from './facts.ts';
import type { FailureRecord } from './failure.ts';
import type { Store, Family } from './host-state.ts';
import type { ListeningPort } from './listening-port.ts';
import type { Finding, Presence, ShownPresence, Step, StepData } from './plan.ts';
import type { PortRange } from './port-range.ts';
import type { ConfirmedCommit, OnFailure } from './strategy.ts';
import type { SavedConnection } from './target.ts';
import type { Desired } from './desired.ts';

/**
 * How a host ended. Every selected host has exactly one.
 *
 * changed: as desired now (for a rollback: as it was before); fine: nothing to do; blocked: a blocker in its plan;
 * stale: not as the plan found it, left alone; refused: changed by somebody else since, left alone;
 * failed-rolled-back: a step failed and the host is as it was; failed-partial: a step failed and something remains;
 * undone-by-host: nobody called its guard off in time, so the host undid the run's changes by itself;
 * undone: changed, then rolled back because the failure policy says so; in-doubt: an answer was lost and the host can't be asked;
 * unreachable: nothing was sent that changes anything; locked: another run holds the host; skipped: the run stopped before it,
 * or another host of its group was left down.
 */
export const verdicts = [
  'changed',
  'unchanged',
  'blocked',
  'stale',
  'conflict',
  'failed-rolled-back',
  'failed-partial',
  'rolled-back',
  'undone-by-host',
  'in-doubt',
  'unreachable',
  'locked',
  'skipped',
] as const;
export type Verdict = (typeof verdicts)[number];

/** Verdicts that a resumed run leaves as they are. The others are asked, or started. */
export const settledVerdicts: readonly Verdict[] = [
  'changed',
  'unchanged',
  'blocked',
  'stale',
  'conflict',
  'failed-rolled-back',
  'rolled-back',
  'undone-by-host',
];

export type Direction = 'do' | 'undo';

/** What the host showed for a step when it was last asked. */
export type StepState =
  | { readonly kind: 'exclusion'; readonly presence: Presence }
  | {
      readonly kind: 'service';
      readonly state: ServiceState | 'not-installed';
      readonly listensOn: readonly ListeningPort[];
    }
  | { readonly kind: 'dynamic-range'; readonly range: PortRange };

/** One look at everything that a step's command may change: a range on every family (null: not read), or a service. */
export type StepLook =
  | { readonly kind: 'exclusion'; readonly presence: Readonly<Record<Family, ShownPresence | null>> }
  | { readonly kind: 'service'; readonly state: ServiceState | 'not-installed' }
  | { readonly kind: 'dynamic-range'; readonly range: PortRange };

/** What one command is meant to bring about. */
export type CommandGoal =
  | {
      readonly kind: 'exclusion';
      readonly store: Store;
      readonly present: boolean;
      /** Its line deletes the range before it adds it, so that either store may lose it. */
      readonly replaces?: true | undefined;
    }
  | { readonly kind: 'service'; readonly running: boolean }
  /** `desired`: the range that the playbook asks for, not the one from before the run. */
  | { readonly kind: 'dynamic-range'; readonly desired: boolean };

/** What a line that stops a service will do beyond that, whatever becomes of the connection. */
export interface OutageIntent {
  /** It has ended this long after it was sent. */
  readonly boundMs: number;
  /** The steps that follow in it, and how the host showed each last. */
  readonly then: readonly { readonly step: number; readonly before: StepLook | null }[];
}

/** done: commands were sent and the host shows the goal; not-needed: it showed the goal before any was sent. */
export type StepResult = 'done' | 'not-needed' | 'failed' | 'in-doubt';

/**
 * planned: on disk before it is sent; armed: seen on the host; extended: its time counts from now, with `withinMs`; called-off: seen deleted;
 * gone: it is not there although nothing here says that it was called off; fired: the same, and the changes are undone.
 */
export const guardStates = ['planned', 'armed', 'extended', 'called-off', 'gone', 'fired'] as const;
export type GuardState = (typeof guardStates)[number];

export type RunKind = 'apply' | 'rollback';

/** Who runs Fencepost, and where. */
export interface Operator {
  readonly user: string;
  readonly machine: string;
  readonly processId: number;
  readonly toolVersion: string;
}

/** One line of the summary. */
export interface HostVerdict {
  readonly host: string;
  readonly verdict: Verdict;
  /** One sentence for a person: what happened or why not. */
  readonly detail: string;
  readonly failure: FailureRecord | null;
  /** Of a failed host: nothing on it was changed, so there was nothing to roll back. */
  readonly untouched?: true | undefined;
  /** It was still being changed when the window closed or the deadline passed. */
  readonly late?: true | undefined;
  /** Services that ran before the run and are down now, or may be: as far as the run knows. Left out: none. */
  readonly down?: readonly string[] | undefined;
}

export type RunEvent = { readonly at: string } & (
  | {
      readonly type: 'run-started';
      readonly run: string;
      readonly kind: RunKind;
      /** The run that is rolled back; null for an apply. */
      readonly of: string | null;
      readonly operator: Operator;
      readonly plan: { readonly digest: string; readonly file: string | null };
      readonly playbook: { readonly name: string; readonly file: string; readonly sha256: string };
      readonly inventory: { readonly files: readonly string[]; readonly sha256: string };
      readonly onFailure: OnFailure;
      /** Those that counted; left out when none was required. */
      readonly approvals?: readonly CountedApproval[];
      /** Every selected host, in order, with what the plan said of it. */
      readonly hosts: readonly { readonly host: string; readonly state: string }[];
    }
  | { readonly type: 'run-resumed'; readonly operator: Operator }
  | { readonly type: 'batch-started'; readonly batch: number; readonly of: number; readonly hosts: readonly string[] }
  | {
      /**
       * A shell of the run on a host, on disk before a line is run in it. When the run dies, `resume` and `rollback` delete it before
       * they do anything else there. Its id is no secret: a shell is its account's alone.
       */
      readonly type: 'shell-opened';
      readonly host: string;
      readonly shellId: string;
    }
  | {
      /** The undo of one host. Always on disk before the first command that changes it. */
      readonly type: 'host-started';
      readonly host: string;
      /** How to reach it again. An inline password is not in it. */
      readonly connection: SavedConnection;
      readonly exclusiveGroup: string | null;
      readonly desired: Desired;
      readonly before: HostFacts;
      readonly steps: readonly Step[];
    }
  | {
      /** On disk before the command is sent. Without a following `command-finished` it may or may not have run. */
      readonly type: 'command-planned';
      readonly host: string;
      readonly step: number;
      readonly direction: Direction;
      /** For the report only: what is sent is derived from the step. */
      readonly line: string;
      readonly goal: CommandGoal;
      /** As the host showed it last before the command was sent. */
      readonly before: StepLook | null;
      /** The command is the first of an outage that one line carries out to its end (rules/outage.ts). */
      readonly outage?: OutageIntent | undefined;
    }
  | {
      readonly type: 'command-finished';
      readonly host: string;
      readonly step: number;
      readonly direction: Direction;
      readonly exitCode: number;
      /** What Windows printed, in its language. For the report only: nothing is judged by it. */
      readonly text: string;
      readonly state: StepState | null;
      /** The two looks in the command's own line, around it; null: it could not be read. */
      readonly before: StepLook | null;
      readonly after: StepLook | null;
    }
  | {
      /** The answer was lost. `effect` none: surely not run. unknown: the host has to be asked. */
      readonly type: 'command-lost';
      readonly host: string;
      readonly step: number;
      readonly direction: Direction;
      readonly effect: 'none' | 'unknown';
      readonly failure: FailureRecord;
    }
  | {
      readonly type: 'step-finished';
      readonly host: string;
      readonly step: number;
      readonly direction: Direction;
      readonly result: StepResult;
      /** As found by asking the host; null when it couldn't be asked. */
      readonly state: StepState | null;
      /** The same on every family; null when it couldn't be asked. */
      readonly look: StepLook | null;
      /** Found at its goal because a command of this run for its twin (same range, other family) changed it along. */
      readonly changedByOtherFamily: boolean;
      readonly failure: FailureRecord | null;
    }
  | {
      /** The guard of a host: the task that undoes the run's changes there unless it is called off. */
      readonly type: 'guard';
      readonly host: string;
      readonly state: GuardState;
      /** `\\Fencepost\\RUN` */
      readonly task: string;
      /** From when it was armed or extended until it starts. */
      readonly withinMs: number;
      readonly by: ConfirmedCommit['by'];
    }
  | ({ readonly type: 'host-finished'; readonly findings: readonly Finding[] } & HostVerdict)
  | { readonly type: 'batch-finished'; readonly batch: number; readonly failed: number }
  | { readonly type: 'run-stopping'; readonly reason: string }
  | { readonly type: 'run-finished'; readonly counts: Readonly<Partial<Record<Verdict, number>>> }
);

export type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/** An event as a journal and `--events` have it: its steps are data. */
export type SavedEvent =
  | Exclude<RunEvent, { type: 'host-started' }>
  | (Omit<EventOf<'host-started'>, 'steps'> & { readonly steps: readonly StepData[] });
