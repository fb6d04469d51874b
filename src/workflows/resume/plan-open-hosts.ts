// Hosts of a dead run that are asked again are planned again from their facts: to the plan's goal, or back where the run rolls back. What
// only a guard of the run can have done there meanwhile is noticed. The others keep their plan.
import type { RunHistory } from '../../model/history.ts';
import { failureRecord } from '../../model/failure.ts';
import type { HostPlan } from '../../model/plan.ts';
import type { Target } from '../../model/target.ts';
import { withLeftGuards } from '../../plan/guarded-plan.ts';
import { planHost } from '../../plan/make-plan.ts';
import { planHostRollback } from '../../plan/rollback-plan.ts';
import { createSharing } from '../../plan/share-alike.ts';
import { findLineWait } from '../../run/hosts/orphaned-shells.ts';
import { findOwnTask, isUndoneByGuard, leaveToNext } from '../guards/open-guards.ts';
import { makeAnswer, makeRequest } from '../host-jobs.ts';
import type { Seams } from '../seams.ts';
import { surveyFleet } from '../survey-fleet.ts';
import { unreachedAgain, withServiceStarts } from './resumed-host.ts';

/** A service that was told to stop when the run died may take so long; it is waited for before its host is planned again. */
const settleMs = 60_000;

export interface OpenHosts {
  readonly open: readonly HostPlan[];
  /** Those of them that were started, or never answered. */
  readonly asked: readonly Target[];
  readonly history: RunHistory;
  /** They are planned to be as they were before the run. */
  readonly rollsBack: boolean;
}

export interface PlannedAgain {
  readonly hosts: readonly HostPlan[];
  /** Hosts that undid by themselves what the run did there. */
  readonly ran: ReadonlySet<string>;
}

export async function planOpenHosts(
  { open, asked, history, rollsBack }: OpenHosts,
  concurrency: number,
  seams: Seams,
): Promise<PlannedAgain> {
  const ran = new Set<string>();
  const started = new Map(history.hosts.map((one) => [one.host, one]));
  const verdicts = new Map(history.verdicts.map((one) => [one.host, one]));
  const plans = new Map(open.map((one) => [one.target, one]));
  const planOf = ({ name }: Target): HostPlan => {
    const plan = plans.get(name);
    if (plan === undefined) throw new Error(`no plan for ${name}`);
    return plan;
  };
  const sharing = createSharing();
  const request = {
    targets: asked,
    concurrency,
    settleMs,
    extraMs: findLineWait(history, seams.clock),
    requestOf: (target: Target) => makeRequest(planOf(target).desired),
  };
  const again = await surveyFleet(request, seams, (one) => {
    const host = planOf(one.target);
    if ('failure' in one) return unreachedAgain(host, verdicts.get(host.target), failureRecord(one.failure));
    const before = started.get(host.target);
    const hasRun = isUndoneByGuard(history, before, one.facts);
    if (hasRun) ran.add(host.target);
    const told = leaveToNext(history, before, { facts: one.facts, hasRun });
    const answer = makeAnswer(one.facts, host.desired);
    const own = findOwnTask(history, host.target);
    if (rollsBack && told !== undefined) {
      return sharing.plan(withLeftGuards(planHostRollback(host, answer, told, false), { own }));
    }
    const planned = planHost(host, answer);
    const continued = told === undefined ? planned : withServiceStarts(planned, told, one.facts);
    return sharing.plan(withLeftGuards(continued, { own }));
  });
  const planned = new Map(again.map((one) => [one.target, one]));
  return { hosts: open.map((host) => planned.get(host.target) ?? host), ran };
}
