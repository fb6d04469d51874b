// I/O: whether a stream is painted (NO_COLOR, FORCE_COLOR and "is it a terminal" are Node's own rules in styleText), and the one place
// through which all text for a terminal or a CI log goes: what others wrote is made visible in it, our own colours stay. Ours are told
// from those that a host printed by two numbers that nobody outside this process knows.
import { randomInt } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { styleText } from 'node:util';
import { visibleText } from '../../model/text/visible-text.ts';
import type { Link, Paint } from '../../report/text/colour.ts';
import { createLinkMarks, hasHyperlinks } from './terminal-text/links.ts';

const styles = { good: 'green', bad: 'red', attention: 'yellow', quiet: 'dim', strong: 'bold' } as const;

/** Of four digits at most: then the mark is a control sequence to those who measure text (string-width). */
const ours = `${randomInt(1000, 10_000)};${randomInt(1000, 10_000)}`;
const ownColour = new RegExp(`\\x1b\\[${ours};(\\d+)m`, 'g');

export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (as, text) => {
    const [before = '', after = ''] = styleText(styles[as], '|', { validateStream: true, stream }).split('|');
    return `${markOurs(before)}${text}${markOurs(after)}`;
  };
}

const links = createLinkMarks();

/** Text that leads to a file, where the terminal has hyperlinks. */
export function linkFor(stream: NodeJS.WriteStream): Link {
  if (!hasHyperlinks(stream, process.env)) return (text) => text;
  return (text, file) => {
    // A path may hold anything; in a file's URL nothing acts on a terminal.
    const marks = links.mark(pathToFileURL(file).href);
    return marks === null ? text : `\x1b[${ours};${marks[0]}m${text}\x1b[${ours};${marks[1]}m`;
  };
}

function markOurs(sequence: string): string {
  return sequence.replace('\x1b[', `\x1b[${ours};`);
}

/** Text as it may be written to a terminal or a CI log. */
export function shownText(text: string): string {
  // Odd parts are the numbers of our own colours.
  return text
    .split(ownColour)
    .map((part, index) => (index % 2 === 1 ? (links.sequenceOf(Number(part)) ?? `\x1b[${part}m`) : visibleText(part)))
    .join('');
}

/** The same for annotations, one a line: `::error ...` and `::warning ...` stay what they are. */
export function shownAnnotations(lines: string): string {
  return lines
    .split('\n')
    .map((line) => {
      const [own = ''] = /^::(?:error|warning) /.exec(line) ?? [];
      return own + shownText(line.slice(own.length));
    })
    .join('\n');
}
