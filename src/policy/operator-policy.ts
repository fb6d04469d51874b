// What the operator's policy allows of any plan. It comes from a file that is theirs, never from a plan, a playbook or an untrusted
// inventory. Null: that rule is not in the file.
import type { Channel } from '../model/notifications/channel.ts';
import type { PortRange } from '../model/port-range.ts';
import type { ChangeWindow, RequiredApprovals } from '../model/strategy.ts';

export interface OperatorPolicy {
  readonly file: string;
  readonly maxHosts: number | null;
  /** The ports that may be reserved or released. */
  readonly ports: readonly PortRange[] | null;
  /** The services that may be restarted. */
  readonly services: readonly string[] | null;
  /** A plan's window lies within one of them. */
  readonly windows: readonly ChangeWindow[] | null;
  /** The inventory variable by which hosts are never in change together. */
  readonly oneAtATimeBy: string | null;
  readonly approvals: RequiredSigners | null;
  /** A program that judges the plan, with its arguments. */
  readonly command: readonly string[] | null;
  /** Whom to tell what happens; no rule, so that nothing is refused by it. */
  readonly channels: readonly Channel[];
  /** Where each rule is written. */
  readonly places: Readonly<Record<PolicyRule, Place>>;
}

export const policyRules = [
  'max_hosts',
  'ports',
  'services',
  'windows',
  'one_at_a_time_by',
  'approvals',
  'policy',
] as const;
export type PolicyRule = (typeof policyRules)[number];

export interface RequiredSigners {
  readonly rule: RequiredApprovals;
  /** An allowed_signers file. */
  readonly signers: string;
}

/** Both count from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}
