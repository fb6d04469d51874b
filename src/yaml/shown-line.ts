// One line of a file that a person wrote, as it may be shown beside a fault in it: up to the first key that is called like a secret, and
// not at all where it continues such a key's value. It reads lines, not YAML, because the text may be none, or INI. Columns stay as they are.
import { isSecretPath } from './words.ts';

const keyLine = /^\s*(?:- +)?["']?[\w .-]+["']?\s*:(?:\s|$)/;

/** `line` counts from 1. Null when there is no such line, or nothing of it may be shown. */
export function showLine(text: string, line: number): string | null {
  const lines = text.split(/\r\n|\r|\n/);
  const written = lines[line - 1];
  if (written === undefined || written.trim() === '' || belongsToSecret(lines, line - 1)) return null;
  const end = findSecretKeyEnd(written);
  const hasMore = end !== null && written.slice(end).trim() !== '';
  const shown = end === null ? written : `${written.slice(0, end)}${hasMore ? ' (not shown)' : ''}`;
  // A URL may contain a login. Control characters could move the cursor of a terminal.
  return shown
    .replaceAll(/(?<=\/\/)[^/\s@]+(?=@)/g, (login) => '*'.repeat(login.length))
    .replaceAll(/[^\P{Cc}\t]/gu, '?')
    .replaceAll('\t', ' ');
}

/** Behind the colon, or the `=` of INI, of the first key that is called like a secret; null when there is none. */
function findSecretKeyEnd(line: string): number | null {
  for (const { 0: match, 1: key = '', index } of line.matchAll(/["']?([^\s{},:="'[\]]+)["']?\s*[:=]/g)) {
    if (isSecretPath([key])) return index + match.length;
  }
  return null;
}

/** True when a line above, less indented, is a secret's key; or the one right above is, and this one is no key of its own. */
function belongsToSecret(lines: readonly string[], at: number): boolean {
  let indent = measureIndent(lines[at] ?? '');
  let isNext = !keyLine.test(lines[at] ?? '');
  for (let above = at - 1; above >= 0; above -= 1) {
    const line = lines[above] ?? '';
    if (line.trim() === '') continue;
    if ((isNext || measureIndent(line) < indent) && findSecretKeyEnd(line) !== null) return true;
    isNext = false;
    indent = Math.min(indent, measureIndent(line));
  }
  return false;
}

function measureIndent(line: string): number {
  return line.length - line.trimStart().length;
}
