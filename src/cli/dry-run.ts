// Every stage of an apply but the changing: the plan with its commands, and whether each host still is as a saved plan found it.
import { fingerprintOf } from '../facts/fingerprint.ts';
import type { FleetPlan } from '../model/plan.ts';
import type { Target } from '../model/target.ts';
import type { HostJob } from '../run/host.ts';
import { surveyHosts } from '../run/survey.ts';
import type { World } from './compose.ts';
import { exitCodeOfPlan, exitCodes } from './exit-codes.ts';
import { showPlan } from './show-plan.ts';

/** `saved`: the plan comes from a file, so its hosts are asked again. Returns the exit code. */
export async function dryRun(
  plan: FleetPlan,
  jobs: readonly HostJob[],
  { json, saved }: { readonly json: boolean; readonly saved: boolean },
  world: World,
): Promise<number> {
  showPlan(plan, { json, verbose: true }, world);
  const notReady = saved ? await askAgain(plan, jobs, world) : 0;
  world.say('Dry run: nothing was changed.\n');
  if (notReady > 0) return exitCodes.someFailed;
  return exitCodeOfPlan(
    plan.hosts.map((one) => one.state),
    false,
  );
}

/** Names the hosts that apply would leave alone by now; returns how many. */
async function askAgain(plan: FleetPlan, jobs: readonly HostJob[], world: World): Promise<number> {
  const changing = new Map(jobs.filter((job) => job.plan.state === 'change').map((job) => [job.target.name, job]));
  const jobOf = (target: Target): HostJob => {
    const job = changing.get(target.name);
    if (job === undefined) throw new Error(`no job for ${target.name}`);
    return job;
  };
  const surveyed = await surveyHosts(
    [...changing.values()].map((job) => job.target),
    {
      connector: world.connector,
      clock: world.clock,
      listener: world.listener,
      concurrency: plan.policy.strategy.concurrency,
      signal: world.interrupts.signal,
      requestOf: (target) => jobOf(target).request,
    },
  );
  const notReady = surveyed.flatMap((one) => {
    const name = one.target.name;
    if ('failure' in one) return [`${name}: unreachable: ${one.failure.message}`];
    const { wanted, fingerprint } = jobOf(one.target).plan;
    return fingerprintOf(one.facts, wanted) === fingerprint
      ? []
      : [`${name}: stale: it is not as the plan found it and would be left alone`];
  });
  for (const line of notReady) world.say(`${line}\n`);
  if (notReady.length === 0) world.say(`All ${changing.size} hosts to change are as the plan found them.\n`);
  return notReady.length;
}
