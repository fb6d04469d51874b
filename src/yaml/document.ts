// YAML text -> a plain value that knows where each part of it was written. All faults of the text are found at once.
// It reads no file and evaluates nothing: no templates, no tags beyond YAML 1.2's own. Source: YAML 1.2.2, merge keys of YAML 1.1.
import { LineCounter, isAlias, isCollection, isMap, isScalar, isSeq, parseDocument, visit } from 'yaml';
import type { Document, Pair, ParsedNode, YAMLMap } from 'yaml';
import type { Issue } from '../model/failure.ts';
import { syntaxWords } from './syntax-words.ts';

/** Keys and list indexes from the top of the document down: `['exclusions', 0, 'port']`. */
export type DocumentPath = readonly (string | number)[];

/** Both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface YamlDocument {
  readonly file: string;
  /** Mappings as plain objects (keys as written), lists as arrays; null when empty or when `issues` is not empty. */
  readonly value: unknown;
  readonly issues: readonly Issue[];
  /** Where the value at a path begins; the nearest part above it that exists when the path doesn't. */
  at(path: DocumentPath): Position;
  /** Where the key of the last part of a path is written; like `at` for list items. */
  keyAt(path: DocumentPath): Position;
}

/** Aliases may make a value at most this many times as large as its text ("billion laughs"). */
const maxAliasCount = 100;

/** Reads one YAML document. Never throws: whatever is wrong with the text is in `issues`. */
export function readYaml(text: string, file: string): YamlDocument {
  const lineCounter = new LineCounter();
  const issues: Issue[] = [];
  const position = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const report = (offset: number, message: string): void => {
    issues.push({ file, ...position(offset), message });
  };

  let value: unknown = null;
  let document: Document.Parsed | null = null;
  try {
    document = parseDocument(text, { lineCounter, merge: true, prettyErrors: false, uniqueKeys: sameKey });
    for (const fault of [...document.errors, ...document.warnings]) report(fault.pos[0], syntaxWords(fault));
    nameKeysAsWritten(document, report);
    if (issues.length === 0) value = document.toJS({ maxAliasCount }) as unknown;
  } catch (thrown) {
    report(0, unreadable(thrown));
  }
  const contents = document?.contents ?? null;
  const index = new WeakMap<YAMLMap, Map<string, Pair>>();
  return {
    file,
    value: value ?? null,
    issues: issues.toSorted((a, b) => a.line - b.line || a.column - b.column),
    at: (path) => position(locate(document, contents, index, path).value),
    keyAt: (path) => position(locate(document, contents, index, path).key),
  };
}

/** `1:` and `"1":` are one key, because keys are text to everything behind this file. */
function sameKey(a: unknown, b: unknown): boolean {
  return a === b || (isScalar(a) && isScalar(b) && keyText(a) === keyText(b));
}

function keyText(key: { value: unknown; source?: string }): string {
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

/** A host called `0x10` or a group called `on` keeps its name; a key that is no text has none. */
function nameKeysAsWritten(document: Document.Parsed, report: (offset: number, message: string) => void): void {
  visit(document, {
    Pair(_, pair) {
      const { key } = pair;
      if (isScalar(key)) {
        if (typeof key.value === 'symbol') return; // the merge key `<<`
        if (key.value === null && (key.source ?? '') === '') report(offsetOf(key), 'a key is missing before the colon');
        key.value = keyText(key);
      } else if (isCollection(key)) {
        report(
          offsetOf(key),
          'a key must be plain text, found a mapping or a list; a value that begins with { or [ must be quoted',
        );
      } else if (isAlias(key)) {
        report(offsetOf(key), 'a key must be plain text, found an alias');
      }
    },
  });
}

function unreadable(thrown: unknown): string {
  if (thrown instanceof ReferenceError)
    return `aliases (*name) expand this file to over ${maxAliasCount} times its size`;
  if (thrown instanceof RangeError) return 'nested too deeply to be read';
  if (thrown instanceof Error && thrown.message.startsWith('Merge sources')) {
    return 'the merge key << takes a mapping or a list of mappings, found something else';
  }
  return 'not readable as YAML';
}

function offsetOf(node: unknown): number {
  return isScalar(node) || isCollection(node) || isAlias(node) ? (node.range?.[0] ?? 0) : 0;
}

interface Offsets {
  readonly key: number;
  readonly value: number;
}

function locate(
  document: Document.Parsed | null,
  contents: unknown,
  index: WeakMap<YAMLMap, Map<string, Pair>>,
  path: DocumentPath,
): Offsets {
  let found: Offsets = { key: offsetOf(contents), value: offsetOf(contents) };
  let node = contents;
  for (const part of path) {
    const inside = isAlias(node) && document !== null ? node.resolve(document) : node;
    if (isSeq(inside) && typeof part === 'number') {
      node = inside.items[part];
      if (node === undefined) return found;
      found = { key: offsetOf(node), value: offsetOf(node) };
    } else if (isMap(inside)) {
      const pair = pairsOf(document, inside, index).get(String(part));
      if (pair === undefined) return found;
      const key = offsetOf(pair.key);
      node = pair.value;
      // `key:` with nothing behind it: the value's place is the key's.
      const empty = node === null || node === undefined || (isScalar(node) && node.source === '');
      found = { key, value: empty ? key : offsetOf(node) };
    } else {
      return found;
    }
  }
  return found;
}

/** The pairs of a mapping by key, merged-in ones included; its own win, and of the merged ones the first. */
function pairsOf(
  document: Document.Parsed | null,
  map: YAMLMap,
  index: WeakMap<YAMLMap, Map<string, Pair>>,
): ReadonlyMap<string, Pair> {
  const known = index.get(map);
  if (known !== undefined) return known;
  const pairs = new Map<string, Pair>();
  index.set(map, pairs);
  const merged: unknown[] = [];
  for (const pair of map.items) {
    if (!isScalar(pair.key)) continue;
    if (typeof pair.key.value === 'symbol') merged.push(pair.value);
    else pairs.set(keyText(pair.key), pair);
  }
  for (const source of merged.flatMap((one) => (isSeq(one) ? one.items : [one]))) {
    const inside = isAlias(source) && document !== null ? source.resolve(document) : source;
    if (!isMap(inside)) continue;
    for (const [key, pair] of pairsOf(document, inside, index)) if (!pairs.has(key)) pairs.set(key, pair);
  }
  return pairs;
}
