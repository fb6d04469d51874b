// Columns and line breaks: aligned by characters, never cut, never wider than asked where there is a blank to break at.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { counted } from '../../../src/model/text/counted.ts';
import { renderTable, wrapText } from '../../../src/report/text/table.ts';

test('columns are aligned by what a terminal shows, without trailing blanks', () => {
  expect(renderTable([['HOST', 'STATE', ''], ['ex01', 'reserved', 'x'], ['größer', '保留', 'yy'], ['z']])).toBe(
    ['HOST    STATE', 'ex01    reserved  x', 'größer  保留      yy', 'z', ''].join('\n'),
  );
  expect(renderTable([])).toBe('');
});

test('one host, two hosts', () => {
  expect([counted(0, 'host'), counted(1, 'host'), counted(2, 'host')]).toEqual(['0 hosts', '1 host', '2 hosts']);
});

test('text is broken at blanks only, loses no word, and fits where a blank allows it', () => {
  const words = fc.array(fc.stringMatching(/^[a-zé–]{1,30}$/), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(words, (all) => {
      const lines = wrapText(all.join(' '), '  - ', '    ', 40).split('\n');
      expect(lines.join(' ').replace('  - ', '').split(/\s+/).filter(Boolean)).toEqual(all);
      expect(lines.every((line) => Array.from(line).length <= 40)).toBe(true);
      expect(lines.slice(1).every((line) => line.startsWith('    '))).toBe(true);
    }),
  );
});
