import type { Argv } from 'yargs';
import {
  commonOptions,
  inventoryOptions,
  untrustedOptions,
  playbookOptions,
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
  PlaybookArguments & { junit: string | undefined };

export const verifyCommand: Command<Arguments> = {
  command: 'verify',
  describe: 'Compare every host with the playbook, for CI: exit code 0 as wanted, 2 drift, 3 some could not be judged',
  builder: (yargs: Argv) =>
    yargs
      .options({ ...inventoryOptions, ...untrustedOptions, ...playbookOptions, ...talkOptions, ...commonOptions })
      .option('junit', { type: 'string', describe: 'Also write a JUnit report to this file and replace it' })
      .example('$0 verify -i inventory/prod.yml --junit verify.xml', 'nightly, in CI'),
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { preparePlan, readIntent } = await import('../../workflows/read-intent.ts');
    const { showPlan } = await import('../show-plan.ts');
    const { exitCodeOfPlan } = await import('../exit-codes.ts');
    const { junitOf, tellCiOfPlan } = await import('../tell-ci.ts');
    const { replaceFile } = await import('../io/replace-file.ts');
    return withWorld(args, async (world) => {
      const intent = await readIntent(args, world);
      const plan = await preparePlan(intent, world);
      showPlan(plan, { json: args.json, verbose: false }, world, 'verify');
      if (args.junit !== undefined) await replaceFile(args.junit, junitOf(plan, intent.targets));
      await tellCiOfPlan(plan, 'verify', intent.targets, world);
      return exitCodeOfPlan(
        plan.hosts.map((one) => one.state),
        true,
      );
    });
  },
};
