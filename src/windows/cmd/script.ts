// Many questions as ONE command line, and the answer cut apart again: an echoed marker before the first and after each question carries
// its exit code. It saves a shell command, and so two HTTP requests, for every question but the first. Nothing is escaped here: a line
// that would need it is refused. Limits and expansion: `cmd /?`; 8191 characters is cmd's own limit for a line.
import { Failure } from '../../model/failure.ts';
import { callByPath, cmdCall } from './programs.ts';

/** The longest line that cmd.exe carries out, in characters; `C:\Windows` is shorter than the variable that stands for it. */
export const longestLine = 8191;

/**
 * What may stand in a line: nothing that cmd gives a meaning to (! % ^ & < > parentheses), bar the pipe and pairs of quotes.
 * The whole script stands in quotes for the shell around it, so the text between a line's own quotes is bare there.
 */
const plain = /^[A-Za-z0-9 _.,:=/\\$@~+{}|"*[\]-]+$/;

const nonceForm = /^[0-9a-f]{12}$/;
/** Stands for all of them where only the length of a line is asked. */
export const someNonce = '0'.repeat(12);

export interface ScriptPart {
  /** What the question printed, its last line end included. */
  readonly text: string;
  /** Unsigned 32-bit, like every exit code in the house. */
  readonly exitCode: number;
}

/** Lines that may be sent together, as often as one likes. */
export interface PreparedScript {
  /** As they are sent, without the markers. */
  readonly commands: readonly string[];
}

/** One command line, to be sent once, and what its answer is known by. */
export interface Script {
  readonly line: string;
  readonly nonce: string;
  /** How many answers there are. */
  readonly count: number;
}

/**
 * Throws Failure `command/too-long` for more than fits into 8191 characters, and `internal/bug` for a line that would break the
 * quoting or calls a program that is not known.
 */
export function prepareScript(lines: readonly string[]): PreparedScript {
  for (const line of lines) refuseUnsafe(line);
  const prepared = { commands: lines.map(callByPath) };
  const { length } = writeScript(prepared, someNonce).line;
  if (length > longestLine) {
    throw new Failure(
      'command/too-long',
      `the questions for this host make a command line of ${length} characters; cmd.exe takes ${longestLine}`,
      { hint: 'split the playbook into several with fewer services and ports each' },
    );
  }
  return prepared;
}

/**
 * The command line that runs all of it in order, each whatever became of the one before. `nonce`: 12 hex digits that nobody could
 * know before, so that nothing that another program prints can pass for a marker. The markers' `!errorlevel!` is expanded only
 * when they are carried out: a line that is merely printed (by an AutoRun, by `echo on`) has no marker in it.
 */
export function writeScript({ commands }: PreparedScript, nonce: string): Script {
  return joinMarked(commands, nonce);
}

/**
 * The same of commands that are escaped already and call every program by its path. Whoever makes them answers for quoting and
 * length.
 */
export function joinMarked(commands: readonly string[], nonce: string): Script {
  return writeMarked(
    commands.map((command, index) => `${command} & ${writeMarker(nonce, index + 1)}`),
    nonce,
  );
}

/** The marker behind the answer of that number. */
export function writeMarker(nonce: string, number: number): string {
  return `echo #fencepost:${nonce}:${number}:!errorlevel!#`;
}

/** A line of pieces, each with its own marker at its end. */
export function writeMarked(pieces: readonly string[], nonce: string, count: number = pieces.length): Script {
  if (!nonceForm.test(nonce)) throw new Failure('internal/bug', 'a command line needs a nonce of 12 hex digits');
  return { line: `${cmdCall} "${[writeMarker(nonce, 0), ...pieces].join(' & ')}"`, nonce, count };
}

/** Throws Failure `internal/bug` for a command that could be more than one, or mean something to cmd. */
export function refuseUnsafe(line: string): void {
  const pieces = line.split('"');
  // Outside and inside of quotes in turn, and the last one outside.
  const safe =
    plain.test(line) &&
    pieces.length % 2 === 1 &&
    !pieces.some((text, index) => index % 2 === 1 && text.includes('|')) &&
    line.split('|').every((command) => command.trim() !== '');
  if (!safe) throw new Failure('internal/bug', `a command line that cannot stand in a script: ${JSON.stringify(line)}`);
}

/**
 * Cuts the answer to a script apart. What stands before its first marker is not ours (a cmd AutoRun prints there) and is dropped.
 * Every marker must then be there once and in order, with nothing but blanks after the last; else the answer is not whole, and
 * `problem` says where it breaks off. Never throws.
 */
export function readScript(
  { nonce, count }: Pick<Script, 'nonce' | 'count'>,
  stdout: string,
): { readonly parts: readonly ScriptPart[] } | { readonly problem: string } {
  const parts: ScriptPart[] = [];
  let from: number | null = null;
  // A program's text may end without a line end, so a marker may follow it on the same line.
  const markers = new RegExp(`#fencepost:${nonce}:(\\d+):(-?\\d{1,10})#[ \\t]*(?:\\r*\\n)?`, 'g');
  for (const match of stdout.matchAll(markers)) {
    const [, number, exitCode] = match;
    const expected = from === null ? 0 : parts.length + 1;
    if (Number(number) !== expected || expected > count) {
      return { problem: `expected ${describeMarker(expected, count)}, got that of answer ${number ?? ''}` };
    }
    if (from !== null) parts.push({ text: stdout.slice(from, match.index), exitCode: Number(exitCode) >>> 0 });
    from = match.index + match[0].length;
  }
  if (from === null) return { problem: 'it has no answer to what was asked' };
  if (parts.length < count) return { problem: `it ends before the end of answer ${parts.length + 1} of ${count}` };
  const rest = stdout.slice(from).trim();
  return rest === '' ? { parts } : { problem: `expected nothing after answer ${count}, got ${rest.length} characters` };
}

function describeMarker(number: number, count: number): string {
  return number === 0 ? 'the start' : `the end of answer ${number} of ${count}`;
}
