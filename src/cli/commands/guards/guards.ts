import { defineCommand } from '../../define-command.ts';
import { commonOptions, confirmOptions, inventoryOptions, talkOptions, untrustedOptions } from '../../options.ts';

export const guardsCommand = defineCommand({
  command: 'guards [action]',
  describe: 'List the guards that are on the hosts now, of whatever run; clean deletes them after asking',
  positionals: {
    action: { type: 'string', choices: ['clean'] as const, describe: 'clean: delete them, so that nothing is undone' },
  },
  options: {
    ...confirmOptions,
    concurrency: { type: 'number', default: 50, describe: 'Hosts at once' },
    ...inventoryOptions,
    ...untrustedOptions,
    ...talkOptions,
    ...commonOptions,
  },
  examples: [
    ['guards -i inventory/prod.yml', 'is there a host that will undo something?'],
    ['guards clean -l ex01', 'delete what an earlier run left there'],
  ],
  async run(args) {
    const { withWorld } = await import('../../compose.ts');
    const { showGuards } = await import('./show-guards.ts');
    return withWorld(args, (world) => showGuards(args, world));
  },
});
