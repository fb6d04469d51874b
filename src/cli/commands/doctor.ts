import type { Argv } from 'yargs';
import {
  commonOptions,
  inventoryOptions,
  untrustedOptions,
  type Command,
  type CommonArguments,
  type InventoryArguments,
  talkOptions,
  type TalkArguments,
} from '../options.ts';

type Arguments = CommonArguments &
  TalkArguments &
  InventoryArguments & { playbook: string | undefined; concurrency: number; verbose: boolean };

export const doctorCommand: Command<Arguments> = {
  command: 'doctor',
  describe:
    'Check for every host how far one gets: name, TCP, TLS, WinRM, logon, rights, Windows, netsh, Exchange, ports',
  builder: (yargs: Argv) =>
    yargs
      .options({ ...inventoryOptions, ...untrustedOptions })
      .option('playbook', {
        type: 'string',
        alias: 'p',
        describe: "Only its hosts, for its services and ports [default: all hosts, for Exchange's back ends]",
      })
      .option('concurrency', { type: 'number', default: 50, describe: 'Hosts at once' })
      .option('verbose', { type: 'boolean', default: false, alias: 'v', describe: 'Every check of every host' })
      .options({ ...talkOptions, ...commonOptions })
      .example('$0 doctor -i inventory/prod.yml -l paris', 'before the first plan; changes nothing'),
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { examineFleet } = await import('../../workflows/diagnose.ts');
    return withWorld(args, (world) => examineFleet(args, world));
  },
};
