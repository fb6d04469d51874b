import { defineCommand } from '../define-command.ts';
import { commonOptions, stateOptions } from '../options.ts';

export const runsCommand = defineCommand({
  command: 'runs [action] [run]',
  describe: 'List runs; show what one did, step by step; verify that its journal was not altered',
  positionals: {
    action: { choices: ['list', 'show', 'verify'], default: 'list' },
    run: { type: 'string', describe: 'Name of the run' },
  },
  options: { ...stateOptions, ...commonOptions },
  examples: [['runs show 20261205-220114-4f9a1c', 'what happened, per host']],
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { listRuns, showRun, verifyRun } = await import('./runs/show-runs.ts');
    const { findRun } = await import('../../workflows/find-run.ts');
    return withWorld(args, async (world) => {
      if (args.action === 'list') return await listRuns(args.json, world);
      const run = args.run === undefined ? null : await findRun(args.run, world.store);
      return await (args.action === 'show' ? showRun : verifyRun)(run, args.json, world);
    });
  },
});
