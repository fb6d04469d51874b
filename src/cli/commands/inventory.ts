import type { Argv } from 'yargs';
import {
  commonOptions,
  inventoryOptions,
  untrustedOptions,
  type Command,
  type CommonArguments,
  type InventoryArguments,
} from '../options.ts';

type Arguments = CommonArguments & InventoryArguments & { host: string | undefined };

export const inventoryCommand: Command<Arguments> = {
  command: 'inventory',
  describe: 'Show hosts, groups and connection settings as they are resolved, and where each host is defined',
  builder: (yargs: Argv) =>
    yargs
      .options({ ...inventoryOptions, ...untrustedOptions })
      .option('host', { type: 'string', describe: 'Everything about this one host, its variables too' })
      .conflicts('host', 'limit')
      .options(commonOptions)
      .example('$0 inventory -i inventory/prod.yml -l "paris:!ex03*"', 'whom this pattern means'),
  async run(args) {
    const { showInventory } = await import('./inventory/show-inventory.ts');
    const out = (text: string): void => void process.stdout.write(text);
    const say = (text: string): void => void process.stderr.write(text);
    return await showInventory(args, { out, say });
  },
};
