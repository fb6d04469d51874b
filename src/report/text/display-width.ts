// How much room text takes on a terminal: wide scripts and emoji two columns, combining marks and colours none. Host output is in the
// language of its Windows, so this is not the number of characters. Source: Unicode UAX 11, by way of string-width. Pure.
import stringWidth from 'string-width';

/** Columns of a terminal. */
export function displayWidth(text: string): number {
  // Nearly all text; the rest costs a pass over its graphemes.
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);
}

export function padDisplay(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Made on first use: it takes 20 ms, and most output is ASCII. */
let graphemes: Intl.Segmenter | null = null;

function splitGraphemes(text: string): readonly string[] {
  // A letter of ASCII stands for itself; CR and LF are one grapheme.
  if (/^[\x20-\x7e]*$/.test(text)) return text.split('');
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/** The text if it fits, else its beginning and an ellipsis. No letter is cut in two. */
export function cutDisplay(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const letter of splitGraphemes(text)) {
    const next = used + displayWidth(letter);
    if (next > width - 1) break;
    kept += letter;
    used = next;
  }
  return width < 1 ? '' : `${kept}…`;
}

/** `failed-`, `rolled-`, `back`: where a word may be broken before it is broken anywhere. */
export function splitAtHyphens(word: string): readonly string[] {
  return word.split(/(?<=[A-Za-z0-9]-)/);
}

/** The text in lines of at most `width` columns: broken at blanks, and inside a word only where it is wider than that, behind a hyphen first. */
export function breakDisplay(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) <= width) {
      line += ` ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const piece of splitAtHyphens(word)) {
      if (line !== '' && displayWidth(line) + displayWidth(piece) > width) {
        lines.push(line);
        line = '';
      }
      for (const letter of splitGraphemes(piece)) {
        if (line !== '' && displayWidth(line) + displayWidth(letter) > width) {
          lines.push(line);
          line = '';
        }
        line += letter;
      }
    }
  }
  return [...lines, line];
}

/** Where a line may be broken inside a word: beside a wide letter, as Chinese and Japanese do without blanks; nowhere else. */
export function splitBreakable(word: string): readonly string[] {
  if (/^[\x20-\x7e]*$/.test(word)) return [word];
  const pieces: string[] = [];
  let wasWide = true;
  for (const letter of splitGraphemes(word)) {
    const isWide = displayWidth(letter) > 1;
    const last = pieces.at(-1);
    if (last === undefined || isWide || wasWide) pieces.push(letter);
    else pieces[pieces.length - 1] = last + letter;
    wasWide = isWide;
  }
  return pieces;
}
