import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { groupBy } from '../../../src/model/lists/group-by.ts';

describe('groups by a key', () => {
  test('keep the order in which keys and items came', () => {
    const groups = groupBy(['b1', 'a1', 'b2'], (one) => one[0]);
    expect([...groups]).toEqual([
      ['b', ['b1', 'b2']],
      ['a', ['a1']],
    ]);
  });

  test('hold every item exactly once, under its own key', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20, max: 20 })), (items) => {
        const groups = groupBy(items, (one) => Math.abs(one) % 5);
        expect([...groups.values()].flat().toSorted()).toEqual(items.toSorted());
        for (const [key, group] of groups) expect(group.every((one) => Math.abs(one) % 5 === key)).toBe(true);
      }),
    );
  });
});
