import { defineCommand } from '../define-command.ts';
import { Failure } from '../../model/failure.ts';
import { commonOptions, stateOptions } from '../options.ts';

export const runsCommand = defineCommand({
  command: 'runs [action] [run]',
  describe: 'List runs; show what one did, step by step; verify that its journal was not altered',
  positionals: {
    action: { choices: ['list', 'show', 'verify'], default: 'list' },
    run: { type: 'string', describe: 'A run, the beginning of its name, or last' },
  },
  options: {
    signers: {
      type: 'string',
      nargs: 1,
      describe: 'For verify: whose signature counts, an allowed_signers file of OpenSSH',
    },
    ...stateOptions,
    ...commonOptions,
  },
  examples: [
    ['runs show 20261205-220114-4f9a1c', 'what happened, per host'],
    ['runs verify last --signers ops.signers', 'is the journal whole, and who signed it'],
  ],
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { listRuns, showRun } = await import('./runs/show-runs.ts');
    const { verifyRun } = await import('./runs/verify-run.ts');
    const { findRun } = await import('../../workflows/find-run.ts');
    const { signers } = args;
    if (signers !== undefined && args.action !== 'verify') {
      throw new Failure('usage/invalid', '--signers goes with runs verify', {
        hint: 'fencepost runs verify RUN --signers FILE',
      });
    }
    if (args.action === 'list' && args.run !== undefined) {
      throw new Failure('usage/invalid', 'runs list takes no run', { hint: `fencepost runs show ${args.run}` });
    }
    return withWorld(args, async (world) => {
      if (args.action === 'list') return await listRuns(args.json, world);
      const run = args.run === undefined ? null : await findRun(args.run, world.store);
      if (args.action === 'show') return await showRun(run, args.json, world);
      return await verifyRun(run, { json: args.json, signers }, world);
    });
  },
});
