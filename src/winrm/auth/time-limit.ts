// Waits for work that can't be stopped no longer than it may take. What comes too late is dropped; the work itself goes on.
import { listenForAbort } from '../../model/interruption/abort-listener.ts';
import type { Failure } from '../../model/failure.ts';
import { createAbortFailure, throwIfAborted } from '../abort-failure.ts';

export interface TimeLimit<T> {
  readonly work: Promise<T>;
  readonly durationMs: number;
  readonly sleep: (durationMs: number, signal?: AbortSignal) => Promise<void>;
  readonly where: string;
  readonly signal: AbortSignal | undefined;
  /** The Failure when the time is over. */
  readonly late: () => Failure;
}

/** Rejects as the work does, with `late()`, or with the Failure of the signal. */
export async function limitTime<T>(options: TimeLimit<T>): Promise<T> {
  const { work, durationMs, sleep, where, signal, late } = options;
  throwIfAborted(signal, where);
  const over = new AbortController();
  const stop = (): void => {
    over.abort();
  };
  const stopListening = listenForAbort(signal, stop);
  try {
    return await Promise.race([
      work,
      sleep(durationMs, over.signal).then((): never => {
        throw signal?.aborted === true ? createAbortFailure(signal, where, 'none') : late();
      }),
    ]);
  } finally {
    stopListening();
    stop();
  }
}
