// netsh's two layouts: rows of two numbers and the star, and `label : number` lines. Words are never read, for every language
// of Windows has its own. Each line is a row, or surely none; one that could be a row but is none fails the answer, so no row is lost.
// Layouts: facts windows.md section 1; netsh-samples (11 languages). Lines that are no part of it: console-samples/netsh-*.
import { isPort } from '../model/port-range.ts';
import { lineProblem, linesBeforeTitles, splitLines, valueWithNoise } from './cmd/lines.ts';
import type { Line, Reading } from './cmd/lines.ts';

/** One row of an exclusion table: first and LAST port, as netsh prints them. */
interface TableRow {
  readonly firstPort: number;
  readonly lastPort: number;
  readonly starred: boolean;
}

type TableReading =
  { readonly rows: readonly TableRow[]; readonly noise?: readonly Line[] } | { readonly problem: string };

const twoDashes = /^-{3,} -{3,}$/;
const oneDash = /^-{3,}$/;
const row = /^(\d+) (\d+)( \*)?$/;
/** What a line must not be that has a label and a number, and is none of `labelled`. */
const numberAtEnd = /[:：] ?[\p{N} ]+$/u;
/** ASCII or full-width colon; the label is words only. */
const labelled = /^([^\p{N}:：]*[^\p{N}:： ]) ?[:：] ?(\d+)$/u;
const anyDigit = /\p{N}/u;
/** The star is explained below the rows in every language seen. */
const footnote = /^\* .*\p{L}/u;

/** The titles above the dashes: of a table, its name and those of the columns. */
const tableTitles = 2;
const rangeTitles = 1;

/**
 * Whether a line could be a row, or the star of one, whole or damaged: a row has no letter, a line of words has more than a few.
 */
function couldBeRow({ text }: Line): boolean {
  if (row.test(text)) return true;
  const hasStar = text.includes('*');
  if (!hasStar && !anyDigit.test(text)) return false;
  const letters = (text.match(/\p{L}/gu) ?? []).length;
  return (letters <= 2 && anyDigit.test(text)) || (hasStar && letters === 0);
}

/**
 * Reads a table of two numbers and an optional star, in the order printed; duplicates and overlaps are kept.
 *
 * The rows stand under a line of two dashes. Other lines may stand anywhere: they are noise, bar the titles and one footnote. What could
 * be a row must be one and stand where rows stand: below the dashes, above the footnote, with no blank line alone between two of them.
 */
export function readTable(text: string): TableReading {
  const lines = splitLines(text);
  const dashes = lines.findIndex((line) => twoDashes.test(line.text));
  const head = lines.slice(0, dashes === -1 ? lines.length : dashes);
  const strayRow = head.find(couldBeRow);
  if (strayRow !== undefined) return lineProblem(strayRow, 'the line of dashes before the first number');
  if (dashes === -1) return { problem: 'there is no line of dashes, so this is no table' };

  const rows: TableRow[] = [];
  const noise = [...linesBeforeTitles(head, tableTitles)];
  let isBelow = false;
  /** What stands between the last row and this line. */
  let since: 'nothing' | 'blank' | 'noise' = 'nothing';
  for (const line of lines.slice(dashes + 1)) {
    if (line.text === '') {
      if (since === 'nothing') since = 'blank';
    } else if (couldBeRow(line)) {
      if (isBelow) return lineProblem(line, 'nothing after the footnote');
      if (since === 'blank') return lineProblem(line, 'only a footnote after the rows');
      const read = readRow(line);
      if ('problem' in read) return read;
      rows.push(read.value);
      since = 'nothing';
    } else if (twoDashes.test(line.text)) {
      return lineProblem(line, 'one line of dashes');
    } else if (footnote.test(line.text) && !isBelow) {
      isBelow = true;
    } else {
      noise.push(line);
      since = 'noise';
    }
  }
  return noise.length === 0 ? { rows } : { rows, noise };
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
 * Reads the numbers of `label : number` lines under a line of dashes, in the order printed. Other lines may stand anywhere: they are
 * noise, bar the title. Such a line above the dashes, or a bare number anywhere, fails the answer.
 */
export function readLabelledNumbers(text: string): Reading<readonly number[]> {
  const lines = splitLines(text);
  const dashes = lines.findIndex((line) => oneDash.test(line.text));
  const head = lines.slice(0, dashes === -1 ? lines.length : dashes);
  const stray = head.find((line) => labelled.test(line.text) || couldBeRow(line));
  if (stray !== undefined) return lineProblem(stray, 'the line of dashes before the first number');
  if (dashes === -1) return { problem: 'there is no line of dashes' };

  const numbers: number[] = [];
  const noise = [...linesBeforeTitles(head, rangeTitles)];
  for (const line of lines.slice(dashes + 1)) {
    const match = labelled.exec(line.text);
    if (match !== null) numbers.push(Number(match[2]));
    else if (numberAtEnd.test(line.text) || couldBeRow(line)) return lineProblem(line, 'a label, a colon and a number');
    else if (line.text !== '') noise.push(line);
  }
  return valueWithNoise(numbers, noise);
}
