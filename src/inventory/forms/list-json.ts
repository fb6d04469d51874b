// What `ansible-inventory --list` and inventory scripts print -> a document of groups: hosts as lists, their variables in `_meta`,
// vaulted and unsafe values as marked mappings. Every part keeps its place in the JSON. Source: ansible-core 2.19,
// plugins/inventory/script.py and parsing/ajson.py.
import type { Issue } from '../../model/failure.ts';
import { describeValue, writePath } from '../../yaml/words.ts';
import { isMapping } from '../variables.ts';
import type { VaultReader, YamlDocument } from '../../yaml/document.ts';
import type { DocumentPath } from '../../yaml/document-path.ts';
import type { InventoryDocument } from './inventory-document.ts';

const groupKeys = ['hosts', 'children', 'vars'];
const vaultMark = '__ansible_vault';
const unsafeMark = '__ansible_unsafe';

/** A group with a list of hosts, or `_meta`, tells this form from the YAML form. */
export function isListForm(value: unknown): boolean {
  if (!isMapping(value)) return false;
  const { _meta: meta } = value;
  if (isMapping(meta) && isMapping(meta['hostvars'])) return true;
  const groups = Object.values(value);
  return groups.length > 0 && groups.every((group) => Array.isArray(group) || isListGroup(group));
}

function isListGroup(group: unknown): boolean {
  if (!isMapping(group)) return false;
  return Array.isArray(group['hosts']) || Array.isArray(group['children']);
}

/** `written`: the JSON, read as it stands. */
export function readListForm(written: YamlDocument, readVault: VaultReader): InventoryDocument {
  const places = new Map<string, DocumentPath>();
  const vaulted: { path: DocumentPath; ciphertext: string }[] = [];
  const ciphertexts = new Map<string, string>();
  const unsafe = new Set<string>();
  const faults: Issue[] = [];
  const top = isMapping(written.value) ? written.value : {};
  const { _meta: meta, ...groups } = top;
  const hostVariables = isMapping(meta) && isMapping(meta['hostvars']) ? meta['hostvars'] : {};

  /** The value at `from` without its marks, noted under the path at which it will stand. */
  function take(value: unknown, from: DocumentPath, to: DocumentPath): unknown {
    if (Array.isArray(value)) return value.map((one: unknown, at) => take(one, [...from, at], [...to, at]));
    if (!isMapping(value)) return value;
    const keys = Object.keys(value);
    const [mark = ''] = keys;
    const marked = keys.length === 1 ? value[mark] : undefined;
    if (typeof marked === 'string' && mark === unsafeMark) {
      unsafe.add(JSON.stringify(to));
      return marked;
    }
    if (typeof marked === 'string' && mark === vaultMark) {
      vaulted.push({ path: to, ciphertext: marked });
      ciphertexts.set(JSON.stringify(to), marked);
      return readVault(marked) ?? marked;
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, take(one, [...from, key], [...to, key])]),
    );
  }

  function move(from: DocumentPath, to: DocumentPath): void {
    places.set(JSON.stringify(to), from);
  }

  /** Of one host its variables are given once, where it comes first. */
  const withVariables = new Set<string>();
  function takeHost(name: string, from: DocumentPath, to: DocumentPath): unknown {
    const variables = hostVariables[name];
    if (variables === undefined || withVariables.has(name)) {
      move(from, to);
      return null;
    }
    withVariables.add(name);
    const source = ['_meta', 'hostvars', name];
    move(source, to);
    return take(variables, source, to);
  }

  /** The names at `path`, each with its place in the list. Whatever is no list of names is said: hosts that are left out in silence would be nobody's. */
  function readNames(value: unknown, path: DocumentPath, what: string): readonly (readonly [string, number])[] {
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      refuse(path, `expected a list of ${what}, got ${describeValue(value, path)}`);
      return [];
    }
    return value.flatMap((one: unknown, at) => {
      if (typeof one === 'string' || typeof one === 'number') return [[String(one), at] as const];
      refuse([...path, at], `expected a name, got ${describeValue(one, path)}`);
      return [];
    });
  }

  function refuse(path: DocumentPath, message: string): void {
    faults.push({ file: written.file, ...written.at(path), message: `${writePath(path)}: ${message}` });
  }

  function takeGroup(name: string, group: unknown): unknown {
    const known = isMapping(group) ? group : {};
    const isKnown = Object.keys(known).length === 0 || groupKeys.some((key) => key in known);
    if (!isKnown) refuse([name], `expected hosts, children or vars, got ${describeValue(group, [name])}`);
    const { hosts, children, vars } = isMapping(group) ? group : { hosts: group };
    const hostsAt = isMapping(group) ? [name, 'hosts'] : [name];
    const hostNames = readNames(hosts, hostsAt, 'hosts');
    const childNames = readNames(children, [name, 'children'], 'groups');
    move([name, 'vars'], [name, 'vars']);
    return {
      ...(hosts === undefined
        ? {}
        : {
            hosts: Object.fromEntries(
              hostNames.map(([host, at]) => [host, takeHost(host, [...hostsAt, at], [name, 'hosts', host])]),
            ),
          }),
      ...(children === undefined
        ? {}
        : {
            children: Object.fromEntries(
              childNames.map(([child, at]) => {
                move([name, 'children', at], [name, 'children', child]);
                return [child, null];
              }),
            ),
          }),
      ...(vars === undefined ? {} : { vars: take(vars, [name, 'vars'], [name, 'vars']) }),
    };
  }

  /** Where a part stood: by the nearest part above it that was moved. */
  function findSource(path: DocumentPath): DocumentPath {
    for (let length = path.length; length > 0; length -= 1) {
      const found = places.get(JSON.stringify(path.slice(0, length)));
      if (found !== undefined) return [...found, ...path.slice(length)];
    }
    return path;
  }

  const value = Object.fromEntries(Object.entries(groups).map(([name, group]) => [name, takeGroup(name, group)]));
  return {
    file: written.file,
    issues: [...written.issues, ...faults],
    value: written.issues.length > 0 ? null : value,
    at: (path) => written.at(findSource(path)),
    keyAt: (path) => written.keyAt(findSource(path)),
    doubtAt: (path) => written.doubtAt(findSource(path)),
    vaultedAt(path) {
      const ciphertext = ciphertexts.get(JSON.stringify(path));
      return ciphertext === undefined ? null : { ciphertext };
    },
    isUnsafeAt: (path) => unsafe.has(JSON.stringify(path)),
    vaulted,
  };
}
