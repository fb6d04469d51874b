import { schemaNames } from '../documents/kinds.ts';
import { defineCommand } from '../define-command.ts';
import { exitCodes } from '../exit-codes.ts';
import { commonOptions } from '../options.ts';

export const schemaCommand = defineCommand({
  command: 'schema [name]',
  describe: 'Print a JSON Schema: of a file you write, for your editor, or of what --json prints, for scripts',
  positionals: { name: { choices: schemaNames, describe: 'Which schema; without a name, all are listed' } },
  options: {
    dir: { type: 'string', describe: 'Write all of them into this folder, replacing older ones' },
    ...commonOptions,
  },
  conflicts: ['dir', 'name'],
  examples: [
    ['schema inventory > inventory.schema.json', 'save it where the modeline of the file points'],
    ['schema output-verify', 'what fencepost verify --json prints'],
  ],
  async run(args) {
    const { showSchemas } = await import('./schema/show-schemas.ts');
    await showSchemas({ name: args.name ?? null, dir: args.dir ?? null, json: args.json });
    return exitCodes.done;
  },
});
