// The grammar of cmd.exe as far as a remote command line needs it: quotes, caret, & && || | ( ) and redirections. It turns a
// line into a tree and runs nothing. Precedence as cmd has it: | binds tightest, then &&, then ||, then &.

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

/** The tree of one line, or the text that was "unexpected at this time". An empty line is a simple command without text. */
export function parseCommandLine(line: string): ParsedLine {
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
  if (cursor.line[cursor.at] !== '(') return parseSimple(cursor);
  cursor.at += 1;
  cursor.depth += 1;
  if (cursor.depth > deepest) throw new Unexpected('(');
  const body = parseJoint(cursor, 0);
  skipBlanks(cursor);
  if (cursor.line[cursor.at] !== ')') throw new Unexpected('(');
  cursor.at += 1;
  cursor.depth -= 1;
  const after = parseSimple(cursor);
  if (after.text.trim() !== '') throw new Unexpected(after.text.trim());
  return { kind: 'group', body, redirects: after.redirects };
}

function parseSimple(cursor: Cursor): Extract<CommandNode, { kind: 'simple' }> {
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
    text += letter;
    cursor.at += 1;
  }
  if (text === '' && redirects.length === 0 && readSign(cursor) !== null) {
    throw new Unexpected(readSign(cursor) ?? '');
  }
  return { kind: 'simple', text, redirects };
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
