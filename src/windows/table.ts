// netsh's two layouts: rows of two numbers and the star, and `label : number` lines. Words are never read, for every language
// of Windows has its own. Each line is a row or known to be frame; anything else fails the answer, so no row is ever lost.
// Layouts: facts windows.md section 1; netsh-samples (11 languages).
import { isPort } from '../model/port-range.ts';
import { lineProblem, splitLines } from './lines.ts';
import type { Line, Reading } from './lines.ts';

/** One row of an exclusion table: first and LAST port, as netsh prints them. */
export interface TableRow {
  readonly firstPort: number;
  readonly lastPort: number;
  readonly starred: boolean;
}

const twoDashes = /^-{3,} -{3,}$/;
const oneDash = /^-{3,}$/;
const row = /^(\d+) (\d+)( \*)?$/;
/** ASCII or full-width colon; the label is words only. */
const labelled = /^([^\p{N}:：]*[^\p{N}:： ]) ?[:：] ?(\d+)$/u;
const anyDigit = /\p{N}/u;
/** A number that stands by itself; the 4 of `IPv4` in a title does not. */
const loneNumber = /(?<![\p{L}\p{N}])\p{N}+(?![\p{L}\p{N}])/u;

/**
 * Reads a table of two numbers and an optional star, in the order printed; duplicates and overlaps are kept.
 *
 * Before the line of two dashes there may be words, but no number. The rows follow it without a gap. After them there may be
 * blank lines and one line of words with the star in it (the footnote explains the star in every language seen) and no digit.
 */
export function readTable(text: string): { readonly rows: readonly TableRow[] } | { readonly problem: string } {
  const rows: TableRow[] = [];
  let part: 'head' | 'rows' | 'gap' | 'foot' = 'head';
  for (const line of splitLines(text)) {
    if (part === 'head') {
      if (twoDashes.test(line.text)) part = 'rows';
      else if (loneNumber.test(line.text)) return lineProblem(line, 'the line of dashes before the first number');
    } else if (line.text === '') {
      if (part === 'rows') part = 'gap';
    } else if (part === 'foot') {
      return lineProblem(line, 'nothing after the footnote');
    } else if (isFootnote(line)) {
      part = 'foot';
    } else if (part === 'gap') {
      return lineProblem(line, 'only a footnote after the rows');
    } else {
      const read = readRow(line);
      if ('problem' in read) return read;
      rows.push(read.value);
    }
  }
  return part === 'head' ? { problem: 'there is no line of dashes, so this is no table' } : { rows };
}

function isFootnote(line: Line): boolean {
  return line.text.includes('*') && /\p{L}/u.test(line.text) && !anyDigit.test(line.text);
}

function readRow(line: Line): Reading<TableRow> {
  const match = row.exec(line.text);
  if (match === null) return lineProblem(line, 'two numbers and at most one star');
  const [firstPort, lastPort] = [Number(match[1]), Number(match[2])];
  if (!isPort(firstPort) || !isPort(lastPort)) return lineProblem(line, 'ports from 1 to 65535');
  if (lastPort < firstPort) return lineProblem(line, 'a last port that is not below the first');
  return { value: { firstPort, lastPort, starred: match[3] !== undefined } };
}

/**
 * Reads the numbers of `label : number` lines under a line of dashes, in the order printed.
 * Words may stand before the dashes; below them every line is blank or such a line.
 */
export function readLabelledNumbers(text: string): Reading<readonly number[]> {
  const numbers: number[] = [];
  let inHead = true;
  for (const line of splitLines(text)) {
    if (inHead) {
      if (oneDash.test(line.text)) inHead = false;
      else if (loneNumber.test(line.text)) return lineProblem(line, 'the line of dashes before the first number');
    } else if (line.text !== '') {
      const match = labelled.exec(line.text);
      if (match === null) return lineProblem(line, 'a label, a colon and a number');
      numbers.push(Number(match[2]));
    }
  }
  return inHead ? { problem: 'there is no line of dashes' } : { value: numbers };
}
