// A document against a zod schema: every fault at once, each as file:line:column in plain words. It knows no file format.
// A schema's own message is used as it is; one that begins with `expected` gets `, got ...` behind it.
import type * as z from 'zod';
import type { Issue } from '../model/failure.ts';
import type { YamlDocument } from './document.ts';
import type { DocumentPath } from './document-path.ts';
import { findNearest } from './nearest.ts';
import { listKnownKeys } from './schema-keys.ts';
import { describeValue, writePath, isSecretPath, joinWithOr, chooseSecrecyPath } from './words.ts';

/** What a check found: a value, or issues; never both. */
export interface CheckResult<T> {
  readonly value: T | null;
  readonly issues: readonly Issue[];
}

type ZodIssue = z.core.$ZodIssue;

/**
 * Checks the value of a document, or the part of it at `path`, against a schema. A document with syntax issues is not
 * checked further: its issues come back as they are. Never throws.
 */
export function checkShape<T>(schema: z.ZodType<T>, document: YamlDocument, path: DocumentPath = []): CheckResult<T> {
  if (document.issues.length > 0) return { value: null, issues: document.issues };
  const root = readValue(document.value, path);
  const result = schema.safeParse(root, { error: describeByDefault });
  if (result.success) return { value: result.data, issues: [] };

  const found = flatten(result.error.issues, root, []);
  const issues = found.filter(isWorthReporting).flatMap((issue): Issue[] => {
    const place = [...path, ...issue.path.filter((part) => typeof part !== 'symbol')];
    if (issue.code === 'unrecognized_keys') {
      const known = listKnownKeys(schema, issue.path);
      return issue.keys.map((key) => {
        const position = document.keyAt([...place, key]);
        return {
          file: document.file,
          ...position,
          message: `${writePath([...place, key])}: ${describeUnknownKey(key, known)}`,
        };
      });
    }
    const value = readValue(document.value, place);
    const position = issue.code === 'invalid_key' ? document.keyAt(place) : document.at(place);
    const words = describeIssue(issue, value, chooseSecrecyPath({ document, path: place }));
    return [
      { file: document.file, ...position, message: place.length === 0 ? words : `${writePath(place)}: ${words}` },
    ];
  });
  const once = new Map(issues.map((one) => [`${one.line}:${one.column}:${one.message}`, one]));
  return { value: null, issues: [...once.values()].toSorted((a, b) => a.line - b.line || a.column - b.column) };
}

/** What is wrong with one value, in the words of `checkShape` without a place; null when nothing is. `path` only decides whether the value may be shown. */
export function findFault(schema: z.ZodType, value: unknown, path: DocumentPath): string | null {
  const result = schema.safeParse(value, { error: describeByDefault });
  const [issue] = result.success ? [] : flatten(result.error.issues, value, []);
  return issue === undefined ? null : describeIssue(issue, value, path);
}

/** `unknown key (did you mean "port"?)`; names what is known when nothing is near. */
function describeUnknownKey(key: string, known: readonly string[]): string {
  const near = findNearest(key, known);
  if (near !== null) return `unknown key (did you mean "${near}"?)`;
  return known.length === 0
    ? 'unknown key; no keys are allowed here'
    : `unknown key; allowed here: ${known.join(', ')}`;
}

function describeIssue(issue: ZodIssue, found: unknown, place: DocumentPath): string {
  const missing = found === undefined && issue.code !== 'custom';
  if (!issue.message.startsWith('expected')) return missing ? `missing; ${issue.message}` : issue.message;
  if (missing) return `missing; ${issue.message}`;
  const words = `${issue.message}, got ${describeValue(found, place)}`;
  if (issue.code !== 'invalid_value' || typeof found !== 'string' || isSecretPath(place)) return words;
  const near = findNearest(
    found,
    issue.values.filter((one) => typeof one === 'string'),
  );
  return near === null ? words : `${words} (did you mean "${near}"?)`;
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'nothing',
};

/** What zod's own checks say when the schema says nothing. */
function describeByDefault(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${typeWords[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `expected ${joinWithOr(issue.values.map(String))}`;
    case 'too_small':
      if (issue.origin === 'string') return 'expected non-empty text';
      if (issue.origin === 'array') return `expected at least ${issue.minimum.toString()} in the list`;
      return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum.toString()}`;
    case 'too_big':
      return `expected ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum.toString()}`;
    case 'invalid_union':
      return 'expected another form';
    default:
      return 'expected another value';
  }
}

/** Replaces the issue of a union by the issues of the form that was meant, or by one sentence that names all forms. */
function flatten(issues: readonly ZodIssue[], root: unknown, prefix: readonly PropertyKey[]): readonly ZodIssue[] {
  return issues.flatMap((issue): readonly ZodIssue[] => {
    const here = [...prefix, ...issue.path];
    if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ ...issue, path: here }];
    const meant = issue.errors.filter((branch) => !branch.some(isWrongKind)).toSorted((a, b) => a.length - b.length)[0];
    if (meant !== undefined) return flatten(meant, root, here);
    if (issue.message !== 'expected another form') return [{ ...issue, path: here }];
    const forms = issue.errors
      .flatMap((branch) => branch.filter(isWrongKind))
      .flatMap((one) => {
        return one.code === 'invalid_value' ? one.values.map(String) : [one.message.replace(/^expected /, '')];
      });
    const words = [...new Set(forms)];
    return [{ ...issue, path: here, message: `expected ${joinWithOr(words)}` }];
  });
}

/** The value is of another kind than this form of a union: text where a mapping is meant. */
function isWrongKind(issue: ZodIssue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

/** A rule about a mapping as a whole says nothing while one of its keys is unknown: that key may be the one it misses. */
function isWorthReporting(issue: ZodIssue, _: number, all: readonly ZodIssue[]): boolean {
  if (issue.code !== 'custom') return true;
  const place = issue.path.join('\0');
  return !all.some((other) => other.code === 'unrecognized_keys' && other.path.join('\0') === place);
}

function readValue(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const part of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined;
    found = (found as Record<PropertyKey, unknown>)[part];
  }
  return found;
}
