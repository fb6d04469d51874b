// An aborted AbortSignal as a Failure. PURE. It doesn't decide when to abort: the caller's signal carries the reason, and the
// one who sends knows whether the request may have been carried out.
import { Failure } from '../model/failure.ts';

/**
 * The Failure for work that `signal` stopped. A Failure given as the signal's reason keeps its code and words; a timeout
 * (`AbortSignal.timeout`) is `deadline/host`; anything else is `interrupted`.
 */
export function createAbortFailure(signal: AbortSignal, where: string, effect: 'none' | 'unknown'): Failure {
  const reason: unknown = signal.reason;
  if (reason instanceof Failure) {
    return new Failure(reason.code, reason.message, {
      where: reason.where ?? where,
      hint: reason.hint,
      retry: reason.retry,
      effect,
      cause: reason,
    });
  }
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return new Failure('deadline/host', `the time allowed for this host is over`, {
      where,
      hint: 'give the host more time (`host_timeout_s`), or run `fencepost doctor` to see where it hangs',
      effect,
      cause: reason,
    });
  }
  return new Failure('interrupted', 'interrupted before the answer came', { where, effect, cause: reason });
}

/** Throws the Failure of an abort that has already happened; does nothing otherwise. */
export function throwIfAborted(signal: AbortSignal | undefined, where: string): void {
  if (signal?.aborted === true) throw createAbortFailure(signal, where, 'none');
}
