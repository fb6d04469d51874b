import { defineCommand } from '../define-command.ts';
import { commonOptions, stateOptions } from '../options.ts';

export const statusCommand = defineCommand({
  command: 'status <run>',
  describe: 'Show on one screen what a run changed, what is in doubt, what is down, and the command to type next',
  positionals: {
    run: { type: 'string', demandOption: true, describe: 'A run, the beginning of its name, or last' },
  },
  options: { ...stateOptions, ...commonOptions },
  examples: [['status last', 'at 03:00, after a run died']],
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { exitCodes } = await import('../exit-codes.ts');
    const { jsonDocument } = await import('../json.ts');
    const { renderRunStatus } = await import('../../report/text/status-text.ts');
    const { findRun } = await import('../../workflows/find-run.ts');
    const { readRunStatus, withRunners, withSites } = await import('../../workflows/run-status.ts');
    return withWorld(args, async (world) => {
      const run = await findRun(args.run, world.store);
      const locks = await world.state.listLocks(run, Date.parse(world.clock.now()));
      const sites = await world.state.listSites(run);
      const status = withSites(withRunners(await readRunStatus(run, world.store), locks), sites);
      world.out(args.json ? jsonDocument('run-status', { ...status }) : renderRunStatus(status));
      return status.damage === null ? exitCodes.done : exitCodes.someFailed;
    });
  },
});
