// Bounded parallel work: order kept, never more at once than allowed, never two with one key.
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forEachHost } from '../../../src/run/fleet/pool.ts';

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
}

test('keeps the order, the bound and the keys apart, however long each item takes', async () => {
  const item = fc.record({ key: fc.constantFrom(null, 'dag1', 'dag2'), turns: fc.nat(5) });
  await fc.assert(
    fc.asyncProperty(fc.array(item, { maxLength: 20 }), fc.integer({ min: 1, max: 5 }), async (items, concurrency) => {
      const now: (typeof items)[number][] = [];
      let most = 0;
      const started: (typeof items)[number][] = [];
      const indexOf = new Map<number, (typeof items)[number]>();
      await forEachHost(items, { concurrency, exclusiveKey: (one) => one.key }, async (one, { index }) => {
        const keys = [...now, one].map((other) => other.key).filter((key) => key !== null);
        expect(new Set(keys).size).toBe(keys.length);
        now.push(one);
        started.push(one);
        indexOf.set(index, one);
        most = Math.max(most, now.length);
        await turns(one.turns);
        now.splice(now.indexOf(one), 1);
      });
      expect(items.map((_, index) => indexOf.get(index))).toEqual(items);
      // Those without a bond begin in their order, and so do those that share one.
      for (const key of [null, 'dag1', 'dag2']) {
        expect(started.filter((one) => one.key === key)).toEqual(items.filter((one) => one.key === key));
      }
      expect(most).toBeLessThanOrEqual(concurrency);
    }),
  );
});

test('waits for what is under way before it rejects', async () => {
  const ended: number[] = [];
  const work = forEachHost([1, 2, 3], { concurrency: 3 }, async (n) => {
    if (n === 3) throw new Error('the last');
    await turns(10);
    ended.push(n);
  });
  await expect(work).rejects.toThrow('the last');
  expect(ended).toEqual([1, 2]);
});

test('begins nothing more after a rejection', async () => {
  const started: number[] = [];
  const work = forEachHost([1, 2, 3, 4, 5], { concurrency: 2 }, async (n) => {
    started.push(n);
    await turns(n);
    if (n === 1) throw new Error('the first');
  });
  await expect(work).rejects.toThrow('the first');
  expect(started).toEqual([1, 2]);
});

test('takes from the stream only as places become free', async () => {
  let taken = 0;
  function* stream(): Generator<number> {
    for (let n = 0; n < 10_000; n += 1) {
      taken += 1;
      yield n;
    }
  }
  let ended = 0;
  await forEachHost(stream(), { concurrency: 7 }, async () => {
    expect(taken - ended).toBeLessThanOrEqual(7);
    await turns(ended % 20);
    ended += 1;
  });
  expect(ended).toBe(10_000);
});

test('hosts of groups are taken from the stream only as far as it needs them to fill its places', async () => {
  let taken = 0;
  function* stream(): Generator<{ readonly key: string }> {
    for (; taken < 1000; taken += 1) yield { key: `dag${String(Math.floor(taken / 10))}` };
  }
  let ended = 0;
  let most = 0;
  await forEachHost(stream(), { concurrency: 5, exclusiveKey: (one) => one.key }, async () => {
    most = Math.max(most, taken - ended);
    await turns(2);
    ended += 1;
  });
  expect(ended).toBe(1000);
  // Five groups of ten are started at most, and one more host is looked at.
  expect(most).toBeLessThanOrEqual(51);
});

test('one begins per turn of the event loop, and those under way go on in between', async () => {
  const seen: string[] = [];
  await forEachHost([1, 2, 3], { concurrency: 3 }, async (n) => {
    seen.push(`${n} begins`);
    await nextTurn();
    seen.push(`${n} goes on`);
  });
  expect(seen).toEqual(['1 begins', '2 begins', '1 goes on', '3 begins', '2 goes on', '3 goes on']);
});

test('a lent place lets one more begin, never more than twice as many as allowed', async () => {
  const waiting: (() => void)[] = [];
  let most = 0;
  const work = forEachHost(Array.from({ length: 12 }), { concurrency: 3 }, async (_, place) => {
    const over = new Promise<void>((resolve) => waiting.push(resolve));
    most = Math.max(most, waiting.length);
    place.lend();
    place.lend();
    await over;
  });
  await turns(10);
  expect(waiting).toHaveLength(6);
  while (waiting.length > 0) {
    waiting.splice(0).forEach((over) => {
      over();
    });
    await turns(10);
  }
  await work;
  expect(most).toBe(6);
});

test('an item that shares a key with one at work does not begin on a lent place', async () => {
  const started: string[] = [];
  let finishFirst: () => void = () => undefined;
  const work = forEachHost(
    ['a1', 'a2', 'b1'],
    { concurrency: 1, exclusiveKey: (one) => one[0] ?? null },
    async (one, place) => {
      started.push(one);
      if (one !== 'a1') return;
      place.lend();
      await new Promise<void>((resolve) => (finishFirst = resolve));
    },
  );
  await turns(10);
  expect(started).toEqual(['a1', 'b1']);
  finishFirst();
  await work;
  expect(started).toEqual(['a1', 'b1', 'a2']);
});
