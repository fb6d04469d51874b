import { defineCommand } from '../define-command.ts';
import { commonOptions, helpGroups, inventoryOptions, stateOptions, vaultOptions } from '../options.ts';
import { reportFormats } from './report/report-format.ts';

export const reportCommand = defineCommand({
  command: 'report <subject>',
  describe: 'A run, a plan or a snapshot as one self-contained page, or for CI as JUnit, markdown, JSON, code quality',
  positionals: {
    subject: {
      type: 'string',
      demandOption: true,
      describe: 'The name of a run, or a file of plan --out or collect --out',
    },
  },
  options: {
    format: {
      choices: reportFormats,
      alias: 'f',
      describe: "What to write [default: by the file's ending, else html]",
    },
    out: { type: 'string', alias: 'o', describe: 'Write to this file and replace it [default: stdout]' },
    inventory: { ...inventoryOptions.inventory, describe: 'Inventory to take groups and line numbers from' },
    playbook: {
      type: 'string',
      alias: 'p',
      group: helpGroups.hosts,
      describe: "Which ports a snapshot's port maps show",
    },
    ...vaultOptions,
    ...stateOptions,
    ...commonOptions,
  },
  examples: [
    ['report 20261205-220114-4f9a1c --out run.html', 'what happened, for the change record'],
    ['report tonight.plan -o tonight.html', 'the dry run, to be signed off'],
  ],
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { reportOn } = await import('./report/report-on.ts');
    return withWorld(args, (world) => reportOn(args, world));
  },
});
