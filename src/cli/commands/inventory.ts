import { defineCommand } from '../define-command.ts';
import { commonOptions, inventoryOptions, untrustedOptions } from '../options.ts';

export const inventoryCommand = defineCommand({
  command: 'inventory',
  describe: 'Show hosts, groups and connection settings as they are resolved, and where each host is defined',
  options: {
    host: { type: 'string', describe: 'Everything about this one host, its variables too' },
    ...inventoryOptions,
    ...untrustedOptions,
    ...commonOptions,
  },
  conflicts: ['host', 'limit'],
  examples: [['inventory -i inventory/prod.yml -l "paris:!ex03*"', 'whom this pattern means']],
  async run(args) {
    const { showInventory } = await import('./inventory/show-inventory.ts');
    const out = (text: string): void => void process.stdout.write(text);
    const say = (text: string): void => void process.stderr.write(text);
    return await showInventory(args, { out, say });
  },
});
