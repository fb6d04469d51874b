// Batches and budgets as numbers, then how a run over many hosts keeps them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HostCount } from '../../../src/model/strategy.ts';
import { allowedFailures, splitIntoBatches } from '../../../src/model/rules/batches.ts';

const count = (hosts: number): HostCount => ({ kind: 'count', hosts });
const percent = (value: number): HostCount => ({ kind: 'percent', percent: value });

describe('batches', () => {
  test.each([
    { hosts: 8, canary: 1, batches: [percent(25), percent(100)], sizes: [1, 2, 5] },
    { hosts: 1, canary: 1, batches: [percent(25)], sizes: [1] },
    { hosts: 10, canary: 0, batches: [percent(25)], sizes: [3, 3, 3, 1] },
    { hosts: 200, canary: 1, batches: [percent(25), percent(100)], sizes: [1, 50, 149] },
    { hosts: 7, canary: 0, batches: [count(3)], sizes: [3, 3, 1] },
    { hosts: 7, canary: 10, batches: [count(3)], sizes: [7] },
    { hosts: 3, canary: 0, batches: [percent(1)], sizes: [1, 1, 1] },
    { hosts: 10, canary: 2, batches: [count(1), count(4)], sizes: [2, 1, 4, 3] },
    { hosts: 5, canary: 1, batches: [], sizes: [1, 4] },
    { hosts: 5, canary: 0, batches: [count(0)], sizes: [1, 1, 1, 1, 1] },
    { hosts: 0, canary: 1, batches: [percent(100)], sizes: [] },
  ])('$hosts hosts, canary $canary, $batches -> $sizes', ({ hosts, canary, batches, sizes }) => {
    const items = Array.from({ length: hosts }, (_, index) => index);
    expect(splitIntoBatches(items, { canary, batches }).map((batch) => batch.length)).toEqual(sizes);
  });

  const size = fc.oneof(fc.nat(30).map(count), fc.nat(150).map(percent));
  test('every host is in exactly one batch, in order, and no batch is empty', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(20), fc.array(size, { maxLength: 4 }), (hosts, canary, batches) => {
        const items = Array.from({ length: hosts }, (_, index) => index);
        const split = splitIntoBatches(items, { canary, batches });
        expect(split.flat()).toEqual(items);
        expect(split.every((batch) => batch.length > 0)).toBe(true);
        if (hosts > 0 && canary > 0) expect(split[0]).toHaveLength(Math.min(canary, hosts));
      }),
    );
  });

  test.each([
    { budget: count(0), hosts: 50, allowed: 0 },
    { budget: count(3), hosts: 2, allowed: 3 },
    { budget: percent(10), hosts: 9, allowed: 0 },
    { budget: percent(10), hosts: 10, allowed: 1 },
    { budget: percent(10), hosts: 29, allowed: 2 },
    { budget: percent(100), hosts: 7, allowed: 7 },
  ])('$budget of $hosts hosts allows $allowed', ({ budget, hosts, allowed }) => {
    expect(allowedFailures(budget, hosts)).toBe(allowed);
  });
});
