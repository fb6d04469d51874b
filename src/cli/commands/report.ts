import { defineCommand } from '../define-command.ts';
import { commonOptions, helpGroups, inventoryOptions, stateOptions, talkOptions, vaultOptions } from '../options.ts';
import { reportFormats } from './report/report-format.ts';

export const reportCommand = defineCommand({
  command: 'report <subject>',
  describe:
    'Report on a run, a plan or a snapshot: one self-contained HTML page, or JUnit, markdown, JSON, code quality for CI, a trace (otlp)',
  positionals: {
    subject: {
      type: 'string',
      demandOption: true,
      describe: 'Name of a run, or a file saved by plan --out or collect --out',
    },
  },
  options: {
    format: {
      choices: reportFormats,
      alias: 'f',
      describe: "Output format [default: by the file's extension, else html]",
    },
    out: { type: 'string', alias: 'o', describe: 'Write to this file, replacing it [default: stdout]' },
    inventory: { ...inventoryOptions.inventory, describe: 'Inventory to take groups and line numbers from' },
    playbook: {
      type: 'string',
      alias: 'p',
      group: helpGroups.hosts,
      describe: "Show this playbook's ports in the port maps of a snapshot",
    },
    ...vaultOptions,
    ...stateOptions,
    quiet: talkOptions.quiet,
    ...commonOptions,
  },
  examples: [
    ['report 20261205-220114-4f9a1c --out run.html', 'what happened, for the change record'],
    ['report tonight.plan -o tonight.html', 'the dry run, to be signed off'],
    ['report last --format otlp -o trace.json', 'the trace of a run that died, for a collector (OTLP JSON)'],
  ],
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { reportOn } = await import('./report/report-on.ts');
    return withWorld(args, (world) => reportOn(args, world));
  },
});
