// findstr and find: the lines of their input that contain a text. Input comes from the pipe; there are no files to search.
// Switches and the limited pattern language: the help texts of both tools (general knowledge, no recording in the facts). What findstr
// misses: SS64's page of findstr, "Bugs".
import { printError, joinLines, printOut } from './program.ts';
import type { ProgramCall, ProgramResult } from './program.ts';

interface Search {
  readonly patterns: readonly RegExp[];
  readonly inverted: boolean;
}

/** `findstr [/i] [/v] [/r] [/l] [/x] [/b] [/e] [/c:"text" ...] [words]`: exit 0 with a hit, 1 without, 2 when it has no text. */
export function findstr(call: ProgramCall): ProgramResult {
  const search = readSearch(call.words);
  if (search === null) return printError(joinLines('FINDSTR: Bad command line'), 2);
  const found = splitInput(call.stdin).filter((line) => {
    const hit = search.patterns.some((pattern) => pattern.test(line));
    return hit !== search.inverted;
  });
  return printOut(joinLines(...found), found.length > 0 ? 0 : 1);
}

/** `find [/i] [/v] [/c] "text"`. */
export function find(call: ProgramCall): ProgramResult {
  const switches = call.words.filter((word) => word.startsWith('/')).map((word) => word.toLowerCase());
  const text = call.words.find((word) => !word.startsWith('/'));
  if (text === undefined) return printError(joinLines('FIND: Parameter format not correct'), 2);
  const pattern = new RegExp(escapePattern(text), switches.includes('/i') ? 'i' : '');
  const found = splitInput(call.stdin).filter((line) => pattern.test(line) !== switches.includes('/v'));
  const out = switches.includes('/c') ? joinLines(String(found.length)) : joinLines(...found);
  return printOut(out, found.length > 0 ? 0 : 1);
}

function readSearch(words: readonly string[]): Search | null {
  const flags = new Set<string>();
  const whole: string[] = [];
  const free: string[] = [];
  for (const word of words) {
    const literal = /^\/c:(.*)$/is.exec(word);
    if (literal !== null) whole.push(literal[1] ?? '');
    else if (word.startsWith('/')) for (const flag of word.slice(1).toLowerCase()) flags.add(flag);
    // Without /c: the first word is the search text, its blanks separate alternatives; the rest would be files.
    else if (free.length === 0 && whole.length === 0) free.push(...word.split(' ').filter((part) => part !== ''));
  }
  const texts = [...whole, ...free];
  if (texts.length === 0) return null;
  // /c: is literal unless /r is given; free words are patterns unless /l is given.
  const isLiteral = (text: string): boolean => (whole.includes(text) ? !flags.has('r') : flags.has('l'));
  const asPattern = (text: string): string => (isLiteral(text) ? escapePattern(text) : translatePattern(text));
  const missed = flags.has('i') ? new Set<string>() : findMissed(texts.filter(isLiteral));
  const sought = texts.filter((text) => !missed.has(text));
  return {
    inverted: flags.has('v'),
    patterns: sought.map((text) => {
      const start = flags.has('x') || flags.has('b') ? '^' : '';
      const end = flags.has('x') || flags.has('e') ? '$' : '';
      return new RegExp(`${start}${asPattern(text)}${end}`, flags.has('i') ? 'i' : '');
    }),
  };
}

/**
 * The literal texts that are not found: while the case is minded, a shorter one that overlaps a longer one. Which overlaps it takes nobody
 * has said, so one character in common is enough here.
 */
function findMissed(literals: readonly string[]): ReadonlySet<string> {
  const overlaps = (short: string, long: string): boolean =>
    short.length < long.length && short.split('').some((character) => long.includes(character));
  return new Set(literals.filter((text) => literals.some((other) => overlaps(text, other))));
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** findstr's own pattern language: . * ^ $ [class] \< \> \x. Anything else stands for itself. */
function translatePattern(text: string): string {
  const tokens = text.matchAll(/\\[<>]|\\.|\[\^?[^\]\\[]+\]|[.*^$]|[\s\S]/g);
  let pattern = '';
  for (const [token] of tokens) {
    if (token === '\\<' || token === '\\>') pattern += '\\b';
    else if (token === '*') pattern += pattern === '' || /(?:^|[^\\])\*$/.test(pattern) ? '' : '*';
    else if (token === '.' || token === '^' || token === '$') pattern += token;
    else if (token.length > 2 && token.startsWith('[')) pattern += checkClass(token);
    else pattern += escapePattern(token.length === 2 ? token.slice(1) : token);
  }
  return isPattern(pattern) ? pattern : escapePattern(text);
}

function checkClass(token: string): string {
  return isPattern(token) ? token : escapePattern(token);
}

function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}

function splitInput(text: string): string[] {
  const all = text.split(/\r?\n/);
  if (all.at(-1) === '') all.pop();
  return all;
}
