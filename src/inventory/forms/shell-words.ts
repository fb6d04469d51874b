// A host line of an INI inventory -> its words, as Python's `shlex.split(line, comments=True)` cuts it, each with its column and with
// what was lost: a `#` within a word begins a comment there, and a backslash outside quotation marks goes. Pure.

export interface ShellWord {
  readonly text: string;
  /** Counted from 1. */
  readonly column: number;
  /** A `#` that was not quoted cut the word short. */
  readonly isCut: boolean;
  /** A backslash that was not quoted is gone. */
  readonly lostBackslash: boolean;
}

export type ShellWords =
  { readonly words: readonly ShellWord[]; readonly fault: null } | { readonly fault: string; readonly column: number };

export function cutShellWords(line: string): ShellWords {
  const words: ShellWord[] = [];
  let at = 0;
  for (;;) {
    while (/[ \t\r\n]/.test(line[at] ?? '')) at += 1;
    if (at >= line.length || line[at] === '#') return { words, fault: null };
    const column = at + 1;
    let text = '';
    let isCut = false;
    let lostBackslash = false;
    while (at < line.length && !/[ \t\r\n]/.test(line[at] ?? '')) {
      const sign = line[at] ?? '';
      if (sign === '#') {
        isCut = true;
        at = line.length;
      } else if (sign === "'" || sign === '"') {
        const quoted = readQuoted(line, at);
        if (quoted === null) return { fault: `the quotation mark ${sign} is never closed`, column: at + 1 };
        text += quoted.text;
        at = quoted.end;
      } else if (sign === '\\') {
        const next = line[at + 1];
        if (next === undefined) return { fault: 'nothing follows this backslash', column: at + 1 };
        lostBackslash = true;
        text += next;
        at += 2;
      } else {
        text += sign;
        at += 1;
      }
    }
    words.push({ text, column, isCut, lostBackslash });
  }
}

/** Between double quotation marks a backslash protects only `"` and itself. */
function readQuoted(line: string, start: number): { readonly text: string; readonly end: number } | null {
  const quote = line[start];
  let text = '';
  for (let at = start + 1; at < line.length; at += 1) {
    const sign = line[at] ?? '';
    if (sign === quote) return { text, end: at + 1 };
    const next = line[at + 1];
    if (quote === '"' && sign === '\\' && (next === '"' || next === '\\')) {
      text += next;
      at += 1;
    } else {
      text += sign;
    }
  }
  return null;
}
