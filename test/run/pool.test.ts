// Bounded parallel work: order kept, never more at once than allowed, never two with one key.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forEachHost } from '../../src/run/pool.ts';

test('keeps the order, the bound and the keys apart, however long each item takes', async () => {
  const item = fc.record({ key: fc.constantFrom(null, 'dag1', 'dag2'), turns: fc.nat(5) });
  await fc.assert(
    fc.asyncProperty(fc.array(item, { maxLength: 20 }), fc.integer({ min: 1, max: 5 }), async (items, concurrency) => {
      const now: (typeof items)[number][] = [];
      let most = 0;
      const results = await forEachHost(items, { concurrency, exclusiveKey: (one) => one.key }, async (one) => {
        const keys = [...now, one].map((other) => other.key).filter((key) => key !== null);
        expect(new Set(keys).size).toBe(keys.length);
        now.push(one);
        most = Math.max(most, now.length);
        for (let turn = 0; turn < one.turns; turn += 1) await Promise.resolve();
        now.splice(now.indexOf(one), 1);
        return one;
      });
      expect(results).toEqual(items);
      expect(most).toBeLessThanOrEqual(concurrency);
    }),
  );
});

test('waits for what is under way before it rejects', async () => {
  const ended: number[] = [];
  const work = forEachHost([1, 2, 3], { concurrency: 3 }, async (n) => {
    if (n === 1) throw new Error('the first');
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    ended.push(n);
  });
  await expect(work).rejects.toThrow('the first');
  expect(ended).toEqual([2, 3]);
});
