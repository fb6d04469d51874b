import { Failure } from '../../model/failure.ts';
import type { PlanToApply } from '../../workflows/read-plan.ts';
import type { World } from '../compose.ts';
import { defineCommand } from '../define-command.ts';
import {
  approvalOptions,
  commonOptions,
  confirmOptions,
  defaultPlaybook,
  inventoryOptions,
  paceOptions,
  playbookOptions,
  policyOptions,
  signKeyOption,
  stateOptions,
  talkOptions,
  untrustedOptions,
  verboseOption,
  type InventoryArguments,
  type PlaybookArguments,
} from '../options.ts';

export const applyCommand = defineCommand({
  command: 'apply [plan]',
  describe:
    'Apply a saved plan exactly as saved; without one: plan, show, ask, apply. Verifies every host and keeps a journal',
  positionals: { plan: { type: 'string', describe: 'A plan saved with fencepost plan --out' } },
  options: {
    join: {
      type: 'string',
      nargs: 1,
      describe: 'Share the run of this name with other processes that apply the same plan, in --state postgres://',
    },
    'dry-run': { type: 'boolean', default: false, describe: 'Go through all stages and change nothing' },
    ...verboseOption,
    ...approvalOptions,
    ...confirmOptions,
    ...paceOptions,
    ...inventoryOptions,
    ...untrustedOptions,
    ...playbookOptions,
    ...policyOptions,
    ...signKeyOption,
    ...stateOptions,
    ...talkOptions,
    ...commonOptions,
  },
  examples: [
    ['apply tonight.plan --yes', 'apply exactly what was signed off'],
    ['apply tonight.plan --join release-42 --yes', 'in each of several CI jobs: together they carry out one run'],
    ['apply -i inventory/prod.yml -l ex01', 'plan, show, ask, apply on one host'],
  ],
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { showPlan } = await import('../show-plan.ts');
    const { exitCodeOfPlan } = await import('../exit-codes.ts');
    const { agree, readDeadline, runManners } = await import('../agree.ts');
    const { counted } = await import('../../model/text/counted.ts');
    const { startRun } = await import('../../workflows/execute-run.ts');
    const { makeHostJobs } = await import('../../workflows/host-jobs.ts');
    const { readPaces } = await import('../../workflows/forecast/read-paces.ts');
    const { makeHeadline } = await import('../../model/headline/plan-headline.ts');
    const { showRun } = await import('../show-run.ts');
    const { tellCiOfPlan } = await import('../tell-ci.ts');
    const { saySignOff } = await import('./apply/say-sign-off.ts');
    const { readPolicies } = await import('../inputs.ts');
    const { createPolicyHook } = await import('../io/programs/policy-hook.ts');
    const { openNotifications, tellMissedWindow } = await import('../notify/open-notifications.ts');
    const { holdPolicies, listSigners } = await import('../../workflows/consent/hold-policies.ts');
    const { asksForApprovals, holdApprovals, refuseUnsaved } = await import('./apply/hold-approvals.ts');
    const { checkJoin } = await import('./apply/check-join.ts');
    const { refuseIdleInDryRun } = await import('../flags/refuse-idle.ts');
    const join = checkJoin(args);
    refuseIdleInDryRun(args);
    return withWorld(args, async (world) => {
      const policies = await readPolicies(args);
      // A dry run comes before the approvals of its plan, and asks for them only when its flags do.
      const signers = args['dry-run'] ? [] : listSigners(policies);
      if (args.plan === undefined) refuseUnsaved(args, signers);
      const endsAt = readDeadline(args.deadline, world.clock.now());
      const { plan, targets } = await (args.plan === undefined
        ? makePlan(args, world)
        : loadPlan(args, args.plan, world));
      const judged = { plan, purpose: 'change', targets } as const;
      await holdPolicies(judged, policies, createPolicyHook(process.env));
      const jobs = makeHostJobs(plan, targets);
      const paces = await readPaces(world.store);
      const shown = { ...args, headline: makeHeadline(plan, paces) };
      if (args['dry-run']) {
        if (asksForApprovals(args))
          await holdApprovals(plan, args.plan, args, listSigners(policies), world.state.approvals);
        const { showDryRun } = await import('./apply/show-dry-run.ts');
        const saved = args.plan !== undefined;
        return await showDryRun(plan, { jobs, targets, json: args.json, saved, paces }, world);
      }
      if (!args.json) await showPlan(plan, shown, world);
      const changing = plan.hosts.filter((one) => one.state === 'changes').length;
      if (changing === 0) {
        if (args.json) await showPlan(plan, shown, world);
        world.say('There is nothing to change.\n');
        await tellCiOfPlan({ plan, kind: 'plan', targets, paces }, world);
        return exitCodeOfPlan(
          plan.hosts.map((one) => one.state),
          false,
        );
      }
      const notified = { asked: plan.policy.notify, known: null };
      if (join === null) await openNotifications(policies, notified, world);
      const approvals = await holdApprovals(plan, args.plan, args, signers, world.state.approvals);
      saySignOff({ plan, approvals, paces }, world);
      const question = `Change ${counted(changing, 'host')} as shown?`;
      const agreed = (): Promise<void> =>
        agree({ question, yes: args.yes, window: plan.policy.window, wait: args.wait }, world).catch(
          (thrown: unknown) => tellMissedWindow(thrown, plan, world),
        );
      const request = { kind: 'apply' as const, of: null, plan, planFile: args.plan ?? null, jobs, approvals };
      if (join !== null) {
        const { joinAndShow } = await import('./apply/join-run.ts');
        return await joinAndShow({ run: join, request, endsAt, policies, agreed }, args, world);
      }
      await agreed();
      return await showRun(await startRun(request, runManners(args, endsAt, world), world), args, world);
    });
  },
});

