// A table of hosts as PowerShell and directories export it (`Get-ExchangeServer | Export-Csv`, `Get-ADComputer`) -> a document of groups: one
// host a row by its full name, the other columns as variables of their own names. Every value is text. Source: RFC 4180; Export-Csv
// (`#TYPE` in front, `-UseCulture` separates with `;`); Excel's `sep=;`.
import type { Issue } from '../../model/failure.ts';
import { isSecretPath } from '../../yaml/words.ts';
import { createPartIndex, makeDocument, type InventoryDocument } from './inventory-document.ts';

/** Columns that name a host; the first that a row fills is taken. */
const nameColumns = [
  'fqdn',
  'dnshostname',
  'fullyqualifieddomainname',
  'hostname',
  'computername',
  'servername',
  'name',
];
const separators = [',', ';', '\t'];

interface Cell {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

interface Table {
  readonly rows: readonly (readonly Cell[])[];
  readonly fault: Issue | null;
}

/** Whether the first row of a text names columns of which one is a host. A comment of another form names none. */
export function isCsv(text: string): boolean {
  const header = skipPreamble(text);
  if (/^\s*[#;]/.test(header.text)) return false;
  const names = splitHeader(header.text.split(/\r?\n/, 1)[0] ?? '', header.separator).names;
  return names.length > 1 && names.some((name) => nameColumns.includes(name.toLowerCase()));
}

/**
 * Whether lines of a table may hold secrets, and none of them may be shown: a column is called like one, or the first row is not known to
 * name columns at all.
 */
export function mayHoldSecrets(text: string, file: string): boolean {
  if (!isCsv(text)) return /\.csv$/i.test(file);
  const header = skipPreamble(text);
  const { names } = splitHeader(header.text.split(/\r?\n/, 1)[0] ?? '', header.separator);
  return names.some((name) => isSecretPath([name]));
}

/** Never throws. */
export function readCsv(text: string, file: string): InventoryDocument {
  const issues: Issue[] = [];
  const warnings: Issue[] = [];
  const preamble = skipPreamble(text);
  const firstLine = preamble.text.split(/\r?\n/, 1)[0] ?? '';
  const separator = preamble.separator ?? splitHeader(firstLine, null).separator;
  const { rows, fault } = readTable(preamble.text, separator, preamble.lines + 1, file);
  if (fault !== null) issues.push(fault);
  const [header = [], ...body] = rows;
  const columns = header.map((cell) => cell.text.trim());
  const named = nameColumns.flatMap((name) => {
    const at = columns.findIndex((column) => column.toLowerCase() === name);
    return at === -1 ? [] : [at];
  });
  if (named.length === 0) {
    // What stands there is not repeated: without names of columns it is a host's own row, with its password perhaps.
    const message = `expected names of columns, one of them for hosts: Fqdn, DNSHostName or Name, got ${columns.length} others`;
    issues.push({ file, line: preamble.lines + 1, column: 1, message });
  }
  const parts = createPartIndex();
  const hosts = new Map<string, Record<string, string>>();
  const group = isOfExchange(text, columns) ? 'exchange' : 'ungrouped';
  for (const row of body) {
    const [first] = row;
    if (first === undefined || (row.length === 1 && first.text === '')) continue;
    if (row.length !== columns.length) {
      const counts = `expected ${columns.length} columns as in the first row, got ${row.length}`;
      issues.push({ file, line: first.line, column: first.column, message: counts });
      continue;
    }
    const cell = named.map((at) => row[at]).find((one) => (one?.text.trim() ?? '') !== '');
    if (cell === undefined) {
      if (named.length > 0) issues.push({ file, line: first.line, column: 1, message: 'no host is named in this row' });
      continue;
    }
    const host = cell.text.trim();
    const place = { line: cell.line, column: cell.column };
    if (/[?\uFFFD]/.test(host)) {
      const message = `${host}: a letter of this name was lost; export with -Encoding UTF8`;
      issues.push({ file, ...place, message });
      continue;
    }
    if (hosts.has(host)) {
      issues.push({ file, ...place, message: `${host} is in this table twice` });
      continue;
    }
    const path = [group, 'hosts', host];
    parts.set(path, { key: place, value: place });
    const variables: [string, string][] = [];
    for (const [at, { text: value, line, column }] of row.entries()) {
      const name = columns[at] ?? '';
      if (name === '' || value === '' || named[0] === at) continue;
      variables.push([name, value]);
      const position = { line, column };
      parts.set([...path, name], { key: position, value: position });
    }
    hosts.set(host, Object.fromEntries(variables));
    const enabled = row[columns.findIndex((name) => name.toLowerCase() === 'enabled')];
    if (enabled !== undefined && /^false$/i.test(enabled.text.trim())) {
      const message = `${host} is disabled in the directory`;
      warnings.push({ file, line: enabled.line, column: enabled.column, message });
    }
  }
  const value = hosts.size === 0 ? {} : { [group]: { hosts: Object.fromEntries(hosts) } };
  return {
    ...makeDocument(file, value, { parts, issues }),
    warnings,
    howToSet: 'in group_vars/all.yml beside this table',
  };
}

/** The playbooks name this group; what Get-ExchangeServer lists is nothing else. */
function isOfExchange(text: string, columns: readonly string[]): boolean {
  if (/^\s*#TYPE\s+(?:Deserialized\.)?Microsoft\.Exchange\./i.test(text)) return true;
  return columns.some((name) => /^(?:ServerRole|AdminDisplayVersion|ExchangeVersion)$/i.test(name));
}

interface Preamble {
  /** From the row of names on. */
  readonly text: string;
  readonly lines: number;
  readonly separator: string | null;
}

function skipPreamble(text: string): Preamble {
  let rest = text;
  let lines = 0;
  let separator: string | null = null;
  for (;;) {
    const found = /^(?:#TYPE[^\n]*|sep=(.)[^\n]*|[ \t\r]*)\n/i.exec(rest);
    if (found === null) return { text: rest, lines, separator };
    separator = found[1] ?? separator;
    rest = rest.slice(found[0].length);
    lines += 1;
  }
}

function splitHeader(line: string, separator: string | null): { readonly names: string[]; readonly separator: string } {
  const unquoted = line.replaceAll(/"[^"]*"/g, '');
  const count = (one: string): number => unquoted.split(one).length;
  const best = separator ?? separators.toSorted((a, b) => count(b) - count(a))[0] ?? ',';
  return { names: line.split(best).map((name) => name.trim().replaceAll('"', '')), separator: best };
}

/** The rows of a table; a cell in quotation marks may hold separators, doubled quotation marks and line breaks. */
function readTable(text: string, separator: string, firstLine: number, file: string): Table {
  const rows: Cell[][] = [];
  let row: Cell[] = [];
  let [line, lineStart, at] = [firstLine, 0, 0];
  while (at < text.length) {
    const start = { line, column: at - lineStart + 1 };
    let value = '';
    if (text[at] === '"') {
      at += 1;
      while (at < text.length && !(text[at] === '"' && text[at + 1] !== '"')) {
        if (text[at] === '"') at += 1;
        if (text[at] === '\n') [line, lineStart] = [line + 1, at + 1];
        value += text[at] ?? '';
        at += 1;
      }
      if (at >= text.length) return { rows, fault: { file, ...start, message: 'this quotation mark is never closed' } };
      at += 1;
    }
    while (at < text.length && text[at] !== separator && text[at] !== '\n') {
      value += text[at] ?? '';
      at += 1;
    }
    if (text[at] !== separator) value = value.replace(/\r$/, '');
    row.push({ text: value, ...start });
    if (text[at] === separator) {
      at += 1;
      // Nothing behind the last separator is an empty cell.
      if (at < text.length) continue;
      row.push({ text: '', line, column: at - lineStart + 1 });
    }
    rows.push(row);
    row = [];
    if (text[at] === '\n') [at, line, lineStart] = [at + 1, line + 1, at + 1];
  }
  return { rows, fault: null };
}
