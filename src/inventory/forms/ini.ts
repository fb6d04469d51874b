// An INI inventory, or a plain list of hosts, -> documents of groups: one for each stretch of lines in which no host and no variable
// comes twice, so that later lines win as in Ansible, whatever group they stand in. It expands no ranges and follows no references.
// Source: ansible-core 2.19 plugins/inventory/ini.py.
import type { Issue } from '../../model/failure.ts';
import { isPlainNumber } from '../../yaml/plain-scalar.ts';
import { findNearest } from '../../yaml/nearest.ts';
import type { DocumentPath } from '../../yaml/document-path.ts';
import { createPartIndex, makeDocument, type InventoryDocument, type PartIndex } from './inventory-document.ts';
import { readPythonLiteral } from './python-literal.ts';
import { cutShellWords, type ShellWord } from './shell-words.ts';

type SectionKind = 'hosts' | 'children' | 'vars';
const sectionKinds: readonly SectionKind[] = ['hosts', 'children', 'vars'];

interface WrittenGroup {
  readonly hosts: Map<string, Map<string, unknown> | null>;
  readonly children: Set<string>;
  readonly vars: Map<string, unknown>;
}

interface Stretch {
  readonly groups: Map<string, WrittenGroup>;
  readonly parts: PartIndex;
}

/** Where a reader of lines is. */
interface Line {
  readonly text: string;
  readonly number: number;
  /** Blanks in front of it. */
  readonly indent: number;
}

const sectionHeader = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/;
const groupLine = /^([^:\]\s]+)\s*(?:#.*)?$/;

/** Never throws: whatever is wrong is in the issues of the documents. */
export function readIni(text: string, file: string): readonly InventoryDocument[] {
  const issues: Issue[] = [];
  const declared = new Set(['all', 'ungrouped']);
  const mentioned: { group: string; issue: Issue }[] = [];
  const stretches: Stretch[] = [];
  let stretch = openStretch();
  let group = 'ungrouped';
  /** Null: what stands below is of no known kind. */
  const section: { kind: SectionKind | null } = { kind: 'hosts' };

  function openStretch(): Stretch {
    const opened = { groups: new Map<string, WrittenGroup>(), parts: createPartIndex() };
    stretches.push(opened);
    return opened;
  }

  function groupOf(name: string): WrittenGroup {
    const known = stretch.groups.get(name);
    if (known !== undefined) return known;
    const made: WrittenGroup = { hosts: new Map(), children: new Set(), vars: new Map() };
    stretch.groups.set(name, made);
    return made;
  }

  function issueOf({ number, indent }: Line, column: number, message: string): Issue {
    return { file, line: number, column: indent + column, message };
  }

  function readSection(line: Line): boolean {
    const header = sectionHeader.exec(line.text);
    if (header === null) {
      if (!line.text.startsWith('[') || !line.text.endsWith(']')) return false;
      issues.push(issueOf(line, 1, 'expected a section such as [paris], [paris:children] or [paris:vars]'));
      return true;
    }
    const [, name = '', tag = 'hosts'] = header;
    group = name;
    section.kind = sectionKinds.find((one) => one === tag) ?? null;
    if (section.kind === null) {
      const near = findNearest(tag, sectionKinds);
      const guess = near === null ? '' : ` (did you mean "${near}"?)`;
      issues.push(issueOf(line, name.length + 3, `unknown kind of section${guess}; allowed: hosts, children, vars`));
      return true;
    }
    if (section.kind === 'vars') {
      const message = `[${name}:vars]: no group is called ${name}`;
      mentioned.push({ group: name, issue: issueOf(line, 2, message) });
    } else {
      declared.add(name);
    }
    groupOf(name);
    placeOf([name], line, 2);
    return true;
  }

  function placeOf(path: DocumentPath, { number, indent }: Line, column: number): void {
    const position = { line: number, column: indent + column };
    stretch.parts.set(path, { key: position, value: position });
  }

  function readChild(line: Line): void {
    const name = groupLine.exec(line.text)?.[1];
    if (name === undefined) {
      issues.push(issueOf(line, 1, 'expected the name of a group'));
      return;
    }
    const message = `[${group}:children]: no group is called ${name}`;
    mentioned.push({ group: name, issue: issueOf(line, 1, message) });
    groupOf(group).children.add(name);
    placeOf([group, 'children', name], line, 1);
  }

  function readVariable(line: Line): void {
    const equals = line.text.indexOf('=');
    if (equals === -1) {
      issues.push(issueOf(line, 1, 'expected NAME=VALUE'));
      return;
    }
    const name = line.text.slice(0, equals).trim();
    const rest = line.text.slice(equals + 1);
    const written = rest.trim();
    const column = equals + 1 + (rest.length - rest.trimStart().length) + 1;
    if (groupOf(group).vars.has(name)) stretch = openStretch();
    groupOf(group).vars.set(
      name,
      noteValue({ path: [group, 'vars', name], name, written, quotes: "'...'" }, line, [1, column]),
    );
  }

  function readHost(line: Line): void {
    const cut = cutShellWords(line.text);
    if (cut.fault !== null) {
      issues.push(issueOf(line, cut.column, cut.fault));
      return;
    }
    const [host, ...assignments] = cut.words;
    if (host === undefined) return;
    if (host.text === '---' || host.text.endsWith(':')) {
      const advice = 'expected a host; this looks like YAML, which has an extension .yml';
      issues.push(issueOf(line, 1, advice));
      return;
    }
    if (groupOf(group).hosts.has(host.text)) stretch = openStretch();
    const variables = new Map<string, unknown>();
    groupOf(group).hosts.set(host.text, variables);
    placeOf([group, 'hosts', host.text], line, 1);
    for (const word of assignments) readAssignment(line, host.text, word, variables);
  }

  function readAssignment(line: Line, host: string, word: ShellWord, variables: Map<string, unknown>): void {
    const equals = word.text.indexOf('=');
    if (equals === -1) {
      issues.push(issueOf(line, word.column, 'expected NAME=VALUE behind a host; a value with blanks must be quoted'));
      return;
    }
    const name = word.text.slice(0, equals);
    const lost = word.isCut
      ? 'the # begins a comment there'
      : word.lostBackslash
        ? 'the backslash is lost without them'
        : null;
    const written = word.text.slice(equals + 1);
    const path = [group, 'hosts', host, name];
    const columns = [word.column, word.column + equals + 1] as const;
    variables.set(name, noteValue({ path, name, written, quotes: `"'...'"`, lost }, line, columns));
  }

  function noteValue(value: WrittenValue, line: Line, [keyColumn, valueColumn]: readonly [number, number]): unknown {
    const at = (column: number): { line: number; column: number } => {
      return { line: line.number, column: line.indent + column };
    };
    const literal = readPythonLiteral(value.written);
    const read = literal.isLiteral ? literal.value : value.written;
    if (typeof read === 'string' && /^!(?:vault|unsafe)\b/.test(read)) {
      const advice = 'tags such as !vault are YAML; write this value in group_vars/ or host_vars/';
      issues.push({ file, ...at(valueColumn), message: `${value.name}: ${advice}` });
    }
    const doubt = findDoubt(value, read, literal.isLiteral);
    stretch.parts.set(value.path, { key: at(keyColumn), value: at(valueColumn), doubt });
    return read;
  }

  const readers = { hosts: readHost, vars: readVariable, children: readChild };
  for (const [index, raw] of text.split(/\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/).entries()) {
    const trimmed = raw.trim();
    const line = { text: trimmed, number: index + 1, indent: raw.length - raw.trimStart().length };
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith(';')) continue;
    if (readSection(line)) continue;
    if (section.kind !== null) readers[section.kind](line);
  }
  return stretches.map((one, index) => ({
    ...makeDocument(file, writeGroups(one.groups), { parts: one.parts, issues: index === 0 ? issues : [] }),
    declares: declared,
    howToSet: 'in group_vars/all.yml beside this file',
    mentions: index === 0 ? mentioned : [],
  }));
}

