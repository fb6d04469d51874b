// What --json prints: one document, with the name and version of its form first. What may be in it, documents/document-forms.ts says;
// here that is a type only, for no command loads the forms.
import type * as z from 'zod';
import { separated } from '../model/lists/separated.ts';
import type { documentForms } from './documents/document-forms.ts';
import type { Plain } from '../forms/form.ts';
import { documentVersions, type DocumentKind } from './documents/kinds.ts';

type DocumentBody<K extends DocumentKind> = Plain<z.infer<(typeof documentForms)[K]>>;

export function jsonDocument<K extends DocumentKind>(kind: K, body: DocumentBody<K>): string {
  return `${JSON.stringify({ ...makeHead(kind), ...body }, null, 2)}\n`;
}

/** The same for a list as long as the fleet, one item a line: nothing of it is ever in memory as a whole. `items` are JSON texts. */
export function* jsonDocumentByItem<K extends DocumentKind, L extends ListOf<K>>(
  kind: K,
  body: Omit<DocumentBody<K>, L>,
  list: L,
  items: Iterable<string>,
): Iterable<string> {
  yield openDocument(kind, body, list);
  yield* separated(items, ',\n');
  yield '\n]}\n';
}

type ListOf<K extends DocumentKind> = string & keyof DocumentBody<K>;

/** Up to the first item of a list, for a document that is written while it is found out. */
export function openJsonDocument<K extends DocumentKind>(
  kind: K,
  body: Partial<DocumentBody<K>>,
  list: ListOf<K>,
): string {
  return openDocument(kind, body, list);
}

/** One object as JSON text, its list item by item. */
export function* jsonByItem<T extends object>(value: T, list: string & keyof T): Iterable<string> {
  const { [list]: items, ...body } = value;
  yield openList(body, list);
  yield* separated(jsonTexts(items as Iterable<unknown>), ',\n');
  yield '\n]}';
}

export function* jsonTexts(items: Iterable<unknown>): Iterable<string> {
  for (const item of items) yield JSON.stringify(item);
}

/** With blanks in the head: people search for it as the documentation shows it. */
function openDocument(kind: DocumentKind, body: object, list: string): string {
  const { schema, version } = makeHead(kind);
  return `{ "schema": "${schema}", "version": ${version}, ${openList(body, list).slice(1)}`;
}

function makeHead(kind: DocumentKind) {
  return { schema: `fencepost/${kind}`, version: documentVersions[kind] };
}

function openList(body: object, list: string): string {
  return `${JSON.stringify({ ...body, [list]: [] }).slice(0, -2)}\n`;
}
