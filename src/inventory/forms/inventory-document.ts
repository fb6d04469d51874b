// What every form of an inventory is read as: a document of groups in the layout of the YAML form, which knows where each part of it is
// written. tree.ts, resolve.ts and everything behind them know no other. It reads nothing itself.
import type { Issue } from '../../model/failure.ts';
import type { YamlDocument } from '../../yaml/document.ts';
import type { DocumentPath } from '../../yaml/document-path.ts';

export interface InventoryDocument extends YamlDocument {
  /** Groups that are declared here; undefined: all that are mentioned. */
  readonly declares?: ReadonlySet<string>;
  /** Groups that are mentioned only, and what to say where none of the documents declares them. */
  readonly mentions?: readonly { readonly group: string; readonly issue: Issue }[];
  /** How a setting is added for all its hosts. Left out: in a `winrm:` block. */
  readonly howToSet?: string;
  /** Of the form itself; nothing that stops a run. */
  readonly warnings?: readonly Issue[];
}

interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where parts of a document are written, of forms that have no parser with nodes. */
export interface PartIndex {
  set(path: DocumentPath, part: DocumentPart): void;
  /** That of the nearest part above, when there is none of its own. */
  get(path: DocumentPath): DocumentPart;
}

interface DocumentPart {
  readonly key: Position;
  readonly value: Position;
  /** See YamlDocument. */
  readonly doubt?: string | null;
}

const top: DocumentPart = { key: { line: 1, column: 1 }, value: { line: 1, column: 1 } };

export function createPartIndex(): PartIndex {
  const parts = new Map<string, DocumentPart>();
  return {
    set(path, part) {
      parts.set(JSON.stringify(path), part);
    },
    get(path) {
      for (let length = path.length; length > 0; length -= 1) {
        const found = parts.get(JSON.stringify(path.slice(0, length)));
        if (found !== undefined) return length === path.length ? found : { ...found, doubt: null };
      }
      return top;
    },
  };
}

/** A document of a form that has neither vaulted nor unsafe values. */
export function makeDocument(
  file: string,
  value: unknown,
  { parts, issues }: { readonly parts: PartIndex; readonly issues: readonly Issue[] },
): InventoryDocument {
  return {
    file,
    // What could be read is judged too, so that all faults are said at once.
    value,
    issues,
    at: (path) => parts.get(path).value,
    keyAt: (path) => parts.get(path).key,
    doubtAt: (path) => parts.get(path).doubt ?? null,
    vaultedAt: () => null,
    isUnsafeAt: () => false,
    vaulted: [],
  };
}
