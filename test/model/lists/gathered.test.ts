// Parts are put together, in order, and nothing is lost or cut.
import { expect, test } from 'vitest';
import { gathered } from '../../../src/model/lists/gathered.ts';

test('short parts become few, the text stays the same', () => {
  const parts = Array.from({ length: 10_000 }, (_, index) => `row ${index}\n`);
  const made = [...gathered(parts)];
  expect(made.join('') === parts.join('')).toBe(true);
  expect(made).toHaveLength(2);
});

test('a part is never cut, and no text is no part', () => {
  const long = 'x'.repeat(200_000);
  expect([...gathered(['a', long, '', 'b'])]).toEqual([`a${long}`, 'b']);
  expect([...gathered(['', ''])]).toEqual([]);
});
