import { Failure } from '../../../model/failure.ts';
import { defineCommand } from '../../define-command.ts';
import { commonOptions, databaseOption } from '../../options.ts';

export const stateCommand = defineCommand({
  command: 'state <action> [run] [site]',
  describe: 'A PostgreSQL database as the state of a team: prepare it, look at it, copy runs to and from a directory',
  positionals: {
    action: { choices: ['init', 'check', 'export', 'import', 'site'], demandOption: true },
    run: { type: 'string', describe: 'For export and import: the run; for site: add, remove or list' },
    site: { type: 'string', describe: 'For site add: the site, as the inventory has it' },
  },
  options: {
    dir: {
      type: 'string',
      nargs: 1,
      describe: 'For export and import: the state directory on the other side [default: per user]',
    },
    role: { type: 'string', nargs: 1, describe: 'For site: the database role that its runner logs on as' },
    ...databaseOption,
    ...commonOptions,
  },
  examples: [
    ['state init --state postgres://fence@db.corp.example/fencepost', 'once, and after an upgrade'],
    ['state check', 'with FENCEPOST_STATE set: can it be used, and by what rules'],
    ['state site add paris --role paris', 'this role sees and changes hosts of that site only'],
    ['state import last --dir /var/lib/fencepost', 'take the last run of a directory into the database'],
  ],
  async run({ action, run, site, role, dir, state, json }) {
    if (action === 'site' && dir === undefined) {
      const { withWorld } = await import('../../compose.ts');
      const { keepSites } = await import('./keep-sites.ts');
      const { nameState } = await import('../../state/name-state.ts');
      const named = nameState({ state }, process.env);
      return withWorld({ state }, (world) => keepSites({ action: run, site, role, json }, named, world));
    }
    if (site !== undefined || role !== undefined) {
      throw new Failure('usage/invalid', 'a site and --role go with state site', {
        hint: 'fencepost state site add paris --role paris',
      });
    }
    const isCopy = action === 'export' || action === 'import';
    if (isCopy && run === undefined) {
      throw new Failure('usage/invalid', 'the name of the run is missing', { hint: 'fencepost runs lists them' });
    }
    if (!isCopy && (run !== undefined || dir !== undefined)) {
      throw new Failure('usage/invalid', 'a run and --dir go with export and import', {
        hint: 'fencepost state export RUN --dir DIRECTORY',
      });
    }
    const { withWorld } = await import('../../compose.ts');
    const { checkState, copyState, initState } = await import('./keep-state.ts');
    const { nameState } = await import('../../state/name-state.ts');
    const named = nameState({ state }, process.env);
    return withWorld({ state }, (world) => {
      if (run !== undefined && isCopy) return copyState({ action, run, directory: dir, json }, named, world);
      return action === 'init' ? initState(named, json, world) : checkState(named, json, world);
    });
  },
});
