// From a path in a value back to where it is written in the text, through aliases and merge keys. It never fails: a path
// that leads nowhere is answered with the last part of it that exists.
import { isAlias, isCollection, isMap, isScalar, isSeq } from 'yaml';
import type { Alias, Pair, YAMLMap } from 'yaml';
import type { DocumentPath } from './document-path.ts';

/** Where something is written: offsets into the text, in characters. */
interface Offsets {
  readonly key: number;
  readonly value: number;
  /** The value itself, aliases followed. */
  readonly node: unknown;
}

export type Locator = (path: DocumentPath) => Offsets;
export type AliasTargets = WeakMap<Alias, unknown>;

/** Mappings up to this size, without merge keys, are gone through each time. */
const fewPairs = 8;

/** `contents` is the top node of a parsed document. */
export function createLocator(contents: unknown, targets: AliasTargets): Locator {
  const index = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();
  const follow = (node: unknown): unknown => (isAlias(node) ? targets.get(node) : node);

  /** The pairs of a mapping by key, merged-in ones included; its own win, and of the merged ones the first. */
  const listPairs = (map: YAMLMap): ReadonlyMap<string, Pair> => {
    const known = index.get(map);
    if (known !== undefined) return known;
    const pairs = new Map<string, Pair>();
    const merged: unknown[] = [];
    for (const pair of map.items) {
      if (!isScalar(pair.key)) continue;
      if (typeof pair.key.value === 'symbol') merged.push(follow(pair.value));
      else pairs.set(readKeyText(pair.key), pair);
    }
    // A host of an inventory has a few keys and is asked a few times: an index of each would take more memory than it saves time. What is
    // merged is gone through once, however often and deep it is merged again.
    if (merged.length > 0 || map.items.length > fewPairs) index.set(map, pairs);
    for (const source of merged.flatMap((one) => (isSeq(one) ? one.items.map(follow) : [one]))) {
      if (!isMap(source)) continue;
      for (const [key, pair] of listPairs(source)) if (!pairs.has(key)) pairs.set(key, pair);
    }
    return pairs;
  };

  return (path) => {
    let node = contents;
    let found: Offsets = { key: findOffset(node), value: findOffset(node), node: follow(node) };
    for (const part of path) {
      const inside = follow(node);
      if (isSeq(inside) && typeof part === 'number') {
        node = inside.items[part];
        if (node === undefined) return found;
        found = { key: findOffset(node), value: findOffset(node), node: follow(node) };
      } else if (isMap(inside)) {
        const pair = listPairs(inside).get(String(part));
        if (pair === undefined) return found;
        const key = findOffset(pair.key);
        node = pair.value;
        // `key:` with nothing behind it: the value's place is the key's.
        const empty = node === null || node === undefined || (isScalar(node) && node.value === null);
        found = { key, value: empty ? key : findOffset(node), node: follow(node) };
      } else {
        return found;
      }
    }
    return found;
  };
}

/** A key as it is written: `0x10` stays `0x10`. */
export function readKeyText(key: { readonly value: unknown; readonly source?: string }): string {
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

/** Ansible's tag for a value that ansible-vault encrypted. */
export const vaultTagName = '!vault';

/** What is written behind `!vault`; null for every other node. */
export function readCiphertext(node: unknown): string | null {
  return isScalar(node) && node.tag === vaultTagName ? (node.source ?? null) : null;
}

export function findOffset(node: unknown): number {
  return isScalar(node) || isCollection(node) || isAlias(node) ? (node.range?.[0] ?? 0) : 0;
}
