import type { Argv } from 'yargs';
import {
  commonOptions,
  inventoryOptions,
  untrustedOptions,
  playbookOptions,
  verboseOption,
  type Command,
  type CommonArguments,
  type InventoryArguments,
  type PlaybookArguments,
  talkOptions,
  type TalkArguments,
} from '../options.ts';

type Arguments = CommonArguments &
  TalkArguments &
  InventoryArguments &
  PlaybookArguments & { out: string | undefined; 'detailed-exitcode': boolean; verbose: boolean };

export const planCommand: Command<Arguments> = {
  command: 'plan',
  describe: 'Show what apply would do, host by host, and why it would leave a host alone; changes nothing',
  builder: (yargs: Argv) =>
    yargs
      .options({ ...inventoryOptions, ...untrustedOptions, ...playbookOptions, ...talkOptions, ...commonOptions })
      .option('out', { type: 'string', describe: 'Save the plan to this file, to be applied as it is' })
      .option('detailed-exitcode', {
        type: 'boolean',
        default: false,
        describe: 'Exit code 2 when changes are pending',
      })
      .options(verboseOption)
      .example('$0 plan -i inventory/prod.yml --out tonight.plan', 'save the plan for the change window'),
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { preparePlan, readIntent } = await import('../prepare-plan.ts');
    const { writePlanFile } = await import('../../plan/plan-file.ts');
    const { writeNewFile } = await import('../new-file.ts');
    const { showPlan } = await import('../show-plan.ts');
    const { exitCodeOfPlan } = await import('../exit-codes.ts');
    const { tellCiOfPlan } = await import('../tell-ci.ts');
    const { inventoryFlags } = await import('../inventory-flags.ts');
    return withWorld(args, async (world) => {
      const intent = await readIntent(args, world);
      const plan = await preparePlan(intent, world);
      if (args.out !== undefined) {
        // Never over another: an approved plan must not be replaced under its approver.
        const hint = 'name another file with --out; a saved plan is never replaced';
        await writeNewFile(args.out, writePlanFile(plan).text, { hint });
      }
      showPlan(plan, args, world);
      if (args.out !== undefined)
        world.say(
          `Plan saved. Apply exactly this with: fencepost apply ${args.out}${inventoryFlags(args.inventory)}\n`,
        );
      await tellCiOfPlan(plan, 'plan', intent.targets, world);
      return exitCodeOfPlan(
        plan.hosts.map((one) => one.state),
        args['detailed-exitcode'],
      );
    });
  },
};
