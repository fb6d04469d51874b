import type { Argv } from 'yargs';
import { Failure } from '../../model/failure.ts';
import type { FleetPlan } from '../../model/plan.ts';
import type { Target } from '../../model/target.ts';
import type { World } from '../compose.ts';
import {
  commonOptions,
  confirmOptions,
  inventoryOptions,
  untrustedOptions,
  paceOptions,
  playbookOptions,
  verboseOption,
  type Command,
  type CommonArguments,
  type ConfirmArguments,
  type InventoryArguments,
  type PaceArguments,
  type PlaybookArguments,
  stateOptions,
  talkOptions,
  type StateArguments,
  type TalkArguments,
} from '../options.ts';

type Arguments = CommonArguments &
  StateArguments &
  TalkArguments &
  InventoryArguments &
  PlaybookArguments &
  ConfirmArguments &
  PaceArguments & { plan: string | undefined; 'dry-run': boolean; verbose: boolean };

export const applyCommand: Command<Arguments> = {
  command: 'apply [plan]',
  describe: 'Apply a saved plan as it is; without one: plan, show, ask, apply. Verifies every host and keeps a journal',
  builder: (yargs: Argv) =>
    yargs
      .positional('plan', { type: 'string', describe: 'A plan saved with fencepost plan --out' })
      .options({
        ...inventoryOptions,
        ...untrustedOptions,
        ...playbookOptions,
        ...paceOptions,
        ...confirmOptions,
        ...stateOptions,
        ...talkOptions,
        ...commonOptions,
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Go through all stages and change nothing' })
      .options(verboseOption)
      .example('$0 apply tonight.plan --yes', 'apply exactly what was signed off')
      .example('$0 apply -i inventory/prod.yml -l ex01', 'plan, show, ask, apply on one host'),
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { showPlan } = await import('../show-plan.ts');
    const { exitCodeOfPlan } = await import('../exit-codes.ts');
    const { agree, deadlineFrom } = await import('../agree.ts');
    const { dryRun } = await import('../../workflows/check-plan.ts');
    const { jobsFor } = await import('../../workflows/host-jobs.ts');
    const { counted } = await import('../../report/text/table.ts');
    const { beginRun } = await import('../../workflows/execute-run.ts');
    const { tellCiOfPlan } = await import('../tell-ci.ts');
    return withWorld(args, async (world) => {
      const endsAt = deadlineFrom(args.deadline, world.clock.now());
      const { plan, targets } = await (args.plan === undefined
        ? makePlan(args, world)
        : loadPlan(args, args.plan, world));
      const changing = plan.hosts.filter((one) => one.state === 'change').length;
      const states = plan.hosts.map((one) => one.state);
      const jobs = jobsFor(plan, targets);
      if (args['dry-run']) {
        return await dryRun(plan, { jobs, targets, json: args.json, saved: args.plan !== undefined }, world);
      }
      if (!args.json) showPlan(plan, args, world);
      if (changing === 0) {
        if (args.json) showPlan(plan, args, world);
        world.say('There is nothing to change.\n');
        await tellCiOfPlan(plan, 'plan', targets, world);
        return exitCodeOfPlan(states, false);
      }
      const question = `Change ${counted(changing, 'host')} as shown?`;
      await agree({ question, yes: args.yes, window: plan.policy.window, wait: args.wait }, world);
      const request = { kind: 'apply' as const, of: null, plan, planFile: args.plan ?? null, jobs };
      return await beginRun(request, { yes: args.yes, json: args.json, endsAt, inventory: args.inventory }, world);
    });
  },
};

interface Planned {
  readonly plan: FleetPlan;
  /** How the inventory reaches the hosts; empty = as the plan says. */
  readonly targets: readonly Target[];
}

async function makePlan(args: Arguments, world: World): Promise<Planned> {
  const { preparePlan, readIntent } = await import('../../workflows/read-intent.ts');
  const intent = await readIntent(args, world);
  const plan = await preparePlan(intent, world);
  return { plan, targets: intent.targets };
}

async function loadPlan(args: Arguments, file: string, world: World): Promise<Planned> {
  const { readPlan } = await import('../../workflows/read-plan.ts');
  const { restoreTargets } = await import('../../workflows/saved-targets.ts');
  const { planAppliedBefore } = await import('../../journal/store.ts');
  if (args.limit !== undefined) {
    throw new Failure('usage/invalid', '--limit does not go with a saved plan: it is applied as it was signed off', {
      hint: 'make a plan for those hosts: fencepost plan --limit PATTERN --out FILE',
    });
  }
  if (args['untrusted-inventory'] !== undefined) {
    throw new Failure('usage/invalid', '--untrusted-inventory does not go with a saved plan, which names its hosts', {
      hint: 'name the inventory that has their secrets: -i FILE',
    });
  }
  const unreadable = (cause: unknown): Failure =>
    new Failure('plan/unreadable', "the plan can't be read", { where: file, cause });
  const { plan, digest } = await readPlan(file, file, unreadable);
  const appliedBy = args['dry-run'] ? null : await world.store.planClaim(digest);
  if (appliedBy !== null) throw planAppliedBefore(appliedBy);
  const hosts = plan.hosts.map(({ target, connection, state }) => ({
    target,
    connection,
    isReached: state === 'change',
  }));
  const saved = { kind: 'plan', hosts, inventory: plan.inventory.files } as const;
  return { plan, targets: await restoreTargets(saved, args, world.vault) };
}
