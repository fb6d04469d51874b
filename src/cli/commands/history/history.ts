import { defineCommand } from '../../define-command.ts';
import { commonOptions, stateOptions } from '../../options.ts';

export const historyCommand = defineCommand({
  command: 'history [host]',
  describe: 'Show since when each host, or one, is as it is, and what else was seen to change then; asks no host',
  positionals: {
    host: { type: 'string', describe: 'Name of a host, as in the inventory [default: all, one line each]' },
  },
  options: { ...stateOptions, ...commonOptions },
  examples: [['history ex01', 'since when, after which build of Exchange or Windows did it drift']],
  async run(args) {
    const { withWorld } = await import('../../compose.ts');
    const { showHistory } = await import('./show-history.ts');
    return withWorld(args, (world) => showHistory(args, world));
  },
});
