// Many questions as ONE command line, and the answer cut apart again: an echoed marker after each question carries its exit
// code. It saves a shell command, and so two HTTP requests, for every question but the first. Nothing is escaped here: a line
// that would need it is refused. Limits and expansion: `cmd /?`; 8191 characters is cmd's own limit for a line.
import { Failure } from '../model/failure.ts';

/** The longest line that cmd.exe carries out, in characters. */
const longestLine = 8191;

/**
 * What may stand in a line: nothing that cmd gives a meaning to (! % ^ & < > parentheses), bar the pipe and pairs of quotes.
 * The whole script stands in quotes for the shell around it, so the text between a line's own quotes is bare there.
 */
const plain = /^[A-Za-z0-9 _.,:=/\\$@~+{}|"-]+$/;

export interface ScriptPart {
  /** What the question printed, its last line end included. */
  readonly text: string;
  /** Unsigned 32-bit, like every exit code in the house. */
  readonly exitCode: number;
}

/**
 * One command line that runs all `lines` in order, each whatever became of the one before.
 * Throws Failure `command/too-long` above 8191 characters, and `internal/bug` for a line that would break the quoting.
 */
export function writeScript(lines: readonly string[]): string {
  for (const line of lines) refuseUnsafe(line);
  const marked = lines.map((line, index) => `${line} & echo #fencepost:${index + 1}:!errorlevel!#`);
  const script = `cmd /v:on /s /c "${marked.join(' & ')}"`;
  if (script.length > longestLine) {
    throw new Failure(
      'command/too-long',
      `the questions for this host make a command line of ${script.length} characters; cmd.exe takes ${longestLine}`,
      { hint: 'split the playbook into several with fewer services and ports each' },
    );
  }
  return script;
}

function refuseUnsafe(line: string): void {
  const outsideQuotes = line.split('"').filter((_, index) => index % 2 === 0);
  const insideQuotes = line.split('"').filter((_, index) => index % 2 === 1);
  const safe =
    plain.test(line) &&
    outsideQuotes.length === insideQuotes.length + 1 &&
    !insideQuotes.some((text) => text.includes('|')) &&
    line.split('|').every((command) => command.trim() !== '');
  if (!safe) throw new Failure('internal/bug', `a command line that cannot stand in a script: ${JSON.stringify(line)}`);
}

/**
 * Cuts the answer to `writeScript` apart. Every marker from 1 to `count` must be there once and in order, with nothing but
 * blanks after the last; else the answer is not whole, and `problem` says where it breaks off. Never throws.
 */
export function readScript(
  stdout: string,
  count: number,
): { readonly parts: readonly ScriptPart[] } | { readonly problem: string } {
  const parts: ScriptPart[] = [];
  let from = 0;
  // A program's text may end without a line end, so a marker may follow it on the same line.
  for (const match of stdout.matchAll(/#fencepost:(\d+):(-?\d{1,10})#[ \t]*(?:\r*\n)?/g)) {
    const expected = parts.length + 1;
    if (Number(match[1]) !== expected || expected > count) {
      return { problem: `expected the end of answer ${expected} of ${count}, got that of answer ${match[1] ?? ''}` };
    }
    parts.push({ text: stdout.slice(from, match.index), exitCode: Number(match[2]) >>> 0 });
    from = match.index + match[0].length;
  }
  if (parts.length < count) return { problem: `it ends before the end of answer ${parts.length + 1} of ${count}` };
  const rest = stdout.slice(from).trim();
  return rest === '' ? { parts } : { problem: `expected nothing after answer ${count}, got ${rest.length} characters` };
}
