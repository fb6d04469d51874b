// When a change window opens. What may still be started before it closes says time-left.ts. Pure; times in ms since the epoch.
import type { ChangeWindow } from '../../model/strategy.ts';

/** How long until the window opens; 0 = it is open, or has been. */
export function msUntilOpen(window: ChangeWindow, nowMs: number): number {
  return Math.max(0, Date.parse(window.opensAt) - nowMs);
}