interface WrittenValue {
  readonly path: DocumentPath;
  readonly name: string;
  readonly written: string;
  /** How a text is written here that is a text for certain. */
  readonly quotes: string;
  /** What the words of the line have lost, as a reason. */
  readonly lost?: string | null;
}

/** A text that Python reads as something else, or with letters in it that nobody typed. */
function findDoubt({ written, quotes, lost = null }: WrittenValue, read: unknown, isLiteral: boolean): string | null {
  const advice = (reason: string): string => `put quotation marks around it (${quotes}): ${reason}`;
  if (lost !== null) return advice(lost);
  if (!isLiteral) return null;
  if (typeof read === 'number') return isPlainNumber(written) ? null : advice('without them it is read as a number');
  if (typeof read !== 'string') return advice('without them it is read as no text');
  return /\p{Cc}/u.test(read)
    ? 'the backslash stands for a sign that cannot be typed, as in \\n; write it twice: \\\\'
    : null;
}

function writeGroups(groups: ReadonlyMap<string, WrittenGroup>): unknown {
  return Object.fromEntries(
    [...groups].map(([name, { hosts, children, vars }]) => [
      name,
      {
        ...(hosts.size === 0 ? {} : { hosts: writeHosts(hosts) }),
        ...(children.size === 0 ? {} : { children: Object.fromEntries([...children].map((child) => [child, null])) }),
        ...(vars.size === 0 ? {} : { vars: Object.fromEntries(vars) }),
      },
    ]),
  );
}

function writeHosts(hosts: WrittenGroup['hosts']): unknown {
  return Object.fromEntries(
    [...hosts].map(([host, variables]) => [host, variables === null ? null : Object.fromEntries(variables)]),
  );
}
