// The grammar of cmd.exe as far as a remote command line needs it: quotes, caret, & && || | ( ), redirections, and of `if` and `for` the
// forms of line-conditions.ts. It turns a line into a tree and runs nothing. Precedence as cmd has it: | binds tightest, then &&, then ||,
// then &.
import { readForHead, readIfHead, type Condition } from './line-conditions.ts';

export interface Redirect {
  readonly from: 0 | 1 | 2;
  /** A file name, or the other stream. */
  readonly to: string | 1 | 2;
  /** `>>`. */
  readonly appends?: true;
}

export type CommandNode =
  | { readonly kind: 'simple'; readonly text: string; readonly redirects: readonly Redirect[] }
  | { readonly kind: 'group'; readonly body: CommandNode; readonly redirects: readonly Redirect[] }
  | {
      readonly kind: 'if';
      readonly condition: Condition;
      readonly body: CommandNode;
      readonly otherwise: CommandNode | null;
    }
  | { readonly kind: 'for'; readonly variable: string; readonly values: readonly number[]; readonly body: CommandNode }
  | { readonly kind: Joint; readonly parts: readonly CommandNode[] };

/** `each`: a & b; `either`: a || b; `both`: a && b; `pipe`: a | b. */
type Joint = 'each' | 'either' | 'both' | 'pipe';

export type ParsedLine =
  { readonly ok: true; readonly node: CommandNode } | { readonly ok: false; readonly unexpected: string };

const joints: readonly { readonly kind: Joint; readonly sign: string }[] = [
  { kind: 'each', sign: '&' },
  { kind: 'either', sign: '||' },
  { kind: 'both', sign: '&&' },
  { kind: 'pipe', sign: '|' },
];

/** Deeper nesting than this is refused; real scripts stay below five. */
const deepest = 100;

class Unexpected extends Error {}

interface Cursor {
  readonly line: string;
  at: number;
  depth: number;
}

/** A fleet is asked the same lines over and over: their trees, which nobody changes. */
const parsedBefore = new Map<string, ParsedLine>();
const mostRemembered = 100;

/** The tree of one line, or the text that was "unexpected at this time". An empty line is a simple command without text. */
export function parseCommandLine(line: string): ParsedLine {
  const known = parsedBefore.get(line);
  if (known !== undefined) return known;
  const parsed = parseLine(line);
  if (parsedBefore.size >= mostRemembered) parsedBefore.clear();
  parsedBefore.set(line, parsed);
  return parsed;
}

function parseLine(line: string): ParsedLine {
  const cursor: Cursor = { line: line.split(/[\r\n]/, 1)[0] ?? '', at: 0, depth: 0 };
  try {
    const node = parseJoint(cursor, 0);
    skipBlanks(cursor);
    const rest = cursor.line.slice(cursor.at);
    return rest === '' ? { ok: true, node } : { ok: false, unexpected: rest };
  } catch (thrown) {
    if (thrown instanceof Unexpected) return { ok: false, unexpected: thrown.message };
    throw thrown;
  }
}

function parseJoint(cursor: Cursor, level: number): CommandNode {
  const joint = joints[level];
  if (joint === undefined) return parseUnit(cursor);
  const parts = [parseJoint(cursor, level + 1)];
  while (readSign(cursor) === joint.sign) {
    cursor.at += joint.sign.length;
    skipBlanks(cursor);
    const next = cursor.line[cursor.at];
    const ends = next === undefined || (next === ')' && cursor.depth > 0);
    // `a &` is a whole line; after the other signs a command must follow.
    if (ends && joint.kind === 'each') break;
    if (ends) throw new Unexpected(joint.sign);
    parts.push(parseJoint(cursor, level + 1));
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: joint.kind, parts };
}

function readSign(cursor: Cursor): string | null {
  skipBlanks(cursor);
  const two = cursor.line.slice(cursor.at, cursor.at + 2);
  if (two === '&&' || two === '||') return two;
  const one = two[0];
  return one === '&' || one === '|' ? one : null;
}

