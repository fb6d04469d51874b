import type { Argv } from 'yargs';
import { commonOptions, type Command, type CommonArguments, stateOptions, type StateArguments } from '../options.ts';

type Arguments = CommonArguments & StateArguments & { action: 'list' | 'show' | 'verify'; run: string | undefined };

export const runsCommand: Command<Arguments> = {
  command: 'runs [action] [run]',
  describe: 'List runs; show what one did, step by step; verify that its journal was not altered',
  builder: (yargs: Argv) =>
    yargs
      .positional('action', { choices: ['list', 'show', 'verify'] as const, default: 'list' as const })
      .positional('run', { type: 'string', describe: 'The name of a run' })
      .options({ ...stateOptions, ...commonOptions })
      .example('$0 runs show 20261205-220114-4f9a1c', 'what happened, per host'),
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { listRuns, showRun, verifyRun } = await import('./runs/show-runs.ts');
    return withWorld(args, async (world) => {
      if (args.action === 'list') return await listRuns(args.json, world);
      return await (args.action === 'show' ? showRun : verifyRun)(args.run ?? null, args.json, world);
    });
  },
};
