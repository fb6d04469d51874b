import { defineCommand } from '../../define-command.ts';
import { channelPolicyOption, commonOptions, inventoryOptions, stateOptions } from '../../options.ts';

export const watchCommand = defineCommand({
  command: 'watch',
  describe:
    'Notify people of runs that died, and send notifications that could not be delivered (notify in policy.yml)',
  options: {
    once: { type: 'boolean', default: false, describe: 'Look once and end, for a schedule' },
    every: { type: 'string', nargs: 1, describe: 'How often to look: 10s to 24h [default: 1m]' },
    test: { type: 'boolean', default: false, describe: 'Only send a test to each channel and say what came back' },
    inventory: inventoryOptions.inventory,
    ...channelPolicyOption,
    ...stateOptions,
    ...commonOptions,
  },
  examples: [
    ['watch --test', 'do the channels work?'],
    ['watch --once', 'every few minutes, from cron or a scheduled task'],
  ],
  async run(args) {
    const { withWorld } = await import('../../compose.ts');
    const { showWatch } = await import('./show-watch.ts');
    return withWorld(args, (world) => showWatch(args, world));
  },
});
