import { defineCommand } from '../define-command.ts';
import { commonOptions, inventoryOptions, untrustedOptions } from '../options.ts';

export const inventoryCommand = defineCommand({
  command: 'inventory',
  describe: 'Show the resolved hosts, groups and connection settings, and where each host is defined',
  options: {
    host: { type: 'string', describe: 'Show everything about one host, including its variables' },
    ...inventoryOptions,
    ...untrustedOptions,
    ...commonOptions,
  },
  conflicts: ['host', 'limit'],
  examples: [['inventory -i inventory/prod.yml -l "paris:!ex03*"', 'the hosts that this pattern selects']],
  async run(args) {
    const { showInventory } = await import('./inventory/show-inventory.ts');
    const { results, talk } = await import('../io/standard-streams.ts');
    return await showInventory(args, {
      out(text) {
        results.write(text);
      },
      say(text) {
        talk.write(text);
      },
    });
  },
});
