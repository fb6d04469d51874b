// What a terminal or a CI runner would obey is shown; what a person reads stays as it is; a JSON text stays the same document.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visibleText } from '../../../src/model/text/visible-text.ts';
import { hostileText, obeyed } from '../../support/hostile-text.ts';

describe('shows', () => {
  test.each([
    ['a colour', 'a\u001b[31mb', 'a\\u001b[31mb'],
    ['a clipboard (OSC 52)', '\u001b]52;c;AAAA\u0007', '\\u001b]52;c;AAAA\\u0007'],
    ['the same in C1', '\u009d52;c;AAAA\u009c', '\\u009d52;c;AAAA\\u009c'],
    ['a carriage return', 'bad\rgood', 'bad\\u000dgood'],
    ['a tab', 'a\tb', 'a\\u0009b'],
    ['a bidirectional override', 'exe\u202etxt', 'exe\\u202etxt'],
    ['a blank without width', 'ex\u200b01', 'ex\\u200b01'],
    ['a tag', 'ex\u{e0041}', 'ex\\udb40\\udc41'],
    ['a half of a surrogate pair', 'ex\ud800', 'ex\\ud800'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['a command of GitHub', 'ok\n  ::stop-commands::x', 'ok\n  :\\u003astop-commands::x'],
    ['its older form', 'said ##[add-mask]x', 'said #\\u0023[add-mask]x'],
    ['one behind a third hash', '###[error]x', '##\\u0023[error]x'],
    ['a command of Azure', '##VSO[task.setvariable variable=a]b', '#\\u0023VSO[task.setvariable variable=a]b'],
    ['a section of GitLab', 'section_start:1:a', 'section_start\\u003a1:a'],
  ])('%s', (_, hostile, shown) => {
    expect(visibleText(hostile)).toBe(shown);
  });
});

test.each(['ex01: tcp 9933 on ipv4', 'fe80::1 and ::', 'Dienst läuft – 服务 서비스', '| # | ## |\n\n', '🙂'])(
  'leaves %j as it is',
  (text) => {
    expect(visibleText(text)).toBe(text);
  },
);

test('whatever it is given, nothing is obeyed, and a second time changes nothing', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const shown = visibleText(text);
      expect(obeyed(shown)).toEqual([]);
      expect(visibleText(shown)).toBe(shown);
    }),
  );
});

test('a JSON text stays the same document', () => {
  fc.assert(
    fc.property(fc.dictionary(hostileText, fc.array(hostileText)), (value) => {
      expect(JSON.parse(visibleText(JSON.stringify(value)))).toEqual(value);
    }),
  );
});
