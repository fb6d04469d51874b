import { defineCommand } from '../define-command.ts';
import { commonOptions, inventoryOptions, playbookOptions, talkOptions, untrustedOptions } from '../options.ts';

export const verifyCommand = defineCommand({
  command: 'verify',
  describe:
    'Compare every host with the playbook, for CI: exit code 0 as desired, 2 drift, 3 some could not be checked',
  options: {
    junit: { type: 'string', describe: 'Also write a JUnit report to this file, replacing it' },
    ...inventoryOptions,
    ...untrustedOptions,
    ...playbookOptions,
    ...talkOptions,
    ...commonOptions,
  },
  examples: [['verify -i inventory/prod.yml --junit verify.xml', 'nightly, in CI']],
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { readIntentFrom } = await import('../inputs.ts');
    const { replaceFile } = await import('../io/replace-file.ts');
    const { showPlan } = await import('../show-plan.ts');
    const { exitCodeOfPlan } = await import('../exit-codes.ts');
    const { renderPlanJunit, tellCiOfPlan } = await import('../tell-ci.ts');
    const { planFleet } = await import('../../workflows/plan-fleet.ts');
    return withWorld(args, async (world) => {
      const intent = await readIntentFrom(args, world);
      const plan = await planFleet(intent, world);
      showPlan(plan, { json: args.json, verbose: false }, world, 'verify');
      if (args.junit !== undefined) await replaceFile(args.junit, renderPlanJunit(plan, intent.targets));
      await tellCiOfPlan(plan, 'verify', intent.targets, world);
      return exitCodeOfPlan(
        plan.hosts.map((one) => one.state),
        true,
      );
    });
  },
});
