import type { Argv } from 'yargs';
import { exitCodes } from '../exit-codes.ts';
import { commonOptions, type Command, type CommonArguments } from '../options.ts';

const kinds = ['inventory', 'playbook', 'scenario'] as const;

type Arguments = CommonArguments & { kind: (typeof kinds)[number] | undefined };

export const schemaCommand: Command<Arguments> = {
  command: 'schema [kind]',
  describe: 'Print the JSON Schema of a file format, for hover help and checks in an editor',
  builder: (yargs: Argv) =>
    yargs
      .positional('kind', { choices: kinds, describe: 'Which file; without it: how to use them' })
      .options(commonOptions)
      .example('$0 schema inventory > inventory.schema.json', 'save it where the modeline of the file points'),
  async run(args) {
    const { jsonSchemaOf, jsonSchemaText, modeline, schemaFileName } = await import('../json-schemas.ts');
    const { jsonDocument } = await import('../json.ts');
    const { kind } = args;
    if (kind !== undefined) process.stdout.write(jsonSchemaText(kind));
    else if (args.json) {
      const schemas = Object.fromEntries(kinds.map((one) => [one, jsonSchemaOf(one)]));
      process.stdout.write(jsonDocument('schemas', { schemas }));
    } else {
      const lines = kinds.map((one) => `  fencepost schema ${one} > ${schemaFileName(one)}\n`);
      process.stdout.write(
        `JSON Schemas (draft 7) for editors with a YAML language server:\n${lines.join('')}` +
          `and as the first line of the YAML file, the path relative to its folder:\n  ${modeline(schemaFileName('inventory'))}` +
          'fencepost init writes both.\n',
      );
    }
    return exitCodes.done;
  },
};
