import type { Argv } from 'yargs';
import {
  commonOptions,
  confirmOptions,
  inventoryOptions,
  paceOptions,
  vaultOptions,
  verboseOption,
  type Command,
  type CommonArguments,
  type ConfirmArguments,
  type InventoryArguments,
  type PaceArguments,
  type VaultArguments,
  stateOptions,
  talkOptions,
  type StateArguments,
  type TalkArguments,
} from '../options.ts';

type Arguments = CommonArguments &
  StateArguments &
  TalkArguments &
  Pick<InventoryArguments, 'inventory'> &
  VaultArguments &
  ConfirmArguments &
  PaceArguments & { run: string; verbose: boolean };

export const resumeCommand: Command<Arguments> = {
  command: 'resume <run>',
  describe:
    'Go on with a run that died or was interrupted: asks the hosts that were in change, begins those that were not',
  builder: (yargs: Argv) =>
    yargs
      .positional('run', { type: 'string', demandOption: true, describe: 'The run, as fencepost runs lists it' })
      .option('inventory', inventoryOptions.inventory)
      .options({
        ...vaultOptions,
        ...paceOptions,
        ...confirmOptions,
        ...stateOptions,
        ...talkOptions,
        ...commonOptions,
      })
      .options(verboseOption)
      .example('$0 resume 20261205-220114-4f9a1c', 'after the jump host rebooted in the middle'),
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { resumeRun } = await import('../../workflows/resume.ts');
    return withWorld(args, (world) => resumeRun(args.run, args, world));
  },
};
