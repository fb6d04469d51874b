// The JSON Schemas of the files people write, made from the very definitions that validate them. What no schema can say (rules
// across keys, host ranges, precedence) stays with the tool. Draft 7 is what the YAML language server reads (redhat yaml-language-server).
import { z } from 'zod';
import { inventorySchema } from '../inventory/schema.ts';
import { scenarioSchema } from '../lab/scenario-schema.ts';
import { playbookSchema } from '../playbook/schema.ts';

export const schemaKinds = ['inventory', 'playbook', 'scenario'] as const;
export type SchemaKind = (typeof schemaKinds)[number];

const definitions: Readonly<Record<SchemaKind, z.ZodType>> = {
  inventory: inventorySchema,
  playbook: playbookSchema,
  scenario: scenarioSchema,
};

/** The schema of what may be written (defaults may be left out), as a plain object. */
export function jsonSchemaOf(kind: SchemaKind): object {
  return z.toJSONSchema(definitions[kind], { target: 'draft-7', io: 'input', unrepresentable: 'any' });
}

/** The same as the text of a file. */
export function jsonSchemaText(kind: SchemaKind): string {
  return `${JSON.stringify(jsonSchemaOf(kind), null, 2)}\n`;
}

/** `inventory.schema.json` */
export function schemaFileName(kind: SchemaKind): string {
  return `${kind}.schema.json`;
}

/** The first line of a YAML file, by which an editor finds its schema. `path` is relative to the file's own folder. */
export function modeline(path: string): string {
  return `# yaml-language-server: $schema=${path}\n`;
}
