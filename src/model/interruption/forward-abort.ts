// Passes one abort on to a controller of shorter life, by hand: what AbortSignal.any makes stays known to the signal it listens to, which
// lives as long as a run over ten thousand hosts. It decides nothing about why.

/** Aborts `to` with the same reason when `from` fires, at once if it has. Returns how to stop that, to be called when `to` is done with. */
export function forwardAbort(from: AbortSignal, to: AbortController): () => void {
  const forward = (): void => {
    to.abort(from.reason);
  };
  from.addEventListener('abort', forward);
  if (from.aborted) forward();
  return () => {
    from.removeEventListener('abort', forward);
  };
}
