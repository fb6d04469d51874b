import type { Argv } from 'yargs';
import {
  commonOptions,
  confirmOptions,
  inventoryOptions,
  paceOptions,
  verboseOption,
  type Command,
  type CommonArguments,
  type ConfirmArguments,
  type InventoryArguments,
  stateOptions,
  talkOptions,
  type StateArguments,
  type TalkArguments,
} from '../options.ts';

type Arguments = CommonArguments &
  StateArguments &
  TalkArguments &
  InventoryArguments &
  ConfirmArguments & {
    run: string;
    'dry-run': boolean;
    force: boolean;
    concurrency: number;
    deadline: string | undefined;
    events: string | undefined;
    verbose: boolean;
  };

export const rollbackCommand: Command<Arguments> = {
  command: 'rollback <run>',
  describe:
    'Take back exactly what a run changed, from its journal alone; a host that somebody changed since is refused',
  builder: (yargs: Argv) =>
    yargs
      .positional('run', {
        type: 'string',
        demandOption: true,
        describe: 'The run to take back, as fencepost runs lists it',
      })
      .options({ ...inventoryOptions, ...confirmOptions, ...stateOptions, ...talkOptions, ...commonOptions })
      .option('dry-run', {
        type: 'boolean',
        default: false,
        describe: 'Show what would be taken back and change nothing',
      })
      .option('force', { type: 'boolean', default: false, describe: 'Also on hosts that somebody else changed since' })
      .option('events', paceOptions.events)
      .option('deadline', paceOptions.deadline)
      .option('concurrency', { type: 'number', default: 50, describe: 'Hosts at once' })
      .options(verboseOption)
      .example('$0 rollback 20261205-220114-4f9a1c --dry-run', 'what would be taken back'),
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { rollBack } = await import('../../workflows/roll-back.ts');
    return withWorld(args, (world) => rollBack(args.run, args, world));
  },
};
