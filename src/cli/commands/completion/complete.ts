// Names that may come next on a half-typed command line, and yargs can't know: hosts, groups and runs, from the inventory and the
// state directory named on that very line, and the codes of explain. What can't be read completes nothing.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadInventory } from '../../../inventory/load.ts';
import { explanations } from '../../../report/explanations/explanations.ts';
import { defaultInventory } from '../../../workflows/inventory-flags.ts';
import { nameState } from '../../state/name-state.ts';

/**
 * `line`: the program's name first, the word under the cursor last. Null when no such name comes next; empty when one does and
 * there is none, or it is the shell's to complete. Never rejects.
 */
export async function completeNames(line: readonly string[]): Promise<readonly string[] | null> {
  // Newer PowerShells pass an empty word as two quotes.
  const words = line.map((word) => (word === '""' ? '' : word));
  const before = words.at(-2) ?? '';
  const current = words.at(-1) ?? '';
  if (before === '-l' || before === '--limit' || before === '--host') return escaped(await patterns(words, current));
  if (valueFlags.includes(before)) return [];
  if (current.startsWith('-')) return null;
  if (wantsRun(words)) return escaped(await runNames(words));
  return words[1] === 'explain' && words.length === 3 ? explanations.map((page) => page.code) : null;
}

/** Flags whose value is a file: the shell completes those itself when it is given nothing. */
const valueFlags = [
  '-i',
  '--inventory',
  '--untrusted-inventory',
  '-p',
  '--playbook',
  '--out',
  '--log-file',
  '--state-dir',
  '--state',
  '--dir',
  '--vault-password-file',
  '--vault-id',
  '--ca-file',
];

/** Hosts and groups of the inventory; within a pattern, the part after its last separator is completed. */
async function patterns(words: readonly string[], current: string): Promise<readonly string[]> {
  const named = readFlagValues(words, ['-i', '--inventory']);
  const inventory = await loadInventory(named.length === 0 ? [defaultInventory] : named).catch(() => null);
  if (inventory === null) return [];
  const start = /^.*[:,&!]/.exec(current)?.[0] ?? '';
  const names = [...inventory.groups.keys(), ...(inventory.groups.get('all')?.hosts ?? [])];
  return [...new Set(names)].map((name) => start + name).filter((name) => name.startsWith(current));
}

/** True where nothing but a run is named: `rollback RUN`, `status RUN`, `runs show RUN` and so on. */
function wantsRun(words: readonly string[]): boolean {
  const plain = words.slice(1, -1).filter((word) => !word.startsWith('-'));
  const [command = '', action = ''] = plain;
  if (['rollback', 'resume', 'status', 'unlock', 'confirm'].includes(command)) return plain.length === 1;
  return command === 'runs' && ['show', 'verify'].includes(action) && plain.length === 2;
}

/** Newest first: it is nearly always the last one that is meant. */
async function runNames(words: readonly string[]): Promise<readonly string[]> {
  const directory = findStateDirectory(words);
  const names = directory === null ? [] : await readdir(join(directory, 'runs')).catch(() => []);
  return names.toSorted().toReversed();
}

/** Null: the line, or the environment, names a database. It is not asked: Tab must not wait for a server, or ask for its password. */
function findStateDirectory(words: readonly string[]): string | null {
  const [directory] = readFlagValues(words, ['--state-dir']);
  const [state] = readFlagValues(words, ['--state']);
  try {
    const named = nameState({ state, 'state-dir': directory }, process.env);
    return named.kind === 'files' ? named.directory : null;
  } catch {
    return null;
  }
}

function readFlagValues(words: readonly string[], flags: readonly string[]): readonly string[] {
  return words.flatMap((word, at) => {
    const inOne = flags.find((flag) => word.startsWith(`${flag}=`));
    if (inOne !== undefined) return [word.slice(inOne.length + 1)];
    const value = words[at + 1];
    return flags.includes(word) && value !== undefined && at + 1 < words.length - 1 ? [value] : [];
  });
}

/** zsh takes what stands behind a colon for a description. */
function escaped(names: readonly string[]): readonly string[] {
  const isZsh = process.env['SHELL']?.includes('zsh') === true || process.env['ZSH_NAME'] !== undefined;
  return isZsh ? names.map((name) => name.replaceAll(':', '\\:')) : names;
}
