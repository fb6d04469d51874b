import { defineCommand } from '../define-command.ts';
import {
  channelPolicyOption,
  commonOptions,
  confirmOptions,
  inventoryOptions,
  paceOptions,
  signKeyOption,
  stateOptions,
  talkOptions,
  vaultOptions,
  verboseOption,
} from '../options.ts';

export const resumeCommand = defineCommand({
  command: 'resume <run>',
  describe: 'Continue an interrupted run: re-check hosts that were being changed, then start the rest',
  positionals: {
    run: { type: 'string', demandOption: true, describe: 'A run, the beginning of its name, or last' },
  },
  options: {
    'dry-run': { type: 'boolean', default: false, describe: 'Show what would be done and change nothing' },
    ...paceOptions,
    concurrency: { type: 'number', describe: "Hosts at once, at most the plan's [default: the plan's]" },
    ...confirmOptions,
    ...verboseOption,
    inventory: inventoryOptions.inventory,
    ...vaultOptions,
    ...channelPolicyOption,
    ...signKeyOption,
    ...stateOptions,
    ...talkOptions,
    ...commonOptions,
  },
  examples: [
    ['resume 20261205-220114-4f9a1c --dry-run', 'what is left to do'],
    ['resume 20261205-220114-4f9a1c', 'after the jump host rebooted in the middle'],
  ],
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { refuseIdleInDryRun } = await import('../flags/refuse-idle.ts');
    refuseIdleInDryRun(args, { '--policy': args.policy !== undefined });
    const { agree, readDeadline, runManners } = await import('../agree.ts');
    const { exitCodeOfPlan, exitCodeOfRun } = await import('../exit-codes.ts');
    const { ownInventory } = await import('../inputs.ts');
    const { jsonDocument } = await import('../json.ts');
    const { checkedConcurrency } = await import('../options.ts');
    const { showPlan } = await import('../show-plan.ts');
    const { showRun } = await import('../show-run.ts');
    const { tellCiOfPlan } = await import('../tell-ci.ts');
    const { renderApprovals } = await import('../../report/view/approval-words.ts');
    const { describeDryRun } = await import('../../report/view/dry-run-words.ts');
    const { openNotificationsBeside } = await import('../notify/open-notifications.ts');
    const { inventoryFlags } = await import('../../workflows/inventory-flags.ts');
    const { counted } = await import('../../model/text/counted.ts');
    const { findRun } = await import('../../workflows/find-run.ts');
    const { executeResume, planResume } = await import('../../workflows/resume/resume.ts');
    return withWorld(args, async (world) => {
      const run = await findRun(args.run, world.store);
      const endsAt = readDeadline(args.deadline, world.clock.now());
      const concurrency = checkedConcurrency(args.concurrency ?? 50);
      const changesAtOnce = args.concurrency === undefined ? {} : { changesAtOnce: concurrency };
      const request = { run, concurrency, ...changesAtOnce, inventory: ownInventory(args, world) };
      const planned = await planResume(request, world);
      const { plan, jobs, rollsBack, approvals, earlier } = planned;
      const { settled } = earlier;
      if (jobs.length === 0) {
        world.say(`Run ${run} has nothing left to do.\n`);
        if (args.json) world.out(jsonDocument('run', { run, kind: 'apply', of: null, hosts: settled }));
        return exitCodeOfRun(settled, false);
      }
      if (!args.json) await showPlan(plan, { ...args, takesBack: rollsBack }, world);
      if (args['dry-run']) {
        if (args.json) await showPlan(plan, { ...args, takesBack: rollsBack }, world);
        world.say(describeDryRun(planned.shellHosts.length));
        await tellCiOfPlan({ plan, kind: 'plan', targets: jobs.map((one) => one.target) }, world);
        return exitCodeOfPlan(
          plan.hosts.map((one) => one.state),
          false,
        );
      }
      const changing = plan.hosts.filter((one) => one.state === 'changes').length;
      const what = rollsBack
        ? `more hosts failed than max_failed allows, roll back ${counted(changing, 'host')} as shown?`
        : `change ${counted(changing, 'host')} as shown?`;
      if (approvals !== null) world.say(`${renderApprovals(approvals)} Resuming needs no new approval.\n`);
      const known = { run, kind: 'apply', flags: inventoryFlags(args.inventory) } as const;
      await openNotificationsBeside(args, { asked: plan.policy.notify, known }, world);
      const question = `Resume run ${run}: ${what}`;
      await agree({ question, yes: args.yes, window: plan.policy.window, wait: args.wait }, world);
      return await showRun(await executeResume(planned, runManners(args, endsAt, world), world), args, world);
    });
  },
});
