// The text of an inventory -> its documents, whichever form it has: YAML, Ansible's INI, a plain list of hosts, what `ansible-inventory --list`
// prints, a CSV table. The form is told by the text, by the extension only where that leaves a doubt. It runs nothing.
import { extname } from 'node:path';
import { readYaml, type VaultReader } from '../../yaml/document.ts';
import { isMapping } from '../variables.ts';
import { isCsv, readCsv } from './csv.ts';
import { readIni } from './ini.ts';
import type { InventoryDocument } from './inventory-document.ts';
import { isListForm, readListForm } from './list-json.ts';

/** Never throws. */
export function readForm(text: string, file: string, readVault: VaultReader): readonly InventoryDocument[] {
  const form = chooseForm(text, file);
  if (form === 'csv') return [readCsv(text, file)];
  if (form === 'ini') return readIni(text, file);
  const document = readYaml(text, file, readVault);
  return [isListForm(document.value) ? readListForm(document, readVault) : document];
}

export function chooseForm(text: string, file: string): 'yaml' | 'ini' | 'csv' {
  const extension = extname(file).toLowerCase();
  if (extension === '.ini') return 'ini';
  if (extension === '.csv' || isCsv(text)) return 'csv';
  // A line of YAML does not begin with such brackets and end with them, but within JSON or a list of lists.
  if (/^\[[^\s:\]]+(?::\w+)?\]\s*(?:#.*)?$/m.test(text) && !/^\s*(?:\{|\[\s*$)/.test(text.split('\n', 1)[0] ?? ''))
    return 'ini';
  if (['.yml', '.yaml', '.json'].includes(extension)) return 'yaml';
  return looksLikeYaml(text) ? 'yaml' : 'ini';
}

/** `key:`, `key: value`, JSON, or a document's start; a host line has none of these in front of its first blank. */
function looksLikeYaml(text: string): boolean {
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*(?:[#;].*)?$/.test(line));
  if (lines.length === 0) return true;
  return lines.some((line) => /^(?:---|\s*[{"']|\s*-\s|[^\s=]+:(?:\s|$))/.test(line));
}

/** What a text is that only a program can make an inventory of; null: it is one itself. */
export function findProgram(text: string, value: unknown): 'script' | 'plugin' | null {
  if (text.startsWith('#!')) return 'script';
  return isMapping(value) && typeof value['plugin'] === 'string' ? 'plugin' : null;
}
