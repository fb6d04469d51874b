// What a program of ours that is started by hand leaves to itself when it is ended by a signal: processes, which are ended by their ids, and
// folders. Each is noted by whoever makes it and forgotten when it is gone; only a program that calls `obeySignals` acts on it, so that under
// Vitest nothing changes. All of it is done in the handler itself: what was being played gets no turn to start or to print anything more.
import { constants } from 'node:os';

const endings = new Set<() => void>();

/** `ending` must not wait for anything. Returns what forgets it. */
export function endWithUs(ending: () => void): () => void {
  endings.add(ending);
  return () => {
    endings.delete(ending);
  };
}

/** From now on SIGINT, SIGTERM and SIGHUP end this process and all that was noted, the newest first, as the shell expects it: 128 + number. */
export function obeySignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      for (const ending of [...endings].toReversed()) {
        try {
          ending();
        } catch (thrown) {
          console.error(`not all was ended: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
        }
      }
      process.exit(128 + constants.signals[signal]);
    });
  }
}
