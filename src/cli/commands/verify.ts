import { defineCommand } from '../define-command.ts';
import {
  commonOptions,
  inventoryOptions,
  playbookOptions,
  policyOptions,
  stateOptions,
  talkOptions,
  untrustedOptions,
} from '../options.ts';
import { directoryOptions, listDirectoryFlags } from './discover/directory-options.ts';

export const verifyCommand = defineCommand({
  command: 'verify',
  describe:
    'Compare every host with the playbook, for CI: exit code 0 as desired, 2 drift, 3 some could not be checked',
  options: {
    junit: { type: 'string', describe: 'Also write a JUnit report to this file, replacing it' },
    discover: {
      type: 'boolean',
      default: false,
      describe: 'Also ask the directory (--domain): exit code 3 when one of its Exchange servers is in no inventory',
    },
    ...inventoryOptions,
    ...untrustedOptions,
    ...playbookOptions,
    ...policyOptions,
    ...directoryOptions,
    ...stateOptions,
    ...talkOptions,
    ...commonOptions,
  },
  examples: [
    ['verify -i inventory/prod.yml --junit verify.xml', 'nightly, in CI'],
    ['verify -i inventory/prod.yml --discover --domain corp.example', 'and is every Exchange server in it?'],
  ],
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { readIntentFrom, readPolicies } = await import('../inputs.ts');
    const { createPolicyHook } = await import('../io/programs/policy-hook.ts');
    const { replaceFile } = await import('../io/replace-file.ts');
    const { refuseIdle } = await import('../flags/refuse-idle.ts');
    if (!args.discover) {
      refuseIdle(
        listDirectoryFlags(args),
        'without --discover: no directory is asked',
        'add --discover, or leave it out',
      );
    }
    const { showPlan } = await import('../show-plan.ts');
    const { exitCodeOfPlan, exitCodes } = await import('../exit-codes.ts');
    const { isCiTold } = await import('../is-ci-told.ts');
    const ci = args.junit !== undefined || isCiTold() ? await import('../tell-ci.ts') : null;
    const { holdPolicies } = await import('../../workflows/consent/hold-policies.ts');
    const { withoutGuard } = await import('../../plan/guarded-plan.ts');
    const { planFleet } = await import('../../workflows/plan-fleet.ts');
    const { observePlan } = await import('../../workflows/history/observe-host.ts');
    const { keepHistory, readNews } = await import('../history/keep-history.ts');
    const { openNotifications } = await import('../notify/open-notifications.ts');
    const { planFlags } = await import('../notify/plan-flags.ts');
    const { noteDrift } = await import('../../workflows/notify/other-notes.ts');
    const { tellUndoneByGuard } = await import('../../workflows/guards/undone-by-guard.ts');
    return withWorld(args, async (world) => {
      const policies = await readPolicies(args);
      const intent = await readIntentFrom(args, world);
      const { findNotInInventory } = await import('./discover/not-in-inventory.ts');
      const missing = args.discover ? await findNotInInventory(args, world) : undefined;
      // Nothing is changed, so nothing is guarded: what differs is drift.
      const found = await planFleet({ ...intent, policy: withoutGuard(intent.policy) }, world);
      const plan = await tellUndoneByGuard(found, world.store);
      const judged = { plan, purpose: 'compare', targets: intent.targets } as const;
      await holdPolicies(judged, policies, createPolicyHook(process.env, 'verify'));
      await openNotifications(policies, { asked: plan.policy.notify, known: null }, world);
      world.notifications.tell((origin) => noteDrift(plan, planFlags(args), origin));
      const observed = observePlan(plan, 'verify', world.clock.now());
      const sinceLastTime = await readNews(observed, world);
      // Before the results, whose reader may take its time or never come back.
      await keepHistory(observed, world, process.env);
      await showPlan(
        plan,
        { json: args.json, verbose: false, sinceLastTime, notInInventory: missing },
        world,
        'verify',
      );
      const told = { plan, kind: 'verify', targets: intent.targets, notInInventory: missing } as const;
      if (args.junit !== undefined && ci !== null) await replaceFile(args.junit, ci.renderPlanJunit(told));
      await ci?.tellCiOfPlan(told, world);
      // A server that nobody looked at is none that is as desired.
      if (missing !== undefined && missing.length > 0) return exitCodes.someFailed;
      return exitCodeOfPlan(
        plan.hosts.map((one) => one.state),
        true,
      );
    });
  },
});
