// Text on narrow terminals: no word is torn or lost, what fits is untouched, a command stays whole.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitLines, plainWidth } from '../../../../src/cli/io/terminal-text/fit-lines.ts';
import { displayWidth } from '../../../../src/report/text/display-width.ts';

const word = fc.oneof(
  fc.stringMatching(/^[a-z0-9.,:]{1,12}$/),
  fc.constantFrom('\u001b[31mrot\u001b[39m', '予約済み', 'zurückgerollt'),
);
const line = fc.tuple(fc.nat(6), fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), word), { maxLength: 20 })).map(
  ([lead, words]) =>
    ' '.repeat(lead) +
    words
      .map(([gap, one]) => one + ' '.repeat(gap))
      .join('')
      .trimEnd(),
);

test('all words stay, in order, and no line is wider than the terminal but by one word', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), fc.integer({ min: 20, max: 79 }), (lines, columns) => {
      const text = lines.join('\n');
      const fitted = fitLines(text, columns, displayWidth);
      const words = (all: string): readonly string[] => all.split(/\s+/).filter((one) => one !== '');
      expect(words(fitted)).toEqual(words(text));
      for (const one of fitted.split('\n')) {
        expect(displayWidth(one) <= columns || words(one).length === 1).toBe(true);
      }
    }),
  );
});

test('what fits, and everything without a terminal, is as it was', () => {
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = lines.join('\n');
      const widest = Math.max(0, ...lines.map(displayWidth));
      expect(fitLines(text, undefined, displayWidth)).toBe(text);
      expect(fitLines(text, Math.max(widest, 1), displayWidth)).toBe(text);
    }),
  );
});

describe('at 40 columns', () => {
  test.each([
    [
      '  ! the journal of this run is damaged in line 7, and so not shown',
      '  ! the journal of this run is damaged\n    in line 7, and so not shown',
    ],
    [
      '       sends     netsh interface ipv4 add excludedportrange',
      '       sends     netsh interface ipv4 add excludedportrange',
    ],
    [
      '  fix: fencepost rollback 20261205-220114-4f9a1c -i inventory/prod.yml',
      '  fix: fencepost rollback 20261205-220114-4f9a1c -i inventory/prod.yml',
    ],
    [
      '  \u001b[2mfix:\u001b[22m fencepost rollback 20261205-220114-4f9a1c -i inventory/prod.yml',
      '  \u001b[2mfix:\u001b[22m fencepost rollback 20261205-220114-4f9a1c -i inventory/prod.yml',
    ],
    [
      'See how each host stands: fencepost status 20261205-220114-4f9a1c',
      'See how each host stands:\n  fencepost status 20261205-220114-4f9a1c',
    ],
    [
      'settle it first: fencepost resume RUN -i a.yml, or: fencepost rollback RUN -i inventory/prod.yml',
      'settle it first: fencepost resume RUN -i\n  a.yml, or:\n  fencepost rollback RUN -i inventory/prod.yml',
    ],
    [
      '    make the plan with it: fencepost plan --concurrency N --out FILE',
      '    make the plan with it:\n      fencepost plan --concurrency N --out FILE',
    ],
    [
      '予約済みのポートは 再起動の後も そのままで サービスは 動いています',
      '予約済みのポートは 再起動の後も\n  そのままで サービスは 動いています',
    ],
  ])('%s', (text, fitted) => {
    expect(fitLines(text, 40, displayWidth)).toBe(fitted);
  });
});

test('until wide scripts are known, ASCII is measured without its colours and links', () => {
  expect(plainWidth('\u001b[31mex01\u001b[39m and \u001b]8;;file:///run\u001b\\a link\u001b]8;;\u001b\\')).toBe(15);
});
