// A host keeps its place for four times as long as hosts usually take.
import { expect, test } from 'vitest';
import { computeLendAfterMs } from '../../../src/run/fleet/slow-hosts.ts';

test.each([
  { latestMs: [], expected: 5000, why: 'nothing is known yet' },
  { latestMs: [900, 900, 900, 900], expected: 5000, why: 'too little is known' },
  { latestMs: [900, 1000, 1100, 1000, 30_000], expected: 4000, why: 'one slow host does not count' },
  { latestMs: [10, 10, 10, 10, 10], expected: 1000, why: 'never less than a second' },
  { latestMs: [9000, 9000, 9000, 9000, 9000], expected: 36_000, why: 'a slow network makes patient' },
])('$why: $expected ms', ({ latestMs, expected }) => {
  expect(computeLendAfterMs(latestMs)).toBe(expected);
});
