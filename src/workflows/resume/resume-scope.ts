// What is left of a dead run: which of its hosts are settled, which are still to be carried out, and whether it was rolling back because
// too many had failed. From its journal, its plan and its rollbacks alone; no host is asked. Pure.
import type { HostHistory } from '../../model/history.ts';
import { settledVerdicts, type HostVerdict } from '../../model/outcome.ts';
import type { HostPlan } from '../../model/plan.ts';
import { isOurs } from '../../model/rules/ownership.ts';
import { recallFailures, undoScope } from '../../run/earlier-life.ts';
import { findOpenGuards } from '../guards/open-guards.ts';
import type { DeadRun } from './dead-run.ts';

export interface ResumeScope {
  readonly failures: ReturnType<typeof recallFailures>;
  /** The run was rolling back, or was about to, because of its failures. */
  readonly rollsBack: boolean;
  /** Hosts that bear something of the run. */
  readonly touched: ReadonlySet<string>;
  /** Hosts in progress or finished, by name. */
  readonly started: ReadonlyMap<string, HostHistory>;
  readonly settled: readonly HostVerdict[];
  /** Settled as changed, and a guard may have undone it since: asked all the same. */
  readonly doubted: ReadonlySet<string>;
  /** Left to do: in progress, not started, or in doubt. */
  readonly acting: readonly HostPlan[];
  /** Not settled, and not started any more because too many had failed. */
  readonly left: readonly HostPlan[];
  /** Settled, and rolled back should the run come to it. */
  readonly kept: readonly HostPlan[];
  /** Whether the host has to be asked before it is planned. */
  readonly isAsked: (host: HostPlan) => boolean;
}

export function findResumeScope({ history, plan, back }: DeadRun): ResumeScope {
  const guards = findOpenGuards(history);
  const touched = listTouched(history);
  const cutOff = new Set(history.hosts.filter(isCutOff).map((one) => one.host));
  const failures = recallFailures(history, plan.policy);
  const undoable = undoScope(history, plan.policy);
  const rollsBack = failures.isExceeded && undoable.size > 0;
  const isInScope = (host: string): boolean =>
    undoable.has(host) && (touched.has(host) || cutOff.has(host)) && !back.has(host);
  const isKept = (one: HostVerdict): boolean =>
    isSettled(one, touched) && !back.has(one.host) && !(rollsBack && isInScope(one.host));
  const settled = [...history.verdicts.filter(isKept), ...listRolledBack(back)];
  const mayHaveRun = ({ host, verdict }: HostVerdict): boolean =>
    verdict === 'changed' && (guards.has(host) || history.guards?.[host]?.state === 'fired') && !back.has(host);
  const doubted = new Set(settled.filter(mayHaveRun).map((one) => one.host));
  const settledHosts = new Set(settled.map((one) => one.host));
  const open = plan.hosts.filter((one) => !settledHosts.has(one.target) || doubted.has(one.target));
  const started = new Map(history.hosts.map((one) => [one.host, one]));
  const acts = ({ target }: HostPlan): boolean =>
    !failures.isExceeded || (rollsBack ? isInScope(target) : touched.has(target)) || doubted.has(target);
  return {
    failures,
    rollsBack,
    touched,
    started,
    settled,
    doubted,
    acting: open.filter(acts),
    left: open.filter((one) => !acts(one)),
    kept: plan.hosts.filter(({ target }) => settledHosts.has(target) && isInScope(target)),
    isAsked: (one) => rollsBack || started.has(one.target) || one.facts === null,
  };
}

/** Hosts that bear something of the run. */
export function listTouched({ hosts }: Pick<DeadRun['history'], 'hosts'>): ReadonlySet<string> {
  const bearing = hosts.filter(({ steps }) => steps.some((step) => isOurs(step.ownership)));
  return new Set(bearing.map((one) => one.host));
}

/** One that was undone and died before its verdict bears nothing of the run any more, and is rolled back all the same. */
function isCutOff({ verdict, steps }: HostHistory): boolean {
  return verdict === null && steps.some((one) => one.sent);
}

function listRolledBack(back: DeadRun['back']): readonly HostVerdict[] {
  return [...back].map(([host, by]) => {
    return { host, verdict: 'rolled-back', detail: `rolled back by run ${by}`, failure: null };
  });
}

/** A host that the run changed and that was blocked when the run was resumed is looked at again: the way may be free by now. */
function isSettled({ host, verdict }: HostVerdict, touched: ReadonlySet<string>): boolean {
  return settledVerdicts.includes(verdict) && !(verdict === 'blocked' && touched.has(host));
}
