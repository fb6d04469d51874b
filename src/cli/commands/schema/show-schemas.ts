// I/O: what `schema` prints or writes: one schema, all of them as one document or as files, or a list that says what each is for.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { counted } from '../../../model/text/counted.ts';
import { renderTable } from '../../../report/text/table.ts';
import { Failure } from '../../../model/failure.ts';
import {
  describeSchema,
  buildJsonSchema,
  jsonSchemaText,
  modeline,
  schemaFileName,
} from '../../documents/json-schemas.ts';
import { inputKinds, schemaNames, type SchemaName } from '../../documents/kinds.ts';
import { jsonDocument } from '../../json.ts';
import { replaceFile } from '../../io/replace-file.ts';
import { results, talk } from '../../io/standard-streams.ts';

export interface ShowSchemasOptions {
  /** Null: all. */
  readonly name: SchemaName | null;
  /** Where all are written to; null: nowhere. */
  readonly dir: string | null;
  readonly json: boolean;
}

/** Throws Failure `usage/invalid` when the folder can't be written. */
export async function showSchemas({ name, dir, json }: ShowSchemasOptions): Promise<void> {
  if (dir !== null) await writeAll(dir);
  if (name !== null) results.write(jsonSchemaText(name));
  else if (json) {
    const schemas = Object.fromEntries(schemaNames.map((one) => [one, buildJsonSchema(one)]));
    results.write(jsonDocument('schemas', { schemas }));
  } else if (dir === null) results.write(listOfSchemas());
}

async function writeAll(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true }).catch((cause: unknown) => {
    throw new Failure('usage/invalid', "the folder can't be created", {
      where: dir,
      hint: 'name a folder you may write to',
      cause,
    });
  });
  for (const name of schemaNames) await replaceFile(join(dir, schemaFileName(name)), jsonSchemaText(name), 0o644);
  talk.write(`${counted(schemaNames.length, 'schema')} written to ${dir}\n`);
}

function listOfSchemas(): string {
  const rows = (names: readonly SchemaName[]): string =>
    renderTable(names.map((one) => [`  ${one}`, describeSchema(one)]));
  const editors = inputKinds.map((one) => `  fencepost schema ${one} > ${schemaFileName(one)}\n`).join('');
  return (
    `Files you write, for editors with a YAML language server:\n${editors}` +
    `and as the first line of the YAML file, the path relative to its folder:\n  ${modeline(schemaFileName('inventory'))}` +
    'fencepost init writes both.\n\n' +
    `What the tool prints and saves, for scripts (fencepost schema NAME, or all with --dir FOLDER):\n` +
    rows(schemaNames.filter((one) => !inputKinds.some((input) => input === one)))
  );
}
