import type { Argv } from 'yargs';
import {
  commonOptions,
  inventoryOptions,
  vaultOptions,
  type Command,
  type CommonArguments,
  type VaultArguments,
  stateOptions,
  type StateArguments,
} from '../options.ts';
import { reportFormats, type ReportFormat } from './report/report-format.ts';

type Arguments = CommonArguments &
  StateArguments &
  VaultArguments & {
    subject: string;
    format: ReportFormat | undefined;
    out: string | undefined;
    inventory: string[] | undefined;
    playbook: string | undefined;
  };

export const reportCommand: Command<Arguments> = {
  command: 'report <subject>',
  describe: 'A run, a plan or a snapshot as one self-contained page, or for CI as JUnit, markdown, JSON, code quality',
  builder: (yargs: Argv) =>
    yargs
      .positional('subject', {
        type: 'string',
        demandOption: true,
        describe: 'The name of a run, or a file of plan --out or collect --out',
      })
      .option('format', {
        choices: reportFormats,
        alias: 'f',
        describe: "What to write [default: by the file's ending, else html]",
      })
      .option('out', { type: 'string', alias: 'o', describe: 'Write to this file and replace it [default: stdout]' })
      .option('inventory', {
        ...inventoryOptions.inventory,
        describe: 'Inventory to take groups and line numbers from',
      })
      .option('playbook', { type: 'string', alias: 'p', describe: "Which ports a snapshot's port maps show" })
      .options({ ...vaultOptions, ...stateOptions, ...commonOptions })
      .example('$0 report 20261205-220114-4f9a1c --out run.html', 'what happened, for the change record')
      .example('$0 report tonight.plan -o tonight.html', 'the dry run, to be signed off'),
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { reportOn } = await import('./report/report-on.ts');
    return withWorld(args, (world) => reportOn(args, world));
  },
};
