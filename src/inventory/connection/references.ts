// A connection variable that is exactly `{{ name }}` means another variable of the same host, as in Ansible: the usual way to keep
// `ansible_password` beside a vaulted value. Nothing else of Jinja is evaluated. Source: Ansible, "Keep vaulted variables safely visible".
import type { Issue } from '../../model/failure.ts';
import { findNearest } from '../../yaml/nearest.ts';
import { passwordVariables } from './ansible.ts';
import { isMapping, issueAt, vaultedMark, type DocumentPlace, type Variable } from '../variables.ts';

/** The name, when the value is one plain reference and nothing else; null for everything else, other templates too. */
function readReference(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  return /^\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}$/.exec(value)?.[1] ?? null;
}

/** `!unsafe` text is no template. */
function readReferenceOf({ place: { document, path } }: Variable, value: unknown): string | null {
  const name = readReference(value);
  return name === null || document.isUnsafeAt(path) ? null : name;
}

export interface ReferenceResult {
  /** As given, with what is meant in place of each reference in a connection variable; those that mean nothing are left out. */
  readonly variables: ReadonlyMap<string, Variable>;
  /** References that mean nothing, or themselves. */
  readonly issues: readonly Issue[];
}

/** Follows the references of the `ansible_*` variables of one host through all its variables. */
export function followReferences(variables: ReadonlyMap<string, Variable>, host: string): ReferenceResult {
  const followed = new Map(variables);
  const issues: Issue[] = [];
  for (const [name, variable] of variables) {
    if (!name.startsWith('ansible_') || readReferenceOf(variable, variable.value) === null) continue;
    const meant = followChain(name, variable, variables, host);
    if (typeof meant !== 'string') followed.set(name, { ...meant, reference: variable.place });
    else {
      followed.delete(name);
      issues.push(issueAt(variable.place, meant));
    }
  }
  return { variables: followed, issues };
}

/** The variable at the end of the chain, or what is wrong with the chain. */
function followChain(
  name: string,
  variable: Variable,
  variables: ReadonlyMap<string, Variable>,
  host: string,
): Variable | string {
  const chain = [name];
  let current = variable;
  for (;;) {
    const value = readWrittenValue(current);
    const next = readReferenceOf(current, value);
    if (next === null) return { ...current, value };
    if (chain.includes(next))
      return `these variables refer to each other in a circle: ${[...chain, next].join(' -> ')}`;
    chain.push(next);
    const found = variables.get(next) ?? findMagicVariable(next, host, current.place);
    if (found === null) {
      const near = findNearest(next, [...variables.keys()]);
      const guess = near === null ? '' : ` (did you mean "${near}"?)`;
      const instead = passwordVariables.includes(name) ? 'winrm: { password: { env: NAME } }' : 'the value itself';
      return `the variable ${next} is not defined in this inventory${guess}; define it or write ${instead}`;
    }
    current = found;
  }
}

/** What stands in the file: of all but settings only `(vault)` was kept. */
function readWrittenValue({ value, place }: Variable): unknown {
  if (value !== vaultedMark) return value;
  return place.path.reduce<unknown>(
    (inside, part) => (isMapping(inside) ? inside[part] : undefined),
    place.document.value,
  );
}

/** The names that Ansible gives every host. */
function findMagicVariable(name: string, host: string, place: DocumentPlace): Variable | null {
  if (name === 'inventory_hostname') return { value: host, place };
  return name === 'inventory_hostname_short' ? { value: host.split('.')[0], place } : null;
}

/**
 * Names of variables that those of `from` may mean, over all hosts, by following each name wherever it is given a reference. More than a
 * single host would need; used to decide what has to be opened, sealed or hidden.
 */
export function findReferencedNames(from: readonly string[], values: readonly unknown[]): ReadonlySet<string> {
  const edges = new Map<string, Set<string>>();
  for (const value of values) collectEdges(value, edges);
  const found = new Set<string>();
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const next of edges.get(name) ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return found;
}

function collectEdges(value: unknown, edges: Map<string, Set<string>>): void {
  if (Array.isArray(value)) for (const one of value) collectEdges(one, edges);
  if (!isMapping(value)) return;
  for (const [key, one] of Object.entries(value)) {
    const name = readReference(one);
    if (name === null) collectEdges(one, edges);
    else edges.set(key, (edges.get(key) ?? new Set<string>()).add(name));
  }
}
