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

/** Paints the sign before each line of a rendered plan, and the heads of its groups. The text itself stays as it is. */
export function paintSigns(text: string, paint: Paint): string {
  return text
    .split('\n')
    .map((line) => {
      const [, indent = '', sign = '', rest = ''] = /^( {2,6})([-+~!?i]|->)( .*)$/.exec(line) ?? [];
      const as = signs[sign];
      if (as !== undefined) return `${indent}${paint(as, sign)}${rest}`;
      return /^\S.*: (to change|to take back|blocked|unreachable|as wanted|as before the run)$/.test(line)
        ? paint('strong', line)
        : line;
    })
    .join('\n');
}
