// JSON Schemas, made from the very definitions that validate what people write and type what the tool prints. What no schema can say
// (rules across keys, host ranges, precedence, digests) stays with the tool. Draft 7 is what the YAML language server reads (redhat
// yaml-language-server).
import * as z from 'zod';
import { inventorySchema } from '../../inventory/schema.ts';
import { scenarioSchema } from '../../lab/scenario/scenario-schema.ts';
import { playbookSchema } from '../../playbook/schema.ts';
import { policySchema } from '../../policy/schema.ts';
import { checkName, documentForms } from './document-forms.ts';
import { documentKinds, documentVersions, type DocumentKind, type InputKind, type SchemaName } from './kinds.ts';
import { failureCode, findingCode } from '../../forms/plan-forms.ts';
import { recordForms } from './record-forms.ts';

const inputs: Readonly<Record<InputKind, z.ZodType>> = {
  inventory: inventorySchema,
  playbook: playbookSchema,
  policy: policySchema,
  scenario: scenarioSchema,
};

const outputs = new Map<SchemaName, z.ZodType>([
  ...Object.entries(recordForms).map(([kind, form]) => [kind as keyof typeof recordForms, form] as const),
  ...documentKinds.map((kind) => [`output-${kind}` as const, withHead(kind)] as const),
]);

/** Lists of which a reader has to take a word it does not know. */
const growing: readonly unknown[] = [failureCode, findingCode, checkName];

function withHead(kind: DocumentKind): z.ZodType {
  const form: z.ZodObject = documentForms[kind];
  const head = { schema: z.literal(`fencepost/${kind}`), version: z.literal(documentVersions[kind]) };
  return form.extend(head).describe(form.description ?? kind);
}

/**
 * The schema as a plain object. Of what people write it refuses unknown keys, as the tool does (defaults may be left out). Of what the
 * tool prints it lets them pass, and codes that are not known yet, for a later Fencepost may add some within a version; `closed` refuses
 * them there too.
 */
export function buildJsonSchema(name: SchemaName, { closed = false } = {}): object {
  const output = outputs.get(name);
  if (output === undefined) {
    return z.toJSONSchema(inputs[name as InputKind], { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  }
  const { $schema, ...schema } = z.toJSONSchema(output, {
    target: 'draft-7',
    override({ zodSchema, jsonSchema }) {
      if (closed) return;
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      if (growing.some((one) => one === zodSchema)) {
        jsonSchema.examples = jsonSchema.enum ?? [];
        delete jsonSchema.enum;
      }
    },
  });
  return { $schema, title: `Fencepost: ${name}`, ...schema };
}

/** What it is the schema of, for a list; the shape of a file that a person writes needs no words. */
export function describeSchema(name: SchemaName): string {
  return outputs.get(name)?.description ?? `the ${name} you write`;
}

/** The same as the text of a file. */
export function jsonSchemaText(name: SchemaName): string {
  return `${JSON.stringify(buildJsonSchema(name), null, 2)}\n`;
}

/** `inventory.schema.json` */
export function schemaFileName(name: SchemaName): string {
  return `${name}.schema.json`;
}

/** The first line of a YAML file, by which an editor finds its schema. `path` is relative to the file's own folder. */
export function modeline(path: string): string {
  return `# yaml-language-server: $schema=${path}\n`;
}
