import { defineCommand } from '../../define-command.ts';
import { commonOptions, talkOptions, vaultOptions } from '../../options.ts';
import { directoryOptions } from './directory-options.ts';

export const discoverCommand = defineCommand({
  command: 'discover',
  describe: 'Ask Active Directory for the Exchange servers, and write an inventory with their back-end ports',
  options: {
    out: { type: 'string', nargs: 1, describe: 'Write the inventory to this file [default: to stdout]' },
    update: {
      type: 'boolean',
      default: false,
      describe: 'The file may exist: merge what the directory says into it; what you wrote stays',
    },
    ...directoryOptions,
    ...vaultOptions,
    quiet: talkOptions.quiet,
    ...commonOptions,
  },
  examples: [
    ['discover --domain corp.example --out inventory/exchange.yml', 'with your Kerberos ticket, over LDAPS'],
    ['discover --domain corp.example --out inventory/exchange.yml --update', 'again, later: says what came and went'],
  ],
  async run(args) {
    const { withWorld } = await import('../../compose.ts');
    const { showDiscovery } = await import('./show-discovery.ts');
    const { listVaultFlags, refuseIdle } = await import('../../flags/refuse-idle.ts');
    if (!args.update) {
      const why = 'without --update: no inventory is read';
      refuseIdle(listVaultFlags(args), why, 'leave it out, or merge into an inventory: --out FILE --update');
    }
    return withWorld(args, (world) => showDiscovery(args, world));
  },
});