async function makePlan(args: InventoryArguments & PlaybookArguments, world: World): Promise<PlanToApply> {
  const { readIntentFrom } = await import('../inputs.ts');
  const { planFleet } = await import('../../workflows/plan-fleet.ts');
  const intent = await readIntentFrom(args, world);
  return { plan: await planFleet(intent, world), targets: intent.targets };
}

async function loadPlan(
  args: InventoryArguments & PlaybookArguments & { readonly 'dry-run': boolean; readonly join?: string | undefined },
  file: string,
  world: World,
): Promise<PlanToApply> {
  const { readPlanToApply } = await import('../../workflows/read-plan.ts');
  const { ownInventory } = await import('../inputs.ts');
  const { readPlanParts } = await import('../io/text-parts.ts');
  refuseBesidePlan(args);
  const text = readPlanParts(file);
  const inventory = ownInventory(args, world);
  return readPlanToApply(
    {
      text,
      name: file,
      isApplied: !args['dry-run'],
      ...(args.join === undefined ? {} : { run: args.join }),
      inventory,
    },
    world,
  );
}

/** What a plan was made of: with a saved one it would have to be ignored. Throws Failure `usage/invalid`. */
function refuseBesidePlan(args: InventoryArguments & PlaybookArguments): void {
  const refuse = (flag: string, why: string, hint: string): Failure =>
    new Failure('usage/invalid', `${flag} cannot be used with a saved plan, ${why}`, { hint });
  const asSaved = 'which is applied as signed off';
  if (args.limit !== undefined) {
    throw refuse('--limit', asSaved, 'make a plan for those hosts: fencepost plan --limit PATTERN --out FILE');
  }
  if (args.concurrency !== undefined) {
    throw refuse('--concurrency', asSaved, 'make the plan with it: fencepost plan --concurrency N --out FILE');
  }
  if (args.playbook !== defaultPlaybook) {
    throw refuse('--playbook', asSaved, 'make a plan from it: fencepost plan -p FILE --out FILE');
  }
  if (args['untrusted-inventory'] !== undefined) {
    const hint = 'name the inventory that has their secrets: -i FILE';
    throw refuse('--untrusted-inventory', 'which names its own hosts', hint);
  }
}
