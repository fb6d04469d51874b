// Every stage of an apply but the changing: the plan with its commands, and whether each host still is as a saved plan found it.
import type { Paces } from '../../../model/headline/paces.ts';
import { makeHeadline } from '../../../model/headline/plan-headline.ts';
import type { FleetPlan } from '../../../model/plan.ts';
import type { Target } from '../../../model/target.ts';
import type { HostJob } from '../../../run/hosts/host-job.ts';
import { checkPlan, type CheckedPlan } from '../../../workflows/check-plan.ts';
import type { World } from '../../compose.ts';
import { exitCodeOfPlan, exitCodes } from '../../exit-codes.ts';
import { showPlan } from '../../show-plan.ts';
import { tellCiOfPlan } from '../../tell-ci.ts';

export interface DryRun {
  readonly jobs: readonly HostJob[];
  /** As the inventory has them; empty when none was named. */
  readonly targets: readonly Target[];
  readonly json: boolean;
  /** The plan comes from a file, so its hosts are asked again. */
  readonly saved: boolean;
  readonly paces: Paces;
}

/** Returns the exit code. Throws Failure `interrupted`. */
export async function showDryRun(
  plan: FleetPlan,
  { jobs, targets, json, saved, paces }: DryRun,
  world: World,
): Promise<number> {
  const shown = { json, verbose: true, headline: makeHeadline(plan, paces) };
  if (!json) await showPlan(plan, shown, world);
  const unasked: CheckedPlan = { notReady: [], asOfNow: plan };
  const { notReady, asOfNow } = saved ? await checkPlan(plan, jobs, world) : unasked;
  if (json) await showPlan(plan, { ...shown, notReady }, world);
  for (const { host, state, detail } of notReady) world.say(`${host}: ${state}: ${detail}\n`);
  const changing = plan.hosts.filter((one) => one.state === 'changes').length;
  if (saved && notReady.length === 0) world.say(`All ${changing} hosts to change still match the plan.\n`);
  world.say('Dry run: nothing was changed.\n');
  await tellCiOfPlan({ plan: asOfNow, kind: 'plan', targets, paces }, world);
  if (notReady.length > 0) return exitCodes.someFailed;
  return exitCodeOfPlan(
    plan.hosts.map((one) => one.state),
    false,
  );
}