function parseUnit(cursor: Cursor): CommandNode {
  while (/[\s@,;=]/.test(cursor.line[cursor.at] ?? '')) cursor.at += 1;
  const rest = cursor.line.slice(cursor.at);
  const loop = readForHead(rest);
  if (loop !== null) {
    cursor.at += loop.length;
    return { kind: 'for', variable: loop.variable, values: loop.values, body: parseBranch(cursor) };
  }
  const choice = readIfHead(rest);
  if (choice !== null) {
    cursor.at += choice.length;
    const body = parseBranch(cursor);
    skipBlanks(cursor);
    const otherwise =
      body.kind === 'group' ? (/^else(?=[\s(])/i.exec(cursor.line.slice(cursor.at))?.[0] ?? null) : null;
    if (otherwise === null) return { kind: 'if', condition: choice.condition, body, otherwise };
    cursor.at += otherwise.length;
    return { kind: 'if', condition: choice.condition, body, otherwise: parseBranch(cursor) };
  }
  if (cursor.line[cursor.at] !== '(') return parseSimple(cursor);
  cursor.at += 1;
  cursor.depth += 1;
  if (cursor.depth > deepest) throw new Unexpected('(');
  const body = parseJoint(cursor, 0);
  skipBlanks(cursor);
  if (cursor.line[cursor.at] !== ')') throw new Unexpected('(');
  cursor.at += 1;
  cursor.depth -= 1;
  if (/^\s*else(?=[\s(])/i.test(cursor.line.slice(cursor.at))) return { kind: 'group', body, redirects: [] };
  const after = parseSimple(cursor, true);
  if (after.text.trim() !== '') throw new Unexpected(after.text.trim());
  return { kind: 'group', body, redirects: after.redirects };
}

/**
 * What belongs to an `if` or `for`: everything up to the end of the line or of the brackets around it. Of a body in brackets with something
 * behind it the sources tell no two things alike, so that is refused here: whoever means it puts the whole in brackets.
 */
function parseBranch(cursor: Cursor): CommandNode {
  skipBlanks(cursor);
  if (cursor.line[cursor.at] !== '(') return parseJoint(cursor, 0);
  const body = parseUnit(cursor);
  const next = readSign(cursor);
  if (next !== null) throw new Unexpected(next);
  return body;
}

function parseSimple(cursor: Cursor, mayBeEmpty = false): Extract<CommandNode, { kind: 'simple' }> {
  const redirects: Redirect[] = [];
  let text = '';
  let quoted = false;
  for (;;) {
    const letter = cursor.line[cursor.at];
    if (letter === undefined) break;
    if (letter === '"') quoted = !quoted;
    if (!quoted) {
      if (letter === '&' || letter === '|' || (letter === ')' && cursor.depth > 0)) break;
      if (letter === '^') {
        text += cursor.line[cursor.at + 1] ?? '';
        cursor.at += 2;
        continue;
      }
      if (letter === '>' || letter === '<') {
        const handle = /(?:^|\s)([012])$/.exec(text)?.[1];
        if (handle !== undefined) text = text.slice(0, -1);
        redirects.push(parseRedirect(cursor, letter, handle));
        continue;
      }
    }
    // All up to the next letter that may mean something.
    const meant = quoted ? cursor.line.indexOf('"', cursor.at + 1) : findMeant(cursor.line, cursor.at + 1);
    const end = meant === -1 ? cursor.line.length : meant;
    text += cursor.line.slice(cursor.at, end);
    cursor.at = end;
  }
  if (!mayBeEmpty && text === '' && redirects.length === 0 && readSign(cursor) !== null) {
    throw new Unexpected(readSign(cursor) ?? '');
  }
  return { kind: 'simple', text, redirects };
}

const meaning = /["&|)^<>]/g;

function findMeant(line: string, from: number): number {
  meaning.lastIndex = from;
  return meaning.exec(line)?.index ?? -1;
}

function parseRedirect(cursor: Cursor, sign: '>' | '<', handle: string | undefined): Redirect {
  cursor.at += 1;
  const appends = sign === '>' && cursor.line[cursor.at] === '>';
  if (appends) cursor.at += 1;
  const from = handle === undefined ? (sign === '<' ? 0 : 1) : handle === '2' ? 2 : handle === '1' ? 1 : 0;
  const stream = /^&([12])/.exec(cursor.line.slice(cursor.at));
  if (stream !== null) {
    cursor.at += 2;
    return { from, to: stream[1] === '1' ? 1 : 2 };
  }
  skipBlanks(cursor);
  const name = /^(?:"[^"]*"?|[^\s&|<>()"])+/.exec(cursor.line.slice(cursor.at))?.[0];
  if (name === undefined) throw new Unexpected(sign);
  cursor.at += name.length;
  return { from, to: name.replaceAll('"', ''), ...(appends ? { appends } : {}) };
}

function skipBlanks(cursor: Cursor): void {
  while (/\s/.test(cursor.line[cursor.at] ?? '')) cursor.at += 1;
}
