import { defineCommand } from '../../define-command.ts';
import { commonOptions, inventoryOptions, stateOptions, talkOptions } from '../../options.ts';

export const confirmCommand = defineCommand({
  command: 'confirm <run>',
  describe: 'Keep what a run changed: call off the guards that would undo it (confirm in the playbook), or extend them',
  positionals: {
    run: { type: 'string', demandOption: true, describe: 'A run, the beginning of its name, or last' },
  },
  options: {
    extend: { type: 'string', nargs: 1, describe: 'Do not confirm yet: the guards start so long from now, 10m to 24h' },
    concurrency: { type: 'number', default: 50, describe: 'Hosts at once' },
    ...inventoryOptions,
    ...stateOptions,
    ...talkOptions,
    ...commonOptions,
  },
  examples: [
    ['confirm last', 'mail works: the changes stay'],
    ['confirm last --extend 30m', 'not sure yet'],
  ],
  async run(args) {
    const { withWorld } = await import('../../compose.ts');
    const { showConfirmed } = await import('./show-confirmed.ts');
    return withWorld(args, (world) => showConfirmed(args, world));
  },
});
