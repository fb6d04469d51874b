// What is going to be done, as plain data: it survives a file, and everything apply does is described here.
import type { ExchangeVersion, HostFacts, WindowsVersion } from './facts.ts';
import type { FailureRecord } from './failure.ts';
import type { Family, Protocol, Store } from './host-state.ts';
import type { PortRange } from './port-range.ts';
import type { Policy } from './strategy.ts';
import type { SavedConnection } from './target.ts';
import type { Wanted } from './wanted.ts';

/** Whether exactly this administered range (same start, same count) is in each store. */
export type Presence = Readonly<Record<Store, boolean>>;

/** One command line that brings a range into, or out of, one store. It is sent only while the table says it is needed. */
export interface ExclusionCommand {
  readonly line: string;
  readonly store: Store;
  readonly present: boolean;
}

/** Adds or deletes one range on one family. Done when the tables, read again, show `after`. */
export interface ExclusionStep {
  readonly kind: 'exclusion';
  /** 1, 2, 3, ... within the host. */
  readonly number: number;
  /** `reserve tcp 9933 on ipv4 for MSExchangeIMAP4BE` */
  readonly sentence: string;
  readonly family: Family;
  readonly protocol: Protocol;
  readonly range: PortRange;
  readonly before: Presence;
  readonly after: Presence;
  /** In this order; each is sent only if the table still needs it after the one before. */
  readonly commands: readonly ExclusionCommand[];
  /** The inverse: brings the range back to `before`. */
  readonly undo: readonly ExclusionCommand[];
}

/** Stops or starts one service. Done when the service control manager, asked again, says so. */
export interface ServiceStep {
  readonly kind: 'service';
  readonly number: number;
  /** `stop MSExchangeIMAP4BE, which holds tcp 9933` */
  readonly sentence: string;
  readonly service: string;
  readonly verb: 'stop' | 'start';
  /** Ports on which the service must listen again before a start counts as done. */
  readonly listensOn: readonly number[];
  readonly line: string;
  /** Null for a start: the stop before it is what has to be taken back, and its inverse starts the service. */
  readonly undo: string | null;
}

export type Step = ExclusionStep | ServiceStep;

export type FindingSeverity = 'blocker' | 'warning' | 'info';

export const findingCodes = [
  'facts-incomplete',
  'netsh-too-old',
  'foreign-range',
  'range-in-the-way',
  'held-by-own-service',
  'held-by-stranger',
  'held-in-doubt',
  'outside-dynamic-range',
  'listens-elsewhere',
  'service-not-installed',
  'not-exchange',
  'unusual-dynamic-range',
  'changed-since',
] as const;
export type FindingCode = (typeof findingCodes)[number];

/** Something a person should know about a host. A blocker keeps every step of that host from being planned. */
export interface Finding {
  readonly severity: FindingSeverity;
  readonly code: FindingCode;
  readonly sentence: string;
  readonly hint: string | null;
}

export type HostPlanState = 'fine' | 'change' | 'blocked' | 'unreachable';

export interface HostPlan {
  readonly target: string;
  /** How to reach the host, as the inventory had it when the plan was made. An inline password is not in it. */
  readonly connection: SavedConnection;
  /** Hosts with the same group are never in change at the same time; null = no such bond. */
  readonly exclusiveGroup: string | null;
  readonly state: HostPlanState;
  readonly wanted: Wanted;
  /** Empty unless `state` is `change`. */
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
  /** Over the part of the facts that this plan rests on; null when the host was not reached. */
  readonly fingerprint: string | null;
  readonly windows: WindowsVersion | null;
  readonly exchange: ExchangeVersion | null;
  /** The facts the plan was made from; null when the host was not reached. */
  readonly facts: HostFacts | null;
  /** Why the host was not reached. */
  readonly failure: FailureRecord | null;
}

export interface FleetPlan {
  readonly createdAt: string;
  readonly createdBy: string;
  readonly toolVersion: string;
  readonly playbook: { readonly name: string; readonly file: string; readonly sha256: string };
  readonly inventory: { readonly files: readonly string[]; readonly sha256: string };
  readonly policy: Policy;
  /** In inventory order; one entry per selected host, whatever became of it. */
  readonly hosts: readonly HostPlan[];
}
