// The wish that a run begin nothing new: an interrupt, a budget that is spent, a window that closes. Hosts in change are finished.

export interface StopControl {
  /** Why the run begins nothing new; null while it goes on. The first reason stays. */
  readonly reason: string | null;
  request(reason: string): void;
  /** Fires with the first request: ends a wait between batches or for the window. */
  readonly signal: AbortSignal;
}

export function createStopControl(): StopControl {
  const controller = new AbortController();
  let reason: string | null = null;
  return {
    get reason() {
      return reason;
    },
    request(why) {
      reason ??= why;
      controller.abort();
    },
    signal: controller.signal,
  };
}
