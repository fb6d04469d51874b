// A lab clock that stands still until a test moves it: timers run in order of their time, and nothing ever waits.
import type { LabClock } from '../../src/lab/lab-clock.ts';

export interface ManualClock extends LabClock {
  /** Lets what was begun come to its timers, moves time forward, runs what falls due, and lets that settle. */
  advance(byMs: number): Promise<void>;
  /** Timers that are set and not taken back. */
  readonly pending: number;
}

export function manualClock(startMs = Date.UTC(2026, 10, 24)): ManualClock {
  let nowMs = 0;
  let timers: { readonly dueMs: number; readonly run: () => void }[] = [];
  return {
    now: () => new Date(startMs + nowMs).toISOString(),
    elapsedMs: () => nowMs,
    after(delayMs, run) {
      const timer = { dueMs: nowMs + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    async advance(byMs) {
      await settle();
      nowMs += byMs;
      for (const timer of timers.filter((one) => one.dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs)) {
        if (!timers.includes(timer)) continue;
        timers = timers.filter((one) => one !== timer);
        timer.run();
      }
      await settle();
    },
    get pending() {
      return timers.length;
    },
  };
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
