// How a run goes about many hosts: batches, budgets of failure, the window, and what happens to what was changed when something fails.
import type { AskedEvent } from './notifications/note.ts';

/** How many hosts: a number of them, or a percentage (1-100) of those it is about. */
export type HostCount =
  { readonly kind: 'count'; readonly hosts: number } | { readonly kind: 'percent'; readonly percent: number };

export interface Strategy {
  /** Hosts in the first batch; 0 = no canary. */
  readonly canary: number;
  /** Sizes of the batches after the canary; the last one repeats until all hosts are done. Percent of all hosts to change. */
  readonly batches: readonly HostCount[];
  /** Hosts at once. */
  readonly concurrency: number;
  /** How many hosts of a batch may fail: the run stops when this is EXCEEDED, not when it is reached. */
  readonly maxFailed: HostCount;
  /** The same over the whole run; null = no budget beside that of the batch. */
  readonly maxFailedTotal: HostCount | null;
  /** Inventory variable; hosts with the same value are never in change at the same time. */
  readonly oneAtATimeBy: string | null;
  /** Between batches. */
  readonly pauseMs: number;
  /** Ask a person before each batch after the first. */
  readonly confirmBetweenBatches: boolean;
}

/** ISO 8601 with an explicit offset. */
export interface ChangeWindow {
  readonly opensAt: string;
  readonly closesAt: string;
}

export const onFailureChoices = ['stop', 'rollback_host', 'rollback_batch', 'rollback_run'] as const;
/** What is rolled back when a host fails: nothing; that host; its whole batch; everything the run changed. */
export type OnFailure = (typeof onFailureChoices)[number];

/** Whether the failure of one host may roll back others that were changed. */
export function rollsBackOthers(onFailure: OnFailure): boolean {
  return onFailure === 'rollback_batch' || onFailure === 'rollback_run';
}

/** More can't be required. */
export const mostApprovals = 20;

/** How many people have to approve a plan before it is applied. Who may is never said by a plan. */
export interface RequiredApprovals {
  readonly required: number;
  /** `planner`: whoever made the plan is not counted. */
  readonly notBy: 'planner' | null;
}

export const confirmedBy = ['run', 'person'] as const;

/** What may stand in a playbook: less than ten minutes leaves a run no time for a service that is slow to stop. */
export const confirmLimitsMs = { least: 600_000, most: 86_400_000 } as const;

/**
 * Each changed host gets a task that undoes its changes after `withinMs`, unless it is called off: by the run, when it has verified the
 * host, or by a person (`fencepost confirm`).
 */
export interface ConfirmedCommit {
  readonly withinMs: number;
  readonly by: (typeof confirmedBy)[number];
}

/** What a channel of the operator's policy is told beyond its own events. Where that is, and with what secret, only the policy says. */
export interface AskedNotes {
  readonly channel: string;
  readonly events: readonly AskedEvent[];
}

/** More can't be named. */
export const mostAskedChannels = 20;

export interface Policy {
  readonly strategy: Strategy;
  readonly window: ChangeWindow | null;
  readonly onFailure: OnFailure;
  /** Left out: none are required by the plan. The operator's own policy may require more. */
  readonly approvals?: RequiredApprovals;
  /** Left out: hosts get no guard. */
  readonly confirm?: ConfirmedCommit;
  /** Left out: channels are told what their policy says, and no more. */
  readonly notify?: readonly AskedNotes[];
}
