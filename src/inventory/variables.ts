// Variables that know where they were written, and how layers of them are put over each other. The `winrm` block is merged
// key by key; everything else is replaced whole, as Ansible does by default.
import type { Issue } from '../model/failure.ts';
import type { InventoryDocument } from './forms/inventory-document.ts';
import type { DocumentPath } from '../yaml/document-path.ts';
import { writePath } from '../yaml/words.ts';

export interface DocumentPlace {
  readonly document: InventoryDocument;
  readonly path: DocumentPath;
}

/** The path is no longer than it needs: one made by `[...path, part]` keeps room for 16 parts more, with thousands of hosts some megabytes. */
export function placeBelow({ document, path }: DocumentPlace, ...parts: DocumentPath): DocumentPlace {
  return { document, path: path.concat(parts) };
}

export interface Variable {
  readonly value: unknown;
  readonly place: DocumentPlace;
  /** Where `{{ name }}` stands that means this value; left out: the value is meant where it is written. */
  readonly reference?: DocumentPlace;
  /** Letters are what they are: `{{` in it begins no template. */
  readonly isUnsafe?: boolean;
}

/** `winrm` holds the keys of all `winrm:` blocks; `variables` everything else. */
export interface Variables {
  readonly variables: Map<string, Variable>;
  readonly winrm: Map<string, Variable>;
}

export function createVariables(): Variables {
  return { variables: new Map(), winrm: new Map() };
}

/** Sets one variable of one group or host. A mapping given twice there is joined, the later keys winning. */
export function setVariable(on: Variables, name: string, value: unknown, place: DocumentPlace): void {
  if (name === 'winrm') {
    if (!isMapping(value)) return;
    for (const [key, one] of Object.entries(value)) {
      on.winrm.set(key, { value: one, place: placeBelow(place, key) });
    }
    return;
  }
  const before = on.variables.get(name)?.value;
  // Settings are read by their own rules; of everything else what was encrypted is kept from here on.
  const readable = name.startsWith('ansible_') ? value : hideVaulted(value, place);
  const joined = isMapping(before) && isMapping(readable) ? { ...before, ...readable } : readable;
  on.variables.set(name, { value: joined, place });
}

/** Stands where an encrypted value was. */
export const vaultedMark = '(vault)';

/** The value with `(vault)` in place of all that ansible-vault encrypted. */
export function hideVaulted(value: unknown, place: DocumentPlace): unknown {
  const { document, path } = place;
  const below = (part: string | number): DocumentPlace => ({ document, path: [...path, part] });
  if (Array.isArray(value)) return value.map((one: unknown, at) => hideVaulted(one, below(at)));
  if (isMapping(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, hideVaulted(one, below(name))]));
  }
  return value === null || document.vaultedAt(path) === null ? value : vaultedMark;
}

/** All variables of the mapping at `path` of a document, set in their order. Anything but a mapping is left out. */
export function setVariables(on: Variables, value: unknown, place: DocumentPlace): void {
  if (!isMapping(value)) return;
  for (const [name, one] of Object.entries(value)) {
    setVariable(on, name, one, placeBelow(place, name));
  }
}

/** The layers put over each other, the last one on top. */
export function overlay(layers: readonly Variables[]): Variables {
  const result = createVariables();
  for (const layer of layers) {
    for (const [name, one] of layer.variables) result.variables.set(name, one);
    for (const [key, one] of layer.winrm) result.winrm.set(key, one);
  }
  return result;
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An Issue about the value at a place: `file:line:column path: message`. */
export function issueAt(place: DocumentPlace, message: string): Issue {
  const { document, path } = place;
  return { file: document.file, ...document.at(path), message: `${writePath(path)}: ${message}` };
}

/** An Issue about the key at a place. */
export function issueAtKey(place: DocumentPlace, message: string): Issue {
  const { document, path } = place;
  return { file: document.file, ...document.keyAt(path), message: `${writePath(path)}: ${message}` };
}
