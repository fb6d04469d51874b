import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expandHostRanges } from '../../src/inventory/host-ranges.ts';

test.each<[string, readonly string[], number | null]>([
  ['ex01.corp', ['ex01.corp'], null],
  ['ex[1:3]', ['ex1', 'ex2', 'ex3'], null],
  ['ex[008:010]', ['ex008', 'ex009', 'ex010'], null],
  ['ex[8:10]', ['ex8', 'ex9', 'ex10'], null],
  ['ex[0:1]', ['ex0', 'ex1'], null],
  ['ex[1:10:4]', ['ex1', 'ex5', 'ex9'], null],
  ['[a:e:2]x', ['ax', 'cx', 'ex'], null],
  ['[y:B]', ['y', 'z', 'A', 'B'], null],
  ['[1:2][a:b]', ['1a', '1b', '2a', '2b'], null],
  ['ex[1:2]:5986', ['ex1', 'ex2'], 5986],
  ['192.0.2.[8:9]:80', ['192.0.2.8', '192.0.2.9'], 80],
  ['2001:db8::7', ['2001:db8::7'], null],
  ['[2001:db8::7]', ['2001:db8::7'], null],
  ['[2001:db8::7]:5986', ['2001:db8::7'], 5986],
  ['[1:2:3:4:5:6:7:8]', ['1:2:3:4:5:6:7:8'], null],
])('%s', (written, names, port) => {
  expect(expandHostRanges(written)).toEqual({ names, port, fault: null });
});

test('a numeric range has (last - first) / step + 1 names, each padded as its ends are', () => {
  const ends = fc.tuple(fc.nat(300), fc.nat(300), fc.integer({ min: 1, max: 9 }));
  fc.assert(
    fc.property(ends, fc.integer({ min: 3, max: 5 }), ([first, more, step], width) => {
      const pad = (value: number): string => String(value).padStart(width, '0');
      const expanded = expandHostRanges(`ex[${pad(first)}:${pad(first + more)}:${step}].corp`);
      if (expanded.fault !== null) expect.fail(expanded.fault);
      expect(expanded.names).toHaveLength(Math.floor(more / step) + 1);
      for (const [at, name] of expanded.names.entries()) {
        const value = first + at * step;
        expect(name).toBe(`ex${first >= 10 ** (width - 1) ? String(value) : pad(value)}.corp`);
      }
    }),
  );
});

test('any text is expanded or refused, never thrown at, and a name never keeps a bracket', () => {
  const sign = fc.constantFrom('[', ']', ':', '0', '1', '9', 'a', 'z', '-', '.', '/', ' ');
  fc.assert(
    fc.property(fc.array(sign, { maxLength: 14 }), (signs) => {
      const expanded = expandHostRanges(signs.join(''));
      if (expanded.fault === null) for (const name of expanded.names) expect(name).not.toMatch(/[[\] ]/);
    }),
    { numRuns: 2000 },
  );
});
