// The window as numbers: a host is started only if its change and its rollback fit before it closes.
import { describe, expect, test } from 'vitest';
import { fitsInWindow, msUntilOpen } from '../../../src/run/fleet/window.ts';

const window = { opensAt: '2026-12-05T22:00:00+01:00', closesAt: '2026-12-06T02:00:00+01:00' };
const closesMs = Date.UTC(2026, 11, 6, 1);
const opensMs = Date.UTC(2026, 11, 5, 21);

describe('the window', () => {
  test.each([
    { leftMs: 20_000, longestMs: 10_000, fits: true },
    { leftMs: 19_999, longestMs: 10_000, fits: false },
    { leftMs: 60_000, longestMs: null, fits: true },
    { leftMs: 59_999, longestMs: null, fits: false },
    { leftMs: 0, longestMs: 0, fits: true },
    { leftMs: -1, longestMs: 0, fits: false },
  ])('$leftMs ms left, longest host $longestMs ms: $fits', ({ leftMs, longestMs, fits }) => {
    expect(fitsInWindow(window, closesMs - leftMs, longestMs)).toBe(fits);
  });

  test('waits until it opens, whatever offset it was written with', () => {
    expect([msUntilOpen(window, opensMs - 1500), msUntilOpen(window, opensMs), msUntilOpen(window, closesMs)]).toEqual([
      1500, 0, 0,
    ]);
  });
});
