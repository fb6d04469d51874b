// Colour as an argument: reports say what a word is, the door decides whether and how it is painted.

export type Paint = (as: 'good' | 'bad' | 'attention' | 'quiet' | 'strong', text: string) => string;

const signs: Readonly<Record<string, Parameters<Paint>[0]>> = {
  '+': 'good',
  '-': 'bad',
  '~': 'attention',
  '!': 'bad',
  '?': 'attention',
  i: 'quiet',
  '->': 'quiet',
};

/** Of a doctor's checks, where `-` is what need not be checked. */
const checkSigns: typeof signs = { ...signs, ok: 'good', '-': 'quiet', '.': 'quiet' };

/** Paints the sign before each line of a rendered plan or list of failures, and the heads of its groups. The text itself stays as it is. */
export function paintSigns(text: string, paint: Paint): string {
  return paintLines(text, signs, paint);
}

/** The same for what a doctor found. */
export function paintChecks(text: string, paint: Paint): string {
  return paintLines(text, checkSigns, paint);
}

function paintLines(text: string, colours: typeof signs, paint: Paint): string {
  return text
    .split('\n')
    .map((line) => {
      const [, indent = '', sign = '', rest = ''] = /^( {2,8})([-+~!?i.]|->|ok)( .*)$/.exec(line) ?? [];
      const as = colours[sign];
      if (as !== undefined) return `${indent}${paint(as, sign)}${rest}`;
      return /^\S.*: (to change|to take back|blocked|unreachable|as wanted|as before the run|not collected|(?:not )?in order)$/.test(
        line,
      )
        ? paint('strong', line)
        : line;
    })
    .join('\n');
}
