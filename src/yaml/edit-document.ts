// Changes to a YAML text that a person wrote: comments, order and what is not touched stay. It reads no file and knows no inventory.
// Values that are set are data: they never become structure. Source: the Document API of the yaml package.
import { isMap, isScalar, parseDocument, type Document, type ScalarTag, type Tags } from 'yaml';

export interface YamlEdit {
  /** The keys of the mapping at a path, as written; none when there is no mapping. */
  keysAt(path: readonly string[]): readonly string[];
  /** As plain data; undefined when there is nothing. */
  valueAt(path: readonly string[]): unknown;
  /** Sets the value; mappings on the way are made. Throws RangeError where something else stands on the way. */
  set(path: readonly string[], value: unknown): void;
  remove(path: readonly string[]): void;
  text(): string;
}

/** Only for a text that `readYaml` found no fault in. An empty one becomes a mapping. */
export function editYaml(text: string): YamlEdit {
  const document = parseDocument(text, { merge: true, keepSourceTokens: true, customTags: keepNumbers });
  const step = /\n( +)\S/.exec(text)?.[1]?.length ?? 2;
  return {
    keysAt(path) {
      const node = path.length === 0 ? document.contents : document.getIn(path, true);
      return isMap(node) ? node.items.map(({ key }) => (isScalar(key) ? String(key.value) : String(key))) : [];
    },
    valueAt(path) {
      const value: unknown = document.getIn(path, true);
      return toPlain(value, document);
    },
    set(path, value) {
      makeMappings(document, path.slice(0, -1));
      document.setIn(path, document.createNode(value));
    },
    remove(path) {
      document.deleteIn(path);
    },
    text() {
      const written = document.toString({
        lineWidth: 0,
        nullStr: '',
        indent: Math.min(step, 8),
        flowCollectionPadding: text.includes('{ '),
      });
      return text.includes('\r\n') ? written.replaceAll('\n', '\r\n') : written;
    },
  };
}

/** A number stays as it was typed: 007 may be a password, and not every digit of a long one fits into a number. */
function keepNumbers(tags: Tags): Tags {
  return tags.map((tag) => {
    if (typeof tag === 'string' || !/:(?:int|float)$/.test(tag.tag) || tag.collection !== undefined) return tag;
    const { stringify } = tag;
    const kept: ScalarTag = {
      ...tag,
      stringify: (item, ...how) => item.source ?? stringify?.(item, ...how) ?? String(item.value),
    };
    return kept;
  });
}

/** `hosts:` with nothing behind it is a mapping to be. */
function makeMappings(document: Document, path: readonly string[]): void {
  if (document.contents === null) document.contents = document.createNode({});
  for (let length = 1; length <= path.length; length += 1) {
    const part = path.slice(0, length);
    const node: unknown = document.getIn(part, true);
    if (isMap(node)) continue;
    const isEmpty = node === undefined || node === null || (isScalar(node) && node.value === null);
    if (!isEmpty) throw new RangeError(`${part.join('.')} is no mapping`);
    const made = document.createNode({});
    made.flow = false;
    if (isScalar(node)) made.comment = node.comment ?? null;
    document.setIn(part, made);
  }
}

function toPlain(value: unknown, document: Document): unknown {
  if (typeof value === 'object' && value !== null && 'toJS' in value && typeof value.toJS === 'function') {
    return (value.toJS as (document: Document) => unknown)(document);
  }
  return value;
}
