import type { Argv } from 'yargs';
import { commonOptions, type Command, type CommonArguments } from '../options.ts';

type Arguments = CommonArguments & { keep: boolean };

export const demoCommand: Command<Arguments> = {
  command: 'demo',
  describe: 'The whole main job on a simulated fleet: collect, dry run, apply, verify, drift, roll back',
  builder: (yargs: Argv) =>
    yargs
      .options(commonOptions)
      .option('keep', {
        type: 'boolean',
        default: false,
        describe: 'Keep the folder with plan, journals and inventory',
      })
      .example('$0 demo', 'about ten seconds'),
  async run(args) {
    const { runDemo } = await import('../demo/demo.ts');
    return runDemo({ keep: args.keep, json: args.json });
  },
};
