import { Failure } from '../../../model/failure.ts';
import { defineCommand } from '../../define-command.ts';
import {
  commonOptions,
  databaseOption,
  inventoryOptions,
  policyOptions,
  talkOptions,
  vaultOptions,
} from '../../options.ts';

export const runnerCommand = defineCommand({
  command: 'runner',
  describe:
    'Wait inside a closed site for shared runs (apply --join) and change its hosts, with the secrets of this machine',
  options: {
    site: { type: 'string', nargs: 1, demandOption: true, describe: 'The site, as the inventory has it (site: NAME)' },
    once: { type: 'boolean', default: false, describe: 'End when no run has hosts that wait for this site' },
    inventory: inventoryOptions.inventory,
    ...vaultOptions,
    ...policyOptions,
    ...databaseOption,
    ...talkOptions,
    ...commonOptions,
  },
  examples: [
    ['runner --site paris -i inventory/paris.yml --state postgres://paris@db.corp.example/fencepost', 'as a service'],
    ['runner --site paris -i inventory/paris.yml --once', 'from cron or a CI job, with FENCEPOST_STATE set'],
  ],
  async run(args) {
    const { nameState } = await import('../../state/name-state.ts');
    const { withWorld } = await import('../../compose.ts');
    const { serveSite } = await import('./serve-site.ts');
    if (nameState(args, process.env).kind !== 'database') {
      throw new Failure('usage/invalid', 'a runner waits in a database for runs', {
        hint: 'name it with --state postgres://USER@HOST/DATABASE or FENCEPOST_STATE (docs/runner.md)',
      });
    }
    return withWorld({ ...args, unattended: true }, (world) => serveSite(args, world));
  },
});
