// What to do when an AbortSignal aborts, and no longer than it matters: the one way to pass an abort on. It makes no Failure of it.

/** Calls `listener` once when `signal` aborts, at once if it has aborted already. Call the returned function when it no longer matters. */
export function listenForAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => undefined;
  if (signal.aborted) {
    listener();
    return () => undefined;
  }
  signal.addEventListener('abort', listener, { once: true });
  return () => {
    signal.removeEventListener('abort', listener);
  };
}
