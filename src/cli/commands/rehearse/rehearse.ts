import { mishapLevels } from '../../../model/rehearsal.ts';
import { defineCommand } from '../../define-command.ts';
import { commonOptions, stateOptions } from '../../options.ts';

export const rehearseCommand = defineCommand({
  command: 'rehearse <plan>',
  describe:
    'Play a saved plan through on simulated servers made of its facts: order, times, outages, mishaps, rollback; asks no host',
  positionals: { plan: { type: 'string', demandOption: true, describe: 'A plan saved with fencepost plan --out' } },
  options: {
    mishaps: {
      choices: mishapLevels,
      default: 'usual',
      describe: 'What goes wrong, each in a night of its own; worst has the usual ones too',
    },
    seed: {
      type: 'number',
      default: 1,
      describe: 'Chooses the hosts that meet a mishap; the same seed, the same hosts',
    },
    ...stateOptions,
    ...commonOptions,
  },
  examples: [
    ['rehearse tonight.plan', 'before you sign it off'],
    ['rehearse tonight.plan --mishaps worst --json', 'as a step of a pipeline, before the approval'],
  ],
  async run(args) {
    const { withWorld } = await import('../../compose.ts');
    const { showRehearsal } = await import('./show-rehearsal.ts');
    return withWorld(args, (world) => showRehearsal(args, world));
  },
});
