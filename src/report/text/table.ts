// Rows of text in aligned columns. Widths count characters, not bytes; nothing is cut, so that a script can rely on what it greps.
import { drawTogether } from './names.ts';

/** A table without lines: two blanks between columns, no trailing blanks, one row a line, ending in a newline. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => pad(cell, widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** `1 host`, `3 hosts` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Names in a row, broken into lines of at most `width` characters and indented. */
export function wrapNames(hosts: readonly string[], indent: string, width = 80): string {
  const names = drawTogether(hosts);
  const lines: string[] = [];
  let line = indent;
  for (const [index, name] of names.entries()) {
    const word = index === names.length - 1 ? name : `${name},`;
    if (line.trim() !== '' && widthOf(line) + widthOf(word) + 1 > width) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line].join('\n');
}

/** Text broken at blanks into lines of at most `width` characters; later lines begin with `indent`. */
export function wrapText(text: string, first: string, indent: string, width = 80): string {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(/\s+/)) {
    if (!empty && widthOf(line) + widthOf(word) + 1 > width) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join('\n');
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - widthOf(cell)));
}

function widthOf(text: string): number {
  return Array.from(text).length;
}
