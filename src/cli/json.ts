// What --json prints: one document, with the name and version of its form first. What may be in it, documents/document-forms.ts says;
// here that is a type only, for no command loads the forms.
import type { z } from 'zod';
import { separated } from '../model/separated.ts';
import type { documentForms } from './documents/document-forms.ts';
import type { Plain } from './documents/form.ts';
import { documentVersions, type DocumentKind } from './documents/kinds.ts';

type DocumentBody<K extends DocumentKind> = Plain<z.infer<(typeof documentForms)[K]>>;

export function jsonDocument<K extends DocumentKind>(kind: K, body: DocumentBody<K>): string {
  return `${JSON.stringify({ schema: `fencepost/${kind}`, version: documentVersions[kind], ...body }, null, 2)}\n`;
}

/** The same for a list as long as the fleet, one host a line; `hosts` are JSON texts. Nothing of it is ever in memory as a whole. */
export function* jsonDocumentByHost(kind: DocumentKind, hosts: Iterable<string>): Iterable<string> {
  yield `{ "schema": "fencepost/${kind}", "version": ${documentVersions[kind]}, "hosts": [\n`;
  yield* separated(hosts, ',\n');
  yield '\n] }\n';
}
