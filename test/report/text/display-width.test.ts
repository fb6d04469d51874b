// Room on a terminal: wide scripts, combining marks, emoji and colours, in any mixture; no letter is cut in two.
import { styleText } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutDisplay, displayWidth, padDisplay, splitBreakable } from '../../../src/report/text/display-width.ts';
import { renderTable, wrapText } from '../../../src/report/text/table.ts';

test.each([
  ['ex01', 4],
  ['größer', 6],
  ['gro\u0308ßer', 6],
  ['保留', 4],
  ['예약됨', 6],
  ['👩‍💻', 2],
  ['', 0],
])('%s takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test('a colour takes no room', () => {
  expect(displayWidth(styleText('red', '保留', { validateStream: false }))).toBe(4);
});

/** Words as hosts print them: names, Japanese, combining marks, emoji. */
const letters = fc.constantFrom('a', 'Z', '9', '-', 'é', 'e\u0301', '保', '留', 'ポ', '한', '👩‍💻', '🔒', 'ñ');
const word = fc.array(letters, { minLength: 1, maxLength: 12 }).map((all) => all.join(''));

test('cells of a column end at the same place, whatever the script', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 8 }), (rows) => {
      const lines = renderTable(rows).split('\n').slice(0, -1);
      const second = lines.map((line, index) => displayWidth(line) - displayWidth(rows[index]?.[1] ?? ''));
      expect(new Set(second).size).toBe(1);
    }),
  );
});

test('lines fit wherever a blank or a wide letter allows it, and lose nothing', () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), fc.integer({ min: 30, max: 80 }), (words, width) => {
      const lines = wrapText(words.join(' '), '  - ', '    ', width).split('\n');
      expect(lines.every((line) => displayWidth(line) <= width)).toBe(true);
      const joined = lines.map((line) => line.slice(4)).join('');
      expect(joined.replaceAll(' ', '')).toBe(words.join(''));
    }),
  );
});

test('a long sentence without blanks is broken, a long command is not', () => {
  const sentence = 'ポートは既に使用されています。'.repeat(6);
  expect(wrapText(sentence, '', '').split('\n').length).toBeGreaterThan(1);
  const command = `reg.exe:${'x'.repeat(100)}`;
  expect(wrapText(`run ${command}`, '', '  ')).toBe(`run\n  ${command}`);
});

test('what is cut fits, and what fits is not cut', () => {
  fc.assert(
    fc.property(word, fc.integer({ min: 0, max: 30 }), (text, width) => {
      const shown = cutDisplay(text, width);
      expect(displayWidth(shown)).toBeLessThanOrEqual(width);
      expect(shown === text || shown === '' || shown.endsWith('…')).toBe(true);
      expect(shown === text).toBe(displayWidth(text) <= width);
    }),
  );
});

test('pieces joined are the word, and padding fills exactly', () => {
  fc.assert(
    fc.property(word, fc.integer({ min: 0, max: 40 }), (text, width) => {
      expect(splitBreakable(text).join('')).toBe(text);
      expect(displayWidth(padDisplay(text, width))).toBe(Math.max(width, displayWidth(text)));
    }),
  );
});
