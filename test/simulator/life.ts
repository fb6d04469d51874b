// One process of the tool, from its start to its end or death, on a clock of its own. What it asks for after its death is never answered;
// once it is buried, everything that still waits fails, so that nothing of it stays in memory.
import type { Clock } from '../../src/model/seams.ts';
import { createStopControl, type StopControl } from '../../src/run/fleet/stop.ts';
import type { Mishap } from './mishap.ts';

export interface Life {
  readonly clock: Clock;
  readonly stop: StopControl;
  readonly abort: AbortController;
  readonly isDead: boolean;
  isInterrupted: boolean;
  /** Counts everything that happened in it: a life in which nothing happens any more hangs. */
  steps: number;
  /** Resolves when it dies. */
  readonly death: Promise<null>;
  /** Those that fall due at the next request, write, ... of this kind. */
  take(whats: readonly Mishap['what'][], n: number): readonly Mishap[];
  /** How many requests and writes there were. */
  requests: number;
  changes: number;
  writes: number;
  die(): void;
  /** Never resolves. */
  never<T>(): Promise<T>;
  bury(): void;
  passTime(byMs: number): void;
  jump(byMs: number): void;
}

/** `happened`: told of every mishap that came to pass. */
export function beginLife(startMs: number, mishaps: readonly Mishap[], happened: (mishap: Mishap) => void): Life {
  let elapsedMs = 0;
  let jumpedMs = 0;
  let told = { ms: NaN, text: '' };
  let isDead = false;
  let announce: (value: null) => void = () => undefined;
  const waiting: ((reason: Error) => void)[] = [];
  let isBuried = false;
  const death = new Promise<null>((resolve) => {
    announce = resolve;
  });
  const life: Life = {
    stop: createStopControl(),
    abort: new AbortController(),
    isInterrupted: false,
    steps: 0,
    requests: 0,
    changes: 0,
    writes: 0,
    death,
    get isDead() {
      return isDead;
    },
    clock: {
      now() {
        const nowMs = startMs + elapsedMs + jumpedMs;
        if (nowMs !== told.ms) told = { ms: nowMs, text: new Date(nowMs).toISOString() };
        return told.text;
      },
      elapsedMs: () => elapsedMs,
      async sleep(durationMs, signal) {
        await Promise.resolve();
        if (isDead) return life.never();
        life.steps += 1;
        if (signal?.aborted !== true) elapsedMs += durationMs;
      },
    },
    take(whats, n) {
      const due = mishaps.filter((one) => one.n === n && whats.includes(one.what));
      for (const one of due) happened(one);
      return due;
    },
    die() {
      isDead = true;
      announce(null);
    },
    never: () =>
      new Promise((_, reject) => {
        if (isBuried) reject(new Error('buried'));
        else waiting.push(reject);
      }),
    bury() {
      isDead = true;
      isBuried = true;
      for (const reject of waiting.splice(0)) reject(new Error('buried'));
    },
    passTime(byMs) {
      elapsedMs += byMs;
    },
    jump(byMs) {
      jumpedMs += byMs;
    },
  };
  return life;
}
