// What a published schema says against a value, in the closed form: a field that no schema tells of is a fault as one that is missing is.
import { Ajv, type ValidateFunction } from 'ajv';
import { buildJsonSchema } from '../../src/cli/documents/json-schemas.ts';
import type { SchemaName } from '../../src/cli/documents/kinds.ts';

const ajv = new Ajv({
  strict: true,
  allowUnionTypes: true,
  allErrors: true,
  formats: { 'date-time': (text: string) => !Number.isNaN(Date.parse(text)) && text.endsWith('Z') },
});
const compiled = new Map<string, ValidateFunction>();

/** `closed` false: as it is published, for readers of later versions. */
export function findSchemaFaults(name: SchemaName, value: unknown, closed = true): readonly string[] {
  const key = `${name} ${String(closed)}`;
  const validate = compiled.get(key) ?? ajv.compile(buildJsonSchema(name, { closed }));
  compiled.set(key, validate);
  validate(value);
  return (validate.errors ?? []).map(
    (one) => `${name}${one.instancePath}: ${one.message ?? ''} ${JSON.stringify(one.params)}`,
  );
}
