// Time that passes only while everybody waits for it: a night of four hours takes seconds, and the same plan always takes the same. It
// notices by the quiet of the event loop that nothing is left to do now; a rehearsal does no I/O, so there is nothing else to wait for.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Failure } from '../../model/failure.ts';
import type { Clock } from '../../model/seams.ts';

/** run/fleet/pool.ts starts one host per turn, a few turns apart. */
const quietTurns = 8;
/** So many turns in which nothing is due and nobody is done: something waits for what never comes. */
const mostIdleTurns = 10_000;

export interface VirtualTime {
  readonly clock: Clock;
  /** Resolves when so much time has passed. */
  pass(durationMs: number): Promise<void>;
  /** Lets time pass until the work is done. */
  live<T>(work: Promise<T>): Promise<T>;
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

export function createVirtualTime(startsAt: string): VirtualTime {
  const startMs = Date.parse(startsAt);
  let elapsedMs = 0;
  let stirs = 0;
  let sleepers: Sleeper[] = [];

  function pass(durationMs: number, signal?: AbortSignal): Promise<void> {
    stirs += 1;
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        stirs += 1;
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      sleepers.push({ dueMs: elapsedMs + Math.max(0, durationMs), wake });
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** False: nobody waits. */
  function advance(): boolean {
    if (sleepers.length === 0) return false;
    elapsedMs = Math.max(
      elapsedMs,
      sleepers.reduce((least, one) => Math.min(least, one.dueMs), Infinity),
    );
    const due = sleepers.filter((one) => one.dueMs <= elapsedMs);
    sleepers = sleepers.filter((one) => one.dueMs > elapsedMs);
    for (const { wake } of due) wake();
    return true;
  }

  return {
    clock: {
      now() {
        stirs += 1;
        return new Date(startMs + elapsedMs).toISOString();
      },
      elapsedMs: () => elapsedMs,
      sleep: pass,
    },
    pass,
    async live(work) {
      const end = { isReached: false };
      const watched = work.finally(() => {
        end.isReached = true;
      });
      watched.catch(() => undefined);
      let quiet = 0;
      let idle = 0;
      while (!end.isReached) {
        const before = stirs;
        await nextTurn();
        quiet = stirs === before ? quiet + 1 : 0;
        if (quiet < quietTurns) continue;
        quiet = 0;
        idle = advance() ? 0 : idle + quietTurns;
        if (idle >= mostIdleTurns) throw new Failure('internal/bug', 'the rehearsal waits for what never comes');
      }
      return watched;
    },
  };
}
