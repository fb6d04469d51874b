// Windows console text cut into numbered lines, and what one may safely do with them: compare blanks, quote words for a person.
// It knows no layout and no language. Blanks: French programs print NBSP before punctuation (facts: windows.md section 1).

/**
 * What a reader made of an answer: its value, or one sentence on what is wrong with it, with the line number. `noise`: lines that are no
 * part of the answer, such as the error of a helper DLL; absent when there are none. `refused`: Windows did not answer at all, so there was
 * nothing to read.
 */
export type Reading<T> = { readonly value: T; readonly noise?: readonly Line[] } | Problem;

export interface Problem {
  readonly problem: string;
  readonly refused?: true | undefined;
}

/** A program that ended with an error in place of an answer. */
export function refusal(program: string, exitCode: number, text: string): Problem {
  const words = isBlank(text) ? '' : `: ${quoteWords(text)}`;
  return { problem: `${program} ended with exit code ${exitCode}${words}`, refused: true };
}

export interface Line {
  /** Counts from 1, as an editor does. */
  readonly number: number;
  /** Without blanks at either end; every other run of blanks is one space. */
  readonly text: string;
  readonly indented: boolean;
}

/** Unicode's blanks (with U+00A0, U+202F, U+3000), the byte order mark and the NUL that a UTF-16 pipe leaves behind. */
const blanks = /[\s\uFEFF\0]+/g;
const leadingBlank = /^[\s\uFEFF\0]/;

/** Nothing to make even: the usual line has no other blank than single spaces. */
const isEven = /^(?:[!-~]+(?: [!-~]+)*)?$/;

/** The lines of a text. CRLF, LF, CR and the doubled CR of some console programs all end a line. */
export function splitLines(text: string): readonly Line[] {
  return text
    .split(/\r*\n|\r/)
    .map((line, index) =>
      isEven.test(line)
        ? { number: index + 1, text: line, indented: false }
        : { number: index + 1, text: line.replace(blanks, ' ').trim(), indented: leadingBlank.test(line) },
    );
}

export function valueWithNoise<T>(
  value: T,
  noise: readonly Line[],
): { readonly value: T; readonly noise?: readonly Line[] } {
  return noise.length === 0 ? { value } : { value, noise };
}

/** The lines with words among the first ones, bar the last `count` of them, which are titles. */
export function linesBeforeTitles(lines: readonly Line[], count: number): readonly Line[] {
  const words = lines.filter((line) => line.text !== '');
  return words.slice(0, Math.max(0, words.length - count));
}

function isBlank(text: string): boolean {
  return text.replace(blanks, '') === '';
}

const longestQuote = 100;

/** The first words of a text in quotation marks, for a message to a person. Never to be decided by. */
export function quoteWords(text: string): string {
  const words = splitLines(text).find((line) => line.text !== '')?.text ?? '';
  return JSON.stringify(words.length > longestQuote ? `${words.slice(0, longestQuote)}...` : words);
}

/** `line 7: expected two numbers, got "x"` */
export function lineProblem(line: Line, expected: string): { readonly problem: string } {
  return { problem: `line ${line.number}: expected ${expected}, got ${quoteWords(line.text)}` };
}
