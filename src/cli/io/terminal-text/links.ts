// Hyperlinks of terminals (OSC 8) where there is one that has them; elsewhere the text alone. A link is marked by a control sequence of our own,
// as wide as nothing, and becomes a link where text is made safe (colours.ts), so that nobody else's text can be one.
// Source: "Hyperlinks in terminal emulators", gist egmontkob/eb114294efbcd5adb1944c9f3cb5feda; FORCE_HYPERLINK as supports-hyperlinks has it.

/** Of four digits, as the other numbers of our marks; beyond them, links are text. */
const firstNumber = 1000;
const lastNumber = 9999;
const endNumber = 999;

export interface LinkMarks {
  /** What to put around the text of a link to `url`; empty where there is no room for one more. */
  mark(url: string): readonly [before: number, after: number] | null;
  /** The sequence that a number stands for; null: it is no link's. */
  sequenceOf(number: number): string | null;
}

export function createLinkMarks(): LinkMarks {
  const urls: string[] = [];
  return {
    mark(url) {
      const known = urls.indexOf(url);
      if (known < 0 && firstNumber + urls.length > lastNumber) return null;
      const index = known < 0 ? urls.push(url) - 1 : known;
      return [firstNumber + index, endNumber];
    },
    sequenceOf(number) {
      if (number === endNumber) return '\x1b]8;;\x1b\\';
      const url = urls[number - firstNumber];
      return url === undefined ? null : `\x1b]8;;${url}\x1b\\`;
    },
  };
}

/** Programs whose terminals have them, by the variable that names them. */
const terminalsByProgram = ['iTerm.app', 'WezTerm', 'vscode', 'ghostty', 'Hyper', 'zed', 'rio'];

export function hasHyperlinks({ isTTY }: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  const forced = env['FORCE_HYPERLINK'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced.toLowerCase() !== 'false';
  if (isTTY !== true || (env['CI'] ?? '') !== '' || env['TERM'] === 'dumb') return false;
  if (Number(env['VTE_VERSION'] ?? '0') >= 5000) return true;
  if (terminalsByProgram.includes(env['TERM_PROGRAM'] ?? '')) return true;
  if (['xterm-kitty', 'alacritty', 'foot', 'xterm-ghostty'].includes(env['TERM'] ?? '')) return true;
  return ['WT_SESSION', 'KONSOLE_VERSION', 'DOMTERM'].some((name) => (env[name] ?? '') !== '');
}
