import { defineCommand } from '../define-command.ts';
import {
  commonOptions,
  inventoryOptions,
  playbookOptions,
  policyOptions,
  talkOptions,
  untrustedOptions,
  verboseOption,
} from '../options.ts';

export const planCommand = defineCommand({
  command: 'plan',
  describe: 'Show what apply would do on each host, and why it would skip a host; changes nothing',
  options: {
    out: { type: 'string', describe: 'Save the plan to this file, to be applied exactly as saved' },
    force: { type: 'boolean', default: false, describe: 'Let --out replace an earlier plan that has no approvals' },
    'detailed-exitcode': { type: 'boolean', default: false, describe: 'Exit code 2 when changes are pending' },
    ...verboseOption,
    ...inventoryOptions,
    ...untrustedOptions,
    ...playbookOptions,
    ...policyOptions,
    ...talkOptions,
    ...commonOptions,
  },
  examples: [['plan -i inventory/prod.yml --out tonight.plan', 'save the plan for the change window']],
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { readIntentFrom, readPolicies } = await import('../inputs.ts');
    const { createPolicyHook } = await import('../io/programs/policy-hook.ts');
    const { refuseIdle } = await import('../flags/refuse-idle.ts');
    if (args.out === undefined) {
      refuseIdle({ '--force': args.force }, 'without --out', 'name the plan that is replaced: --out FILE');
    }
    const saver = args.out === undefined ? null : await import('./plan/save-plan.ts');
    const { showPlan } = await import('../show-plan.ts');
    const { exitCodeOfPlan } = await import('../exit-codes.ts');
    const { isCiTold } = await import('../is-ci-told.ts');
    const ci = isCiTold() ? await import('../tell-ci.ts') : null;
    const { writePlanFile } = await import('../../plan/plan-file.ts');
    const { shortDigest } = await import('../../model/text/short-digest.ts');
    const { holdPolicies, requireApprovals } = await import('../../workflows/consent/hold-policies.ts');
    const { inventoryFlags } = await import('../../workflows/inventory-flags.ts');
    const { planFleet } = await import('../../workflows/plan-fleet.ts');
    const { readPaces } = await import('../../workflows/forecast/read-paces.ts');
    const { makeHeadline } = await import('../../model/headline/plan-headline.ts');
    return withWorld(args, async (world) => {
      const policies = await readPolicies(args);
      const intent = await readIntentFrom(args, world);
      const plan = requireApprovals(await planFleet(intent, world), policies);
      const judged = { plan, purpose: 'change', targets: intent.targets } as const;
      await holdPolicies(judged, policies, createPolicyHook(process.env));
      let saved = '';
      if (args.out !== undefined && saver !== null) {
        const { text, digest } = writePlanFile(plan);
        await saver.savePlan(args.out, text, args.force);
        saved = `Plan ${shortDigest(digest)} saved. Show what is signed off: fencepost show ${args.out}\nApply exactly this with: fencepost apply ${args.out}${inventoryFlags(args.inventory)}\n`;
      }
      const paces = await readPaces(world.store);
      await showPlan(plan, { ...args, headline: makeHeadline(plan, paces) }, world);
      if (saved !== '') world.say(saved);
      await ci?.tellCiOfPlan({ plan, kind: 'plan', targets: intent.targets, paces }, world);
      return exitCodeOfPlan(
        plan.hosts.map((one) => one.state),
        args['detailed-exitcode'],
      );
    });
  },
});
