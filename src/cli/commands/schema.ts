import type { Argv } from 'yargs';
import { schemaNames, type SchemaName } from '../documents/kinds.ts';
import { exitCodes } from '../exit-codes.ts';
import { commonOptions, type Command, type CommonArguments } from '../options.ts';

type Arguments = CommonArguments & { name: SchemaName | undefined; dir: string | undefined };

export const schemaCommand: Command<Arguments> = {
  command: 'schema [name]',
  describe: 'Print the JSON Schema of a file you write, for your editor, or of what --json prints, for your scripts',
  builder: (yargs: Argv) =>
    yargs
      .positional('name', { choices: schemaNames, describe: 'Which one; without it: what each is for' })
      .option('dir', { type: 'string', describe: 'Write all of them into this folder, replacing older ones' })
      .conflicts('dir', 'name')
      .options(commonOptions)
      .example('$0 schema inventory > inventory.schema.json', 'save it where the modeline of the file points')
      .example('$0 schema output-verify', 'what fencepost verify --json prints'),
  async run(args) {
    const { showSchemas } = await import('./schema/show-schemas.ts');
    await showSchemas({ name: args.name ?? null, dir: args.dir ?? null, json: args.json });
    return exitCodes.done;
  },
};
