// The request that a run start nothing new: an interrupt, an exhausted budget, a closing window. Hosts in progress are finished.

export interface StopControl {
  /** Why the run starts nothing new; null while it continues. The first reason stays. */
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
