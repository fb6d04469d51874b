// I/O: Ctrl-C, SIGTERM, and a terminal that is gone (SIGHUP). The first asks the run to start no new hosts and finish those in progress; the
// second stops everything now. While no host can be in progress, the first one stops everything.
import { setMaxListeners } from 'node:events';
import { Failure } from '../../model/failure.ts';
import { createStopControl } from '../../run/fleet/stop.ts';
import type { Interrupts as WorkflowInterrupts } from '../../workflows/seams.ts';

export interface Interrupts extends WorkflowInterrupts {
  /** True once hosts can be in progress. */
  readonly isRun: boolean;
  dispose(): void;
}

/** SIGBREAK is Ctrl-Break on Windows; elsewhere Node knows no such signal and it never comes. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;

export function listenForInterrupts(say: (text: string) => void): Interrupts {
  const stop = createStopControl();
  const now = new AbortController();
  // One listener for each host under way. Node 20 and 22 take more than ten for a leak, and say so on stderr.
  setMaxListeners(0, now.signal);
  let count = 0;
  let isInterrupted = false;
  let isRun = false;
  const stopInOrder = (): void => {
    if (isInterrupted) return;
    isInterrupted = true;
    stop.request('interrupted');
    say(
      'Interrupted: finishing or rolling back hosts in progress, starting no new ones. Press Ctrl-C again to stop immediately.\n',
    );
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    // One lost terminal sends SIGHUP twice or more, before or after a Ctrl-C, in any order: it never means "immediately".
    if (signal === 'SIGHUP' && isRun) {
      stopInOrder();
      return;
    }
    count += 1;
    if (isRun && count === 1) {
      stopInOrder();
      return;
    }
    if (isRun)
      say(
        'Stopping immediately. Hosts that were being changed are listed below; fencepost rollback or resume checks them first.\n',
      );
    isInterrupted = true;
    stop.request('interrupted');
    now.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    stop,
    signal: now.signal,
    get interrupted() {
      return isInterrupted;
    },
    get isRun() {
      return isRun;
    },
    protectRun() {
      isRun = true;
    },
    dispose() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

/** So long may work that was told to stop at once take to end; a run in change tells its journal first. */
const graceMs = { asking: 3000, changing: 10_000 };

/** The work's own end; after a signal that stops everything at most a moment more, whatever the work waits for. */
export async function endedInTime<T>(work: Promise<T>, interrupts: Interrupts): Promise<T> {
  const { signal } = interrupts;
  let timer: NodeJS.Timeout | undefined;
  const cutOff = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      const ms = interrupts.isRun ? graceMs.changing : graceMs.asking;
      timer = setTimeout(() => {
        reject(
          new Failure('interrupted', `interrupted: what was under way did not end within ${String(ms / 1000)} s`, {
            effect: interrupts.isRun ? 'unknown' : 'none',
          }),
        );
      }, ms);
    });
  });
  try {
    return await Promise.race([work, cutOff]);
  } finally {
    clearTimeout(timer);
  }
}
