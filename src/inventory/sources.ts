// Which files of a directory belong to an inventory, and which file of group_vars/ or host_vars/ belongs to which name. Names
// only: it opens nothing. Source: Ansible's rules for inventory directories and vars files (extensions .yml, .yaml, .json).
import { findNearest } from '../yaml/nearest.ts';

const extensions = ['.yml', '.yaml', '.json'] as const;
const ignoredEndings = ['.pyc', '.pyo', '.swp', '.bak', '~', '.rpm', '.md', '.txt', '.rst', '.orig', '.cfg', '.retry'];

/** For a directory given as inventory, at any depth below it. */
export function isInventoryFile(name: string): boolean {
  if (name.startsWith('.') || ['host_vars', 'group_vars', 'vars_plugins', 'policy.yml', 'policy.yaml'].includes(name))
    return false;
  return !ignoredEndings.some((ending) => name.endsWith(ending));
}

/** Never part of an inventory, although it may lie beside one. */
export function isForeignFolder(name: string): boolean {
  return ['node_modules', 'playbooks', 'roles'].includes(name);
}

/** An Ansible playbook is a list of plays; one of ours says what to reserve. */
export function isPlaybook(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (!Array.isArray(value)) return 'exclusions' in value && 'hosts' in value;
  const isPlay = (one: unknown): boolean =>
    typeof one === 'object' && one !== null && ('hosts' in one || 'import_playbook' in one);
  return value.length > 0 && value.every(isPlay);
}

/** For a directory with a group's or a host's name. */
export function isVariablesFile(name: string, isFolder: boolean): boolean {
  if (name.startsWith('.') || name.endsWith('~')) return false;
  const extension = /.(\.[^.]*)$/.exec(name)?.[1] ?? '';
  return extension === '' || (!isFolder && extensions.some((one) => one === extension));
}

const mostGuesses = 20;

export interface VariablesEntries {
  /** `shadowed`: other entries for the same name, which Ansible does not read either. */
  readonly entries: readonly { readonly name: string; readonly entry: string; readonly shadowed: readonly string[] }[];
  /** Entries for no known name, and the nearest known one. */
  readonly unknown: readonly { readonly entry: string; readonly near: string | null }[];
}

/** The entry of each name: `NAME` itself (file or folder), else `NAME.yml`, `.yaml`, `.json`; the first that exists. */
export function variablesEntries(directory: readonly string[], names: readonly string[]): VariablesEntries {
  const present = new Set(directory.filter((entry) => !entry.startsWith('.') && !entry.endsWith('~')));
  const used = new Set<string>();
  const entries = names.flatMap((name) => {
    const [entry, ...shadowed] = [name, ...extensions.map((one) => `${name}${one}`)].filter((one) => present.has(one));
    if (entry === undefined) return [];
    for (const one of [entry, ...shadowed]) used.add(one);
    return [{ name, entry, shadowed }];
  });
  const unknown = [...present]
    .filter((entry) => !used.has(entry))
    .toSorted()
    // Guessing compares with every name: of thousands of strays only the first are worth it.
    .map((entry, at) => ({
      entry,
      near: at < mostGuesses ? findNearest(entry.replace(/\.(ya?ml|json)$/, ''), names) : null,
    }));
  return { entries, unknown };
}
