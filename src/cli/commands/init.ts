import { defineCommand } from '../define-command.ts';
import { exitCodes } from '../exit-codes.ts';
import { commonOptions } from '../options.ts';

export const initCommand = defineCommand({
  command: 'init [dir]',
  describe:
    'Write a commented inventory and playbook to start from, with schemas for your editor; never replaces a file',
  positionals: { dir: { type: 'string', default: '.', describe: 'Target folder; created if it does not exist' } },
  options: commonOptions,
  examples: [['init exchange-ports', 'then edit exchange-ports/inventory/prod.yml']],
  async run(args) {
    const { writeStarterFiles } = await import('./init/starter-files.ts');
    const { guessDomain } = await import('./init/guess-domain.ts');
    const { renderStarterFiles } = await import('../../report/text/starter-text.ts');
    const { jsonDocument } = await import('../json.ts');
    const { results } = await import('../io/standard-streams.ts');
    const domain = await guessDomain();
    const files = await writeStarterFiles(args.dir, domain);
    results.write(
      args.json
        ? jsonDocument('init', { directory: args.dir, files, domain })
        : renderStarterFiles(files, args.dir, domain),
    );
    return exitCodes.done;
  },
});
