// Waiting that can be called off, and how long to wait before another try. It never rejects.

/** Resolves after `ms`, or as soon as `signal` aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener('abort', finish);
  });
}

/**
 * Wait before try number `attempt` (1 = the first repetition): doubling from `baseMs` up to `capMs`, then a random share
 * between one half and the whole of it, so that two hundred hosts don't come back in the same instant.
 * `share` is a number from 0 to 1.
 */
export function backoffMs(attempt: number, share: number, baseMs = 250, capMs = 8000): number {
  const whole = Math.min(capMs, baseMs * 2 ** (attempt - 1));
  return Math.round(whole / 2 + (whole / 2) * share);
}
