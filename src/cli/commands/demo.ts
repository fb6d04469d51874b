import { defineCommand } from '../define-command.ts';
import { commonOptions } from '../options.ts';

export const demoCommand = defineCommand({
  command: 'demo',
  describe: 'Run the whole job on a simulated fleet: collect, dry run, apply, verify, drift, roll back',
  options: {
    keep: { type: 'boolean', default: false, describe: 'Keep the folder with plan, journals and inventory' },
    ...commonOptions,
  },
  examples: [['demo', 'about ten seconds']],
  async run(args) {
    const { runDemo } = await import('../demo/demo.ts');
    return runDemo({ keep: args.keep, json: args.json });
  },
});
