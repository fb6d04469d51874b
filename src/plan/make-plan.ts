// Facts and desired -> the plan of one host. Pure: the same facts and the same playbook always make the same plan.
import type { HostFacts } from '../model/facts.ts';
import type { FailureRecord } from '../model/failure.ts';
import type { Finding, HostPlan, HostPlanState } from '../model/plan.ts';
import type { BackEndPorts } from '../model/discovery/discovery.ts';
import type { SavedConnection } from '../model/target.ts';
import type { Desired } from '../model/desired.ts';
import { diffDynamicRanges, diffHostState, type Change } from './diff.ts';
import { findHazards } from './hazards.ts';
import { orderSteps } from './order.ts';

/** Who the plan is for, and what is desired of it. */
export interface PlannedHost {
  readonly target: string;
  readonly connection: SavedConnection;
  readonly exclusiveGroup: string | null;
  readonly desired: Desired;
  /** Left out where all hosts are asked for the same. */
  readonly backEndPorts?: BackEndPorts;
  /** Left out: none. */
  readonly site?: string;
}

export interface HostAnswer {
  readonly facts: HostFacts;
  readonly fingerprint: string;
}

export interface HostJudgement {
  readonly state: Exclude<HostPlanState, 'unreachable'>;
  readonly changes: readonly Change[];
  /** Blockers first. */
  readonly findings: readonly Finding[];
}

/** What has to change on a host and what would block that here: plan, verify and doctor say the same because they all ask this. */
export function judgeHost(facts: HostFacts, desired: Desired): HostJudgement {
  const changes = diffHostState(facts.state, desired);
  const findings = findHazards(facts, desired, changes);
  const isAsDesired = changes.length === 0 && diffDynamicRanges(facts.state, desired).length === 0;
  const blocked = findings.some((one) => one.severity === 'blocker');
  return { state: blocked ? 'blocked' : isAsDesired ? 'ok' : 'changes', changes, findings };
}

/** The plan of a host that answered. */
export function planHost(host: PlannedHost, { facts, fingerprint }: HostAnswer): HostPlan {
  const { state, changes, findings } = judgeHost(facts, host.desired);
  return {
    ...host,
    state,
    steps: state === 'changes' ? orderSteps(facts, changes, host.desired) : [],
    findings,
    fingerprint,
    windows: facts.windows,
    exchange: facts.exchange,
    facts,
    failure: null,
  };
}

/** The plan of a host that did not answer. */
export function planUnreached(host: PlannedHost, failure: FailureRecord): HostPlan {
  return {
    ...host,
    state: 'unreachable',
    steps: [],
    findings: [],
    fingerprint: null,
    windows: null,
    exchange: null,
    facts: null,
    failure,
  };
}
