import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandServerNames } from '../../../src/lab/scenario/server-names.ts';
import { drawTogether } from '../../../src/report/text/host-ranges.ts';

const series = (prefix: string, from: number, to: number, suffix = ''): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `${prefix}${String(from + index).padStart(3, '0')}${suffix}`);

describe('host names drawn together', () => {
  it('leaves a few names alone', () => {
    expect(drawTogether(series('ex', 1, 19))).toEqual(series('ex', 1, 19));
  });

  it('draws runs together and keeps the order', () => {
    const names = [...series('ex', 1, 30, '.corp.example'), 'fs01', ...series('ex', 32, 40, '.corp.example')];
    expect(drawTogether(names)).toEqual(['ex[001:030].corp.example', 'fs01', 'ex[032:040].corp.example']);
  });

  it('does not draw together what has another width or another domain', () => {
    const names = [...series('ex', 1, 20), 'ex21', ...series('ex', 21, 23, '.a')];
    expect(drawTogether(names)).toEqual(['ex[001:020]', 'ex21', 'ex[021:023].a']);
  });

  it('expands to the same names again', () => {
    const name = fc.tuple(
      fc.constantFrom('ex', 'mail-', 'dag2x'),
      fc.integer({ min: 0, max: 120 }),
      fc.constantFrom('', '.corp'),
    );
    fc.assert(
      fc.property(fc.array(name, { minLength: 20, maxLength: 80 }), (parts) => {
        const names = parts
          .map(([prefix, number, suffix]) => `${prefix}${String(number).padStart(3, '0')}${suffix}`)
          .sort();
        const unique = [...new Set(names)];
        const expanded = drawTogether(unique).flatMap((one) => expandServerNames(one));
        expect(expanded).toEqual(unique);
      }),
    );
  });
});
