// Every stage of an apply but the changing: the plan with its commands, and whether each host still is as a saved plan found it.
import { fingerprintFacts } from '../facts/fingerprint.ts';
import { failureRecord } from '../model/failure.ts';
import type { FleetPlan, HostPlan } from '../model/plan.ts';
import type { Target } from '../model/target.ts';
import type { HostJob } from '../run/host.ts';
import { surveyHosts } from '../run/survey.ts';
import type { World } from '../cli/compose.ts';
import { exitCodeOfPlan, exitCodes } from '../cli/exit-codes.ts';
import { showPlan, type NotReady } from '../cli/show-plan.ts';
import { tellCiOfPlan } from '../cli/tell-ci.ts';

export interface DryRun {
  readonly jobs: readonly HostJob[];
  /** As the inventory has them; empty when none was named. */
  readonly targets: readonly Target[];
  readonly json: boolean;
  /** The plan comes from a file, so its hosts are asked again. */
  readonly saved: boolean;
}

/** Returns the exit code. */
export async function dryRun(plan: FleetPlan, { jobs, targets, json, saved }: DryRun, world: World): Promise<number> {
  if (!json) showPlan(plan, { json, verbose: true }, world);
  const notReady = saved ? await askAgain(jobs, plan.policy.strategy.concurrency, world) : [];
  if (json) showPlan(plan, { json, verbose: true, notReady }, world);
  for (const { host, state, detail } of notReady) world.say(`${host}: ${state}: ${detail}\n`);
  const changing = plan.hosts.filter((one) => one.state === 'change').length;
  if (saved && notReady.length === 0) world.say(`All ${changing} hosts to change are as the plan found them.\n`);
  world.say('Dry run: nothing was changed.\n');
  await tellCiOfPlan(asOfNow(plan, notReady), 'plan', targets, world);
  if (notReady.length > 0) return exitCodes.someFailed;
  return exitCodeOfPlan(
    plan.hosts.map((one) => one.state),
    false,
  );
}

/** The plan with the hosts that would be left alone shown so. */
function asOfNow(plan: FleetPlan, notReady: readonly NotReady[]): FleetPlan {
  const found = new Map(notReady.map((one) => [one.host, one]));
  const hosts = plan.hosts.map((host): HostPlan => {
    const now = found.get(host.target);
    if (now === undefined) return host;
    if (now.failure !== null) return { ...host, state: 'unreachable', steps: [], failure: now.failure };
    const hint = 'make a new plan: fencepost plan --out FILE';
    const finding = { severity: 'blocker', code: 'changed-since', sentence: now.detail, hint } as const;
    return { ...host, state: 'blocked', steps: [], findings: [finding] };
  });
  return { ...plan, hosts };
}

/** The hosts that apply would leave alone by now. */
async function askAgain(jobs: readonly HostJob[], concurrency: number, world: World): Promise<readonly NotReady[]> {
  const changing = new Map(jobs.filter((job) => job.plan.state === 'change').map((job) => [job.target.name, job]));
  const jobOf = (target: Target): HostJob => {
    const job = changing.get(target.name);
    if (job === undefined) throw new Error(`no job for ${target.name}`);
    return job;
  };
  const options = {
    connector: world.connector,
    clock: world.clock,
    listener: world.listener,
    concurrency,
    signal: world.interrupts.signal,
    requestOf: (target: Target) => jobOf(target).request,
  };
  const targets = [...changing.values()].map((job) => job.target);
  const judged = await surveyHosts(targets, options, (one): NotReady | null => {
    const host = one.target.name;
    if ('failure' in one) {
      const failure = failureRecord(one.failure);
      return { host, state: 'unreachable', detail: failure.message, failure };
    }
    const { wanted, fingerprint } = jobOf(one.target).plan;
    if (fingerprintFacts(one.facts, wanted) === fingerprint) return null;
    return { host, state: 'stale', detail: 'it is not as the plan found it and would be left alone', failure: null };
  });
  return judged.filter((one) => one !== null);
}
