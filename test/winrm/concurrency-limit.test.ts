import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createConcurrencyLimit } from '../../src/winrm/concurrency-limit.ts';

test('never more than the limit at once, all in the end, in their order, whatever fails', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.boolean(), { maxLength: 20 }),
      async (limit, fates) => {
        const gate = createConcurrencyLimit(limit);
        const begun: number[] = [];
        let running = 0;
        let most = 0;
        const ended = await Promise.allSettled(
          fates.map((isGood, index) =>
            gate(async () => {
              begun.push(index);
              running += 1;
              most = Math.max(most, running);
              await Promise.resolve();
              running -= 1;
              if (!isGood) throw new Error('bad');
            }),
          ),
        );
        expect(ended.map((one) => one.status === 'fulfilled')).toEqual(fates);
        expect(begun).toEqual(fates.map((_, index) => index));
        expect(most).toBeLessThanOrEqual(limit);
      },
    ),
  );
});
