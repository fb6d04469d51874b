import type { Argv } from 'yargs';
import {
  commonOptions,
  inventoryOptions,
  playbookOptions,
  type Command,
  type CommonArguments,
  type InventoryArguments,
  type PlaybookArguments,
} from '../options.ts';

type Arguments = CommonArguments & InventoryArguments & PlaybookArguments;

export const verifyCommand: Command<Arguments> = {
  command: 'verify',
  describe: 'Compare every host with the playbook, for CI: exit code 0 as wanted, 2 drift, 3 some could not be judged',
  builder: (yargs: Argv) =>
    yargs
      .options({ ...inventoryOptions, ...playbookOptions, ...commonOptions })
      .example('$0 verify -i inventory/prod.yml --json', 'nightly, in CI'),
  async run(args) {
    const { compose } = await import('../compose.ts');
    const { preparePlan, readIntent } = await import('../prepare-plan.ts');
    const { showPlan } = await import('../show-plan.ts');
    const { exitCodeOfPlan } = await import('../exit-codes.ts');
    const world = compose(args);
    try {
      const plan = await preparePlan(await readIntent(args, world), world);
      showPlan(plan, { json: args.json, verbose: false }, world, 'verify');
      return exitCodeOfPlan(
        plan.hosts.map((one) => one.state),
        true,
      );
    } finally {
      world.dispose();
    }
  },
};
