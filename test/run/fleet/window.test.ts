// The window as numbers: when it opens.
import { expect, test } from 'vitest';
import { msUntilOpen } from '../../../src/run/fleet/window.ts';

const window = { opensAt: '2026-12-05T22:00:00+01:00', closesAt: '2026-12-06T02:00:00+01:00' };
const closesMs = Date.UTC(2026, 11, 6, 1);
const opensMs = Date.UTC(2026, 11, 5, 21);

test('is waited for, whatever offset it was written with', () => {
  expect([msUntilOpen(window, opensMs - 1500), msUntilOpen(window, opensMs), msUntilOpen(window, closesMs)]).toEqual([
    1500, 0, 0,
  ]);
});
