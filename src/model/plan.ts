// What is going to be done, as plain data: it survives a file, and everything apply does is described here.
import type { ExchangeVersion, HostFacts, WindowsVersion } from './facts.ts';
import type { FailureRecord } from './failure.ts';
import type { Family, Protocol, Store } from './host-state.ts';
import type { ListeningPort } from './listening-port.ts';
import type { PortRange } from './port-range.ts';
import type { Policy } from './strategy.ts';
import type { SavedConnection } from './target.ts';
import type { Desired, DesiredRequest } from './desired.ts';
import type { BackEndPorts } from './discovery/discovery.ts';

/** Whether exactly this administered range (same start, same count) is in each store. */
export type Presence = Readonly<Record<Store, boolean>>;

/** What a host shows of it. `not-shown`: neither netsh nor the registry shows permanent ranges there (host-state.ts, witness). */
export interface ShownPresence {
  readonly active: boolean;
  readonly persistent: boolean | 'not-shown';
}

/** One command line that brings a range into, or out of, one store. It is sent only while the table says it is needed. */
export interface ExclusionCommand {
  readonly line: string;
  readonly store: Store;
  readonly present: boolean;
  /**
   * The line deletes the half that is there and adds the range to both stores: `store` is the one it is missing from. It is sent only
   * after Windows refused to add the missing half, and only while the port is free.
   */
  readonly replaces?: true | undefined;
}

/** What a saved step says: data and nothing else. Commands, inverse and sentence are derived from it (windows/steps.ts). */
export type StepData = ExclusionStepData | ServiceStepData | DynamicRangeStepData;

/** Adds or deletes one range on one family. Done when the tables, read again, show `after`. */
export interface ExclusionStepData {
  readonly kind: 'exclusion';
  /** 1, 2, 3, ... within the host. */
  readonly number: number;
  /** True: it undoes a step of the run that is rolled back. */
  readonly undoes: boolean;
  readonly family: Family;
  readonly protocol: Protocol;
  readonly range: PortRange;
  /** The service the range is reserved for; null when the playbook names none. */
  readonly service: string | null;
  readonly before: Presence;
  readonly after: Presence;
}

/** Sets the dynamic range of one family and protocol. Done when Windows, asked again, shows `after`. */
export interface DynamicRangeStepData {
  readonly kind: 'dynamic-range';
  readonly number: number;
  readonly undoes: boolean;
  readonly family: Family;
  readonly protocol: Protocol;
  readonly before: PortRange;
  readonly after: PortRange;
}

/** Stops or starts one service. Done when the service control manager, asked again, says so. */
export interface ServiceStepData {
  readonly kind: 'service';
  readonly number: number;
  /** True: it starts again what an earlier run stopped. */
  readonly undoes: boolean;
  readonly service: string;
  readonly verb: 'stop' | 'start';
  /** The ranges for which it is stopped. */
  readonly ranges: readonly StepRange[];
  /** Where the service must listen again before a start counts as done: on each family on which it listened before. */
  readonly listensOn: readonly ListeningPort[];
  /** Left out: always. */
  readonly when?: ServiceCondition | undefined;
}

/**
 * - `refused`: only if Windows refuses the missing halves of the ranges while the port is open.
 * - `undo`: only to undo; the service has a port open that is released, and Windows cannot reserve an open port.
 */
export const serviceConditions = ['refused', 'undo'] as const;
type ServiceCondition = (typeof serviceConditions)[number];

export interface StepRange {
  readonly protocol: Protocol;
  readonly range: PortRange;
}

/** With what is derived from it. */
export interface ExclusionStep extends ExclusionStepData {
  /** `reserve tcp 9933 on ipv4 for MSExchangeIMAP4BE` */
  readonly sentence: string;
  /** In this order; each is sent only if the table still needs it after the one before. */
  readonly commands: readonly ExclusionCommand[];
  /** The inverse: brings the range back to `before`. */
  readonly undo: readonly ExclusionCommand[];
}

export interface ServiceStep extends ServiceStepData {
  /** `stop MSExchangeIMAP4BE, which holds tcp 9933` */
  readonly sentence: string;
  readonly line: string;
  /** Null for a start: the stop before it is what is undone, and its inverse starts the service. */
  readonly undo: string | null;
}

export interface DynamicRangeStep extends DynamicRangeStepData {
  /** `set the tcp dynamic range on ipv4 to 6005-65534 (now 1024-65535)` */
  readonly sentence: string;
  readonly line: string;
  /** Sets it to `before`. */
  readonly undo: string;
}

export type Step = ExclusionStep | ServiceStep | DynamicRangeStep;

export type FindingSeverity = 'blocker' | 'warning' | 'info';

export const findingCodes = [
  'facts-incomplete',
  'account-rights',
  'netsh-refused',
  'netsh-too-old',
  'foreign-range',
  'range-in-the-way',
  'persistent-not-shown',
  'held-by-own-service',
  'held-by-stranger',
  'held-in-doubt',
  'outside-dynamic-range',
  'port-elsewhere',
  'port-unknown',
  'backend-port-unset',
  'backend-port-conflict',
  'service-not-installed',
  'not-exchange',
  'unusual-dynamic-range',
  'dynamic-range-limits',
  'changed-since',
  'unexpected-lines',
  'guard-cannot-undo',
  'guard-left',
  'guards-not-known',
  'undone-by-guard',
] as const;
export type FindingCode = (typeof findingCodes)[number];

/** Something a person should know about a host. A blocker keeps every step of that host from being planned. */
export interface Finding {
  readonly severity: FindingSeverity;
  readonly code: FindingCode;
  readonly sentence: string;
  readonly hint: string | null;
}

export type HostPlanState = 'ok' | 'changes' | 'blocked' | 'unreachable';

export interface HostPlan {
  readonly target: string;
  /** How to reach the host, as the inventory had it when the plan was made. An inline password is not in it. */
  readonly connection: SavedConnection;
  /** Hosts with the same group are never in change at the same time; null = no such bond. */
  readonly exclusiveGroup: string | null;
  readonly state: HostPlanState;
  /** Of the plan's request, for this host. */
  readonly desired: Desired;
  /** As the inventory had them when the plan was made; left out where the plan has no request. */
  readonly backEndPorts?: BackEndPorts;
  /** Whose runner changes it in a shared run; left out: it stands in no site, or the plan is of before there were any. */
  readonly site?: string;
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

/** As in a plan file. */
export type SavedHostPlan = Omit<HostPlan, 'steps'> & { readonly steps: readonly StepData[] };
export type SavedFleetPlan = Omit<FleetPlan, 'hosts'> & { readonly hosts: readonly SavedHostPlan[] };

export interface FleetPlan {
  readonly createdAt: string;
  readonly createdBy: string;
  readonly toolVersion: string;
  readonly playbook: { readonly name: string; readonly file: string; readonly sha256: string };
  readonly inventory: { readonly files: readonly string[]; readonly sha256: string };
  readonly policy: Policy;
  /** What the playbook asks for, where that differs from host to host (`port: backend`); left out: the same of every host. */
  readonly request?: DesiredRequest;
  /** In inventory order; one entry per selected host, whatever became of it. */
  readonly hosts: readonly HostPlan[];
}
