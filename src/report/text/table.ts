// Rows of text in aligned columns, and text broken into lines. Widths are those of a terminal (display-width.ts); nothing is cut, so that
// a script can rely on what it greps.
import { breakDisplay, displayWidth, padDisplay, splitAtHyphens, splitBreakable } from './display-width.ts';
import { drawTogether } from './host-ranges.ts';

/** A table without lines: two blanks between columns, no trailing blanks, one row a line, ending in a newline. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => displayWidth(row[column] ?? ''))),
  );
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => padDisplay(cell, widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** A column that is made narrower than this can't be read. */
const leastWidth = 10;
const gap = 2;

/**
 * The same for a terminal of `width` columns, the first row being the heads: a table that is wider has its widest columns broken into
 * lines, between words while that is enough, then behind hyphens, and never inside the first word of a row, its name; or, where that is
 * not enough, each row is a list under its heads. Nothing is cut. `width` undefined: no terminal, so one row a line.
 */
export function renderFittingTable(rows: readonly (readonly string[])[], width: number | undefined): string {
  const [heads = []] = rows;
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => displayWidth(row[column] ?? ''))));
  const room = (width ?? Infinity) - gap * (heads.length - 1);
  if (sum(widths) <= room) return renderTable(rows);
  const words = heads.map((_, column) => Math.max(leastWidth, ...rows.map((row) => longestWord(row[column] ?? ''))));
  const pieces = words.map((one, column) =>
    column === 0 ? one : Math.max(leastWidth, ...rows.map((row) => longestPiece(row[column] ?? ''))),
  );
  const letters = words.map((one, column) => (column === 0 ? one : leastWidth));
  const fitted = [words, pieces, letters].map((least) => narrow(widths, least, room)).find((one) => sum(one) <= room);
  if (fitted === undefined) return renderLists(rows, width ?? 80);
  return renderTable(
    rows.flatMap((row) => {
      const cells = fitted.map((one, column) => breakDisplay(row[column] ?? '', one));
      const lines = Math.max(...cells.map((one) => one.length));
      return Array.from({ length: lines }, (_, line) => cells.map((one) => one[line] ?? ''));
    }),
  );
}

/** The widths, the widest of them narrower until they fit or each is at its least. */
function narrow(widths: readonly number[], least: readonly number[], room: number): readonly number[] {
  const narrowed = [...widths];
  while (sum(narrowed) > room) {
    const spare = narrowed.map((one, column) => (one > (least[column] ?? 0) ? one : 0));
    const widest = Math.max(...spare);
    if (widest === 0) break;
    narrowed[spare.indexOf(widest)] = widest - 1;
  }
  return narrowed;
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, one) => total + one, 0);
}

function longestWord(text: string): number {
  return Math.max(...text.split(' ').map(displayWidth));
}

function longestPiece(text: string): number {
  return Math.max(...text.split(' ').flatMap(splitAtHyphens).map(displayWidth));
}

function renderLists([heads = [], ...rows]: readonly (readonly string[])[], width: number): string {
  const labels = Math.max(0, ...heads.map(displayWidth));
  const indent = ' '.repeat(labels + gap);
  return rows
    .map((row) =>
      heads
        .map((head, column) => {
          const lines = breakDisplay(row[column] ?? '', Math.max(1, width - indent.length));
          return lines.map((line, at) => `${at === 0 ? padDisplay(head, indent.length) : indent}${line}`.trimEnd());
        })
        .flat()
        .map((line) => `${line}\n`)
        .join(''),
    )
    .join('\n');
}

/** Names in a row, broken into lines of at most `width` characters and indented. */
export function wrapNames(hosts: readonly string[], indent: string, width = 80): string {
  const names = drawTogether(hosts);
  const lines: string[] = [];
  let line = indent;
  for (const [index, name] of names.entries()) {
    const word = index === names.length - 1 ? name : `${name},`;
    if (line.trim() !== '' && displayWidth(line) + displayWidth(word) + 1 > width) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line].join('\n');
}

/**
 * Text broken at blanks, and beside wide letters, into lines of at most `width` columns; later lines start with `indent`. A word that is
 * wider than that stays whole, so that a command or a path can be copied.
 */
export function wrapText(text: string, first: string, indent: string, width = 80): string {
  const lines: string[] = [];
  let line = first;
  let used = displayWidth(first);
  let isEmpty = true;
  for (const word of text.split(/\s+/)) {
    for (const [index, piece] of splitBreakable(word).entries()) {
      const blank = isEmpty || index > 0 ? '' : ' ';
      const needed = displayWidth(piece) + blank.length;
      if (!isEmpty && used + needed > width) {
        lines.push(line);
        line = indent + piece;
        used = displayWidth(indent) + displayWidth(piece);
      } else {
        line += blank + piece;
        used += needed;
      }
      isEmpty = false;
    }
  }
  return [...lines, line].join('\n');
}
