import type { Argv } from 'yargs';
import { exitCodes } from '../exit-codes.ts';
import { commonOptions, type Command, type CommonArguments } from '../options.ts';

type Arguments = CommonArguments & { dir: string };

export const initCommand: Command<Arguments> = {
  command: 'init [dir]',
  describe: 'Write a commented inventory and playbook to start from, with schemas for your editor; replaces no file',
  builder: (yargs: Argv) =>
    yargs
      .positional('dir', { type: 'string', default: '.', describe: 'Where to; made when it is not there' })
      .options(commonOptions)
      .example('$0 init exchange-ports', 'then edit exchange-ports/inventory/prod.yml'),
  async run(args) {
    const { writeStarterFiles } = await import('./init/starter-files.ts');
    const { renderStarterFiles } = await import('../../report/text/starter-text.ts');
    const { jsonDocument } = await import('../json.ts');
    const files = await writeStarterFiles(args.dir);
    process.stdout.write(
      args.json ? jsonDocument('init', { directory: args.dir, files }) : renderStarterFiles(files, args.dir),
    );
    return exitCodes.done;
  },
};
