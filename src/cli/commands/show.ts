import { defineCommand } from '../define-command.ts';
import { commonOptions } from '../options.ts';
import { showFormats } from './show/show-format.ts';

export const showCommand = defineCommand({
  command: 'show <plan>',
  describe: 'Show what a saved plan is signed off for: address, account, every command and its inverse, outages',
  positionals: { plan: { type: 'string', demandOption: true, describe: 'A plan saved with fencepost plan --out' } },
  options: {
    format: {
      choices: showFormats,
      alias: 'f',
      describe: "Output format [default: by the file's extension, else text]",
    },
    out: { type: 'string', alias: 'o', describe: 'Write to this file, replacing it [default: stdout]' },
    ...commonOptions,
  },
  examples: [
    ['show tonight.plan', 'before you sign it off'],
    ['show tonight.plan -o tonight.html', 'the same for the change record'],
  ],
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { showSignOff } = await import('./show/show-sign-off.ts');
    return withWorld({}, (world) => showSignOff(args, world));
  },
});
