import { Failure } from '../../../model/failure.ts';
import { defineCommand } from '../../define-command.ts';
import { commonOptions, databaseOption } from '../../options.ts';

export const stateCommand = defineCommand({
  command: 'state <action> [run] [site]',
  describe:
    'A PostgreSQL database as the state of a team: prepare it, look at it, copy runs, let sites in, remove old runs',
  positionals: {
    action: { choices: ['init', 'check', 'export', 'import', 'site', 'prune'], demandOption: true },
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
    operators: { type: 'string', nargs: 1, describe: 'For init: a role of the server that plans, applies, rolls back' },
    auditors: { type: 'string', nargs: 1, describe: 'For init: a role of the server that only looks' },
    before: { type: 'string', nargs: 1, describe: 'For prune: remove runs that finished before this date' },
    unexported: { type: 'boolean', default: false, describe: 'For prune: those that were never exported, too' },
    'dry-run': { type: 'boolean', default: false, describe: 'For prune: only say which runs would be removed' },
    yes: { type: 'boolean', default: false, alias: 'y', describe: 'For prune: do not ask for confirmation' },
    ...databaseOption,
    ...commonOptions,
  },
  examples: [
    ['state init --state postgres://fence@db.corp.example/fencepost', 'once, and after an upgrade'],
    ['state check', 'with FENCEPOST_STATE set: can it be used, and by what rules'],
    ['state site add paris --role paris', 'this role sees and changes hosts of that site only'],
    ['state import last --dir /var/lib/fencepost', 'take the last run of a directory into the database'],
    ['state prune --before 2026-01-01 --dry-run', 'which old runs, exported before, could be removed'],
  ],
  async run(args) {
    const { action, run, site, role, dir, state, json } = args;
    const { operators, auditors, before, unexported, 'dry-run': dryRun, yes } = args;
    if (action !== 'site' && (site !== undefined || role !== undefined)) {
      throw new Failure('usage/invalid', 'a site and --role go with state site', {
        hint: 'fencepost state site add paris --role paris',
      });
    }
    const isCopy = action === 'export' || action === 'import';
    if (isCopy && run === undefined) {
      throw new Failure('usage/invalid', 'the name of the run is missing', { hint: 'fencepost runs lists them' });
    }
    if (!isCopy && ((action !== 'site' && run !== undefined) || dir !== undefined)) {
      throw new Failure('usage/invalid', 'a run and --dir go with export and import', {
        hint: 'fencepost state export RUN --dir DIRECTORY',
      });
    }
    if (action !== 'init' && (operators !== undefined || auditors !== undefined)) {
      throw new Failure('usage/invalid', '--operators and --auditors go with init', {
        hint: 'fencepost state init --operators ROLE --auditors ROLE',
      });
    }
    if ((action === 'prune') !== (before !== undefined) || (action !== 'prune' && (unexported || dryRun || yes))) {
      throw new Failure(
        'usage/invalid',
        '--before, --unexported, --dry-run and --yes go with prune, which needs --before',
        {
          hint: 'fencepost state prune --before 2026-01-01 --dry-run',
        },
      );
    }
    const { withWorld } = await import('../../compose.ts');
    const { checkState, copyState, initState } = await import('./keep-state.ts');
    const { nameState } = await import('../../state/name-state.ts');
    const named = nameState({ state }, process.env);
    return withWorld({ state }, async (world) => {
      if (action === 'site') {
        const { keepSites } = await import('./keep-sites.ts');
        return keepSites({ action: run, site, role, json }, named, world);
      }
      if (run !== undefined && isCopy) return copyState({ action, run, directory: dir, json }, named, world);
      if (before !== undefined) {
        const { pruneState } = await import('./prune-state.ts');
        return pruneState({ before, unexported, dryRun, yes, json }, world);
      }
      const roles = [
        ...(operators === undefined ? [] : [{ name: operators, kind: 'operators' } as const]),
        ...(auditors === undefined ? [] : [{ name: auditors, kind: 'auditors' } as const]),
      ];
      return action === 'init' ? initState(named, roles, json, world) : checkState(named, json, world);
    });
  },
});
