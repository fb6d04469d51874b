import type { Argv } from 'yargs';
import {
  commonOptions,
  confirmOptions,
  stateOptions,
  type Command,
  type CommonArguments,
  type ConfirmArguments,
  type StateArguments,
} from '../options.ts';

type Arguments = CommonArguments & StateArguments & ConfirmArguments & { run: string };

export const unlockCommand: Command<Arguments> = {
  command: 'unlock <run>',
  describe: 'Free the hosts that a run still locks although its process is gone: a killed container, a lost machine',
  builder: (yargs: Argv) =>
    yargs
      .positional('run', { type: 'string', demandOption: true, describe: 'The run, as fencepost runs lists it' })
      .options({ ...confirmOptions, ...stateOptions, ...commonOptions })
      .example('$0 unlock 20261205-220114-4f9a1c', 'then: fencepost resume or rollback of the same run'),
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { unlockRun } = await import('../unlock.ts');
    return withWorld(args, (world) => unlockRun(args.run, args, world));
  },
};
