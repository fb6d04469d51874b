// I/O: the real clock.
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../model/seams.ts';

export const systemClock: Clock = {
  now: () => new Date().toISOString(),
  elapsedMs: () => performance.now(),
  async sleep(durationMs, signal) {
    try {
      await wait(durationMs, undefined, signal === undefined ? {} : { signal });
    } catch {
      // Aborted: the sleeper looks at its signal itself.
    }
  },
};
