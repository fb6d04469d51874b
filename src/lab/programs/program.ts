// What every simulated program gets and gives, and the two small things they share: splitting arguments and joining lines.
import type { Machine } from '../machine/machine.ts';

export interface ProgramResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Unsigned 32-bit. */
  readonly exitCode: number;
  /** How long it ran. Default: no time. */
  readonly tookMs?: number;
}

export interface ProgramCall {
  readonly machine: Machine;
  readonly elevated: boolean;
  /** Everything after the program's name, as typed. */
  readonly rawArguments: string;
  /** The same, split and unquoted. */
  readonly words: readonly string[];
  readonly stdin: string;
  /** The text of a file; null when it is not there or may not be read. */
  readonly readFile: (name: string) => string | null;
  /** Runs another line in a shell of its own: `cmd /c <line>`. */
  readonly run: (line: string, stdin: string) => ProgramResult;
}

export type Program = (call: ProgramCall) => ProgramResult;

/** A result with text on standard output only. */
export function printOut(stdout: string, exitCode = 0): ProgramResult {
  return { stdout, stderr: '', exitCode };
}

export function printError(stderr: string, exitCode = 1): ProgramResult {
  return { stdout: '', stderr, exitCode };
}

/** Lines ended by CRLF. */
export function joinLines(...each: readonly string[]): string {
  let text = '';
  for (const line of each) text += `${line}\r\n`;
  return text;
}

/** One row of CSV as Windows' own tools print it: every field in quotes. */
export function quoteFields(fields: readonly string[]): string {
  return fields.map((field) => `"${field}"`).join(',');
}

/** Arguments as Microsoft's C runtime splits them: blanks separate outside quotes, quotes vanish, `\"` is a quote. */
export function splitArguments(raw: string): string[] {
  if (!raw.includes('"')) return raw.split(/\s+/).filter((one) => one !== '');
  const words: string[] = [];
  let word: string | null = null;
  let quoted = false;
  for (let at = 0; at < raw.length; at += 1) {
    const letter = raw[at] ?? '';
    if (letter === '\\' && raw[at + 1] === '"') {
      word = `${word ?? ''}"`;
      at += 1;
    } else if (letter === '"') {
      quoted = !quoted;
      word ??= '';
    } else if (!quoted && /\s/.test(letter)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = `${word ?? ''}${letter}`;
    }
  }
  if (word !== null) words.push(word);
  return words;
}
