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
  verboseOption,
} from '../options.ts';

export const rollbackCommand = defineCommand({
  command: 'rollback <run>',
  describe: 'Roll back exactly what a run changed, from its journal; skips hosts that someone else changed since',
  positionals: {
    run: { type: 'string', demandOption: true, describe: 'The run to roll back, the beginning of its name, or last' },
  },
  options: {
    'dry-run': { type: 'boolean', default: false, describe: 'Show what would be rolled back and change nothing' },
    force: { type: 'boolean', default: false, describe: 'Roll back hosts even if someone else changed them since' },
    ...verboseOption,
    ...confirmOptions,
    events: paceOptions.events,
    deadline: paceOptions.deadline,
    concurrency: { type: 'number', default: 50, describe: 'Hosts at once' },
    ...inventoryOptions,
    ...channelPolicyOption,
    ...signKeyOption,
    ...stateOptions,
    ...talkOptions,
    ...commonOptions,
  },
  examples: [['rollback 20261205-220114-4f9a1c --dry-run', 'what would be rolled back']],
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { refuseIdleInDryRun } = await import('../flags/refuse-idle.ts');
    refuseIdleInDryRun(args, { '--policy': args.policy !== undefined });
    const { agree, readDeadline, runManners } = await import('../agree.ts');
    const { exitCodeOfPlan, exitCodes } = await import('../exit-codes.ts');
    const { ownInventory, readLimit } = await import('../inputs.ts');
    const { checkedConcurrency } = await import('../options.ts');
    const { showPlan } = await import('../show-plan.ts');
    const { showRun } = await import('../show-run.ts');
    const { tellCiOfPlan } = await import('../tell-ci.ts');
    const { describeDryRun } = await import('../../report/view/dry-run-words.ts');
    const { openNotificationsBeside } = await import('../notify/open-notifications.ts');
    const { counted } = await import('../../model/text/counted.ts');
    const { findRun } = await import('../../workflows/find-run.ts');
    const { executeRollback, isRollbackDue, planRollback } = await import('../../workflows/roll-back.ts');
    return withWorld(args, async (world) => {
      const { force } = args;
      const run = await findRun(args.run, world.store);
      const concurrency = checkedConcurrency(args.concurrency);
      const endsAt = readDeadline(args.deadline, world.clock.now());
      const limit = await readLimit(args.limit);
      const request = { run, limit, force, concurrency, inventory: ownInventory(args, world) };
      const planned = await planRollback(request, world);
      const { plan, targets } = planned;
      const shown = { json: args.json, verbose: args.verbose, takesBack: true };
      if (plan.hosts.length === 0) {
        if (args.json) await showPlan(plan, shown, world);
        world.say(`Run ${run} changed no host; there is nothing to roll back.\n`);
        return exitCodes.done;
      }
      const states = plan.hosts.map((one) => one.state);
      const changing = states.filter((state) => state === 'changes').length;
      const guarded = planned.jobs.filter((one) => one.earlierGuard !== undefined && one.plan.state === 'ok').length;
      if (args['dry-run'] || !isRollbackDue(planned)) {
        await showPlan(plan, shown, world);
        const isBarred = states.some((state) => state === 'blocked' || state === 'unreachable');
        const ending = isBarred ? 'Nothing was rolled back; the reasons are above.' : 'There is nothing to roll back.';
        world.say(args['dry-run'] ? describeDryRun(planned.shellHosts.length) : `${ending}\n`);
        await tellCiOfPlan({ plan, kind: 'plan', targets }, world);
        return exitCodeOfPlan(states, false);
      }
      if (!args.json) await showPlan(plan, shown, world);
      const question =
        changing === 0
          ? `${counted(guarded, 'host')} as before the run: call off the guard there?`
          : `Roll back ${counted(changing, 'host')} as shown?`;
      await openNotificationsBeside(args, { asked: plan.policy.notify, known: null }, world);
      // What an earlier rollback left unsaid is only said.
      if (changing + guarded > 0) await agree({ question, yes: args.yes, window: null, wait: false }, world);
      return await showRun(await executeRollback(planned, runManners(args, endsAt, world), world), args, world);
    });
  },
});
