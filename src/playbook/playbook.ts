// A playbook as the rest of the house sees it: what is desired, and how to go about it. Every default is filled in.
import type { WantedExclusion, WhenHeldByOwnService } from '../model/wanted.ts';

/** How many hosts: a number of them, or a percentage (1-100) of those selected. */
export type HostCount =
  { readonly kind: 'count'; readonly hosts: number } | { readonly kind: 'percent'; readonly percent: number };

export interface Strategy {
  /** Hosts in the first batch, before all others; 0 = no canary. */
  readonly canary: number;
  /** One batch after the other; the last is repeated until no host is left. */
  readonly batches: readonly HostCount[];
  /** Hosts worked on at the same time. */
  readonly concurrency: number;
  /** The run stops when MORE than this many hosts of a batch have failed. */
  readonly maxFailed: HostCount;
  /** The same over the whole run; null = no such limit. */
  readonly maxFailedTotal: HostCount | null;
  /** A variable of the inventory: hosts that share its value are never in change together. */
  readonly oneAtATimeBy: string | null;
  /** Between two batches. */
  readonly pauseMs: number;
  readonly confirmBetweenBatches: boolean;
}

/** ISO 8601, UTC. */
export interface ChangeWindow {
  readonly opensAt: string;
  readonly closesAt: string;
}

export const onFailureChoices = ['stop', 'rollback_host', 'rollback_batch', 'rollback_run'] as const;
type OnFailure = (typeof onFailureChoices)[number];

export interface Playbook {
  readonly name: string;
  /** A host pattern. */
  readonly hosts: string;
  readonly exclusions: readonly WantedExclusion[];
  readonly whenHeldByOwnService: WhenHeldByOwnService;
  readonly strategy: Strategy;
  readonly window: ChangeWindow | null;
  readonly onFailure: OnFailure;
}
