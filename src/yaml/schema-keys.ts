// Which keys a zod schema knows at a place, so that a mistyped one can be answered with the nearest. Reads schemas, no data.
import type * as z from 'zod';

/** The keys allowed in the mapping at `path`; of a union, those of all its forms; empty when there is no mapping there. */
export function listKnownKeys(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  const keys = findSchemas([schema], path).flatMap((one) => {
    const { def } = (one as z.core.$ZodTypes)._zod;
    return def.type === 'object' ? Object.keys(def.shape) : [];
  });
  return [...new Set(keys)];
}

function findSchemas(schemas: readonly z.core.$ZodType[], path: readonly PropertyKey[]): readonly z.core.$ZodType[] {
  let here = schemas.flatMap(unwrapSchema);
  for (const part of path) here = here.flatMap((schema) => stepInto(schema, part)).flatMap(unwrapSchema);
  return here;
}

function stepInto(schema: z.core.$ZodType, part: PropertyKey): readonly z.core.$ZodType[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'array') return [def.element];
  if (def.type === 'record') return [def.valueType];
  if (def.type !== 'object') return [];
  const inner = def.shape[String(part)] ?? def.catchall;
  return inner === undefined ? [] : [inner];
}

/** Without what only wraps a schema: optional, default, transform and the like. */
function unwrapSchema(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'catch':
    case 'nonoptional':
      return unwrapSchema(def.innerType);
    case 'pipe':
      return unwrapSchema(def.in);
    case 'lazy':
      return unwrapSchema(def.getter());
    case 'union':
      return def.options.flatMap(unwrapSchema);
    default:
      return [schema];
  }
}
