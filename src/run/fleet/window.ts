// The change window: nothing is started that cannot be changed AND rolled back before it closes. Pure; times in ms since the epoch.
import type { ChangeWindow } from '../../model/strategy.ts';

/** What a host is assumed to need until one was measured in this run. */
const assumedHostMs = 30_000;

/**
 * Whether a host may still be started: its change and its rollback, each as long as the longest host of this run so far, have to fit.
 * `longestMs` null = none measured yet.
 */
export function fitsInWindow(window: ChangeWindow, nowMs: number, longestMs: number | null): boolean {
  return nowMs + 2 * (longestMs ?? assumedHostMs) <= Date.parse(window.closesAt);
}

/** How long until the window opens; 0 = it is open, or has been. */
export function msUntilOpen(window: ChangeWindow, nowMs: number): number {
  return Math.max(0, Date.parse(window.opensAt) - nowMs);
}
