import { defineCommand } from '../define-command.ts';
import { commonOptions, confirmOptions, stateOptions } from '../options.ts';

export const unlockCommand = defineCommand({
  command: 'unlock <run>',
  describe: 'Free the hosts that a run still locks although its process is gone: a killed container, a lost machine',
  positionals: {
    run: { type: 'string', demandOption: true, describe: 'A run, the beginning of its name, or last' },
  },
  options: { ...confirmOptions, ...stateOptions, ...commonOptions },
  examples: [['unlock 20261205-220114-4f9a1c', 'then: fencepost resume or rollback of the same run']],
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { unlockRun } = await import('./unlock/unlock-run.ts');
    return withWorld(args, (world) => unlockRun(args.run, args, world));
  },
});
