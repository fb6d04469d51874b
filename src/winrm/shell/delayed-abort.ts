// An abort that lets a request which has left be answered: what a server makes for it (a shell) can be taken away only when its id is
// known. It doesn't know what the request is. A request that has not left is aborted at once.
import { listenForAbort } from '../../model/interruption/abort-listener.ts';

export interface DelayedAbort {
  /** For the request. Undefined when nothing can abort it. */
  readonly signal: AbortSignal | undefined;
  /** To be called when the whole request is with the operating system. */
  readonly onFlushed: () => void;
  /** To be called when the request has ended, however it did. */
  end(): void;
}

/** `graceMs`: how long after the abort of `signal` an answer is still waited for. */
export function delayAbort(signal: AbortSignal | undefined, graceMs: number): DelayedAbort {
  if (signal === undefined) return { signal, onFlushed: nothing, end: nothing };
  const late = new AbortController();
  let hasLeft = false;
  let timer: NodeJS.Timeout | undefined;
  const abort = (): void => {
    late.abort(signal.reason);
  };
  const stopListening = listenForAbort(signal, () => {
    if (hasLeft) timer = setTimeout(abort, graceMs);
    else abort();
  });
  return {
    signal: late.signal,
    onFlushed() {
      hasLeft = true;
    },
    end() {
      stopListening();
      clearTimeout(timer);
    },
  };
}

function nothing(): void {
  // Nobody can abort it.
}
