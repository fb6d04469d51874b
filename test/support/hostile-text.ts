// Text as a hostile host, inventory or playbook may write it, and what of a printed text a terminal or a CI runner would obey. It knows
// nothing of how Fencepost shows such text.
import fc from 'fast-check';
import { anyCharacter } from './any-character.ts';

const tricks = [
  '\u001b[2J',
  '\u001b[31m',
  '\u001b]52;c;ZXZpbA==\u0007',
  '\u001b]8;;http://evil.example\u001b\\click\u001b]8;;\u001b\\',
  '\u009b31m',
  '\u202e',
  '\u2066',
  '\u200b',
  '\ufeff',
  '\u{e0041}',
  '\u2028',
  '\ud800',
  '\r',
  '\n',
  '\t',
  '\b',
  '\u007f',
  '::error::x',
  '::stop-commands::t',
  '\n::add-mask::x',
  '##[add-mask]x',
  '##vso[task.complete]',
  'section_start:1:a\r\u001b[0K',
  '<img src=x onerror=alert(1)>',
  '[a](http://evil.example)',
  'http://evil.example',
  '| a | b |',
  '"',
  "'",
  '&',
  ']]>',
  '-->',
  '</script>',
] as const;

/** With some plain letters between. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...tricks), fc.string({ unit: anyCharacter, maxLength: 4 }), fc.constant(' ab')), {
    maxLength: 8,
  })
  .map((parts) => parts.join(''));

/** Fencepost's own colours: bold, dim, red, green, yellow, and the ends of each. */
const ownColour = /\u001b\[(?:1|2|22|31|32|33|39)m/g;

const orders: Readonly<Record<string, RegExp>> = {
  control: /[^\n\P{Cc}]/gu,
  invisible: /[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
  'command of GitHub': /^\s*::/gm,
  'command in brackets': /##(?:vso|teamcity)?\[/gi,
  'section of GitLab': /section_(?:start|end):/g,
};

/** What a terminal or a runner would obey, or a person not see. `painted`: our own colours are no part of it. */
export function obeyed(text: string, painted = false): readonly string[] {
  const plain = painted ? text.replaceAll(ownColour, '') : text;
  return Object.entries(orders).flatMap(([name, pattern]) =>
    [...plain.matchAll(pattern)].map((found) => `${name} ${JSON.stringify(found[0])} at ${found.index}`),
  );
}
