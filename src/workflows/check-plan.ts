// The dry run of a saved plan: asks the hosts it would change, and reports which of them apply would skip now.
import { failureRecord, type FailureRecord } from '../model/failure.ts';
import type { FleetPlan, HostPlan } from '../model/plan.ts';
import type { Target } from '../model/target.ts';
import { compareWithPlan } from '../run/hosts/compare-with-plan.ts';
import type { HostJob } from '../run/hosts/host-job.ts';
import { surveyFleet, type SurveySeams } from './survey-fleet.ts';

/** A host that a saved plan would change, and that apply would skip now. */
export interface NotReady {
  readonly host: string;
  readonly state: 'stale' | 'unreadable' | 'unreachable';
  readonly detail: string;
  /** Null when it was reached. */
  readonly failure: FailureRecord | null;
}

export interface CheckedPlan {
  readonly notReady: readonly NotReady[];
  /** The plan with those hosts shown so. */
  readonly asOfNow: FleetPlan;
}

/** `jobs`: one per host of the plan. Throws Failure `interrupted`. */
export async function checkPlan(plan: FleetPlan, jobs: readonly HostJob[], seams: SurveySeams): Promise<CheckedPlan> {
  const changing = new Map(jobs.filter((job) => job.plan.state === 'changes').map((job) => [job.target.name, job]));
  const jobOf = (target: Target): HostJob => {
    const job = changing.get(target.name);
    if (job === undefined) throw new Error(`no job for ${target.name}`);
    return job;
  };
  const request = {
    targets: [...changing.values()].map((job) => job.target),
    concurrency: plan.policy.strategy.concurrency,
    requestOf: (target: Target) => jobOf(target).request,
  };
  const judged = await surveyFleet(request, seams, (one): NotReady | null => {
    const host = one.target.name;
    if ('failure' in one) {
      const failure = failureRecord(one.failure);
      return { host, state: 'unreachable', detail: failure.message, failure };
    }
    const differs = compareWithPlan(jobOf(one.target).plan, one.facts);
    if (differs === null) return null;
    const state = differs.code === 'run/stale' ? 'stale' : 'unreadable';
    return { host, state, detail: `${differs.message}; it would be skipped`, failure: null };
  });
  const notReady = judged.filter((one) => one !== null);
  return { notReady, asOfNow: showAsOfNow(plan, notReady) };
}

function showAsOfNow(plan: FleetPlan, notReady: readonly NotReady[]): FleetPlan {
  const found = new Map(notReady.map((one) => [one.host, one]));
  const hosts = plan.hosts.map((host): HostPlan => {
    const now = found.get(host.target);
    if (now === undefined) return host;
    if (now.failure !== null) return { ...host, state: 'unreachable', steps: [], failure: now.failure };
    const hint = 'make a new plan: fencepost plan --out FILE';
    const code = now.state === 'stale' ? 'changed-since' : 'facts-incomplete';
    const finding = { severity: 'blocker', code, sentence: now.detail, hint } as const;
    return { ...host, state: 'blocked', steps: [], findings: [finding] };
  });
  return { ...plan, hosts };
}
