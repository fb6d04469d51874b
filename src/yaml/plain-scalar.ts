// What Ansible's YAML (1.1, by PyYAML) makes of text without quotation marks that YAML 1.2 reads otherwise, or that both read as no text:
// `yes`, `0123`, `1_000`, `12:30`. It decides nothing: a secret asks. Source: YAML 1.1 "Language-Independent Types"; PyYAML resolver.py.
import { isScalar } from 'yaml';

const kinds: readonly (readonly [RegExp, string])[] = [
  [/^(?:yes|no|true|false|on|off)$/i, 'true or false'],
  [
    /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|[0-9][0-9_]*)$/,
    'a number',
  ],
  [/^[-+]?(?:(?:[0-9][0-9_]*)?\.[0-9_]*|[0-9][0-9_]*)(?:e[-+]?[0-9]+)?$/i, 'a number'],
  [/^[-+]?\.(?:inf|nan)$/i, 'a number'],
  [/^\d{4}-\d\d?-\d\d?(?:[Tt ].*)?$/, 'a date'],
  [/^[=<]+$/, 'a sign of YAML'],
];

/** A number that is written as every reader would write it back: nothing is lost when it is taken as text. */
export function isPlainNumber(text: string): boolean {
  return /^(?:0|[1-9]\d{0,14})$/.test(text);
}

/** The kind of value that a text without quotation marks may be taken for; null: it is text, or a plain number. */
function findDoubtfulKind(text: string): string | null {
  if (isPlainNumber(text)) return null;
  return kinds.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** What to do about a scalar that was written without quotation marks and may be read as no text; null: nothing. */
export function findPlainDoubt(node: unknown): string | null {
  if (!isScalar(node) || node.type !== 'PLAIN' || node.tag !== undefined) return null;
  const kind = findDoubtfulKind(node.source ?? '');
  return kind === null ? null : `put quotation marks around it: without them it is read as ${kind}`;
}
