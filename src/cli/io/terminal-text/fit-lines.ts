// Lines that are wider than the terminal: broken at blanks, so that no word is torn. Pure. What fits is as it was, byte for byte; a command
// stays one line, for a terminal that breaks it copies it whole. How wide a text is comes as an argument: what knows it is loaded late.

export type WidthOf = (text: string) => number;

/** Until more is known: of ASCII, without colours and links. */
export const plainWidth: WidthOf = (text) => text.replaceAll(/\x1b\[\d+m|\x1b\]8;;[^\x1b]*\x1b\\/g, '').length;

const indentMore = 2;

/** `columns`: of the terminal; undefined: there is none. */
export function fitLines(text: string, columns: number | undefined, widthOf: WidthOf): string {
  if (columns === undefined || columns < 1) return text;
  return text
    .split('\n')
    .map((line) => (widthOf(line) <= columns || isCommand(line) ? line : breakLine(line, columns, widthOf)))
    .join('\n');
}

function isCommand(line: string): boolean {
  return /^\s*(?:(?:fix:|next:|more:|sends|if needed|undo) +)?(?:\$ |fencepost |netsh |sc(?:\.exe)? |reg |curl )/.test(
    line.replaceAll(/\x1b\[\d+m/g, ''),
  );
}

/** A word with the blanks before it, or all of a command that is named at the end of its line, with no sentence behind it. */
const unbroken = /( *)((?<=:(?:\x1b\[\d+m)* )fencepost (?:(?![;,.] ).)+$|[^ ]+)/g;

function breakLine(line: string, columns: number, widthOf: WidthOf): string {
  const [lead = ''] = /^(?:\x1b\[\d+m)*[ ]*/.exec(line) ?? [];
  const room = Math.min(widthOf(lead) + indentMore, Math.floor(columns / 2));
  const indent = ' '.repeat(room);
  const lines: string[] = [];
  let kept = lead;
  let used = widthOf(lead);
  let isEmpty = true;
  // With the blanks before it, so that what is aligned on a line stays so.
  for (const [, blanks = '', word = ''] of line.slice(lead.length).matchAll(unbroken)) {
    const width = widthOf(word);
    if (!isEmpty && used + blanks.length + width > columns) {
      lines.push(kept);
      kept = indent + word;
      used = room + width;
    } else {
      kept += blanks + word;
      used += blanks.length + width;
    }
    isEmpty = false;
  }
  return [...lines, kept].join('\n');
}
