// The time one host may take for one stage. After it, its requests are aborted and the failure says so in words.
import { Failure } from '../../model/failure.ts';
import { forwardAbort } from '../../model/interruption/forward-abort.ts';
import type { Target } from '../../model/target.ts';

/**
 * Runs `work` with a signal that fires at the host's deadline or when `signal` does. Throws Failure `deadline/host` in the first case.
 * `extraMs`: what the work has to wait for before it can begin, beside the time of the stage.
 */
export async function withDeadline<T>(
  target: Target,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  extraMs = 0,
): Promise<T> {
  const hostMs = target.connection.timeouts.hostMs + extraMs;
  const either = new AbortController();
  const timer = setTimeout(() => {
    either.abort(hostDeadlinePassed(target, hostMs));
  }, hostMs);
  const stopForwarding = forwardAbort(signal, either);
  try {
    return await work(either.signal);
  } catch (thrown) {
    if (either.signal.aborted && !signal.aborted) throw keepEffect(either.signal.reason as Failure, thrown);
    throw thrown;
  } finally {
    clearTimeout(timer);
    stopForwarding();
  }
}

function hostDeadlinePassed(target: Target, hostMs: number): Failure {
  return new Failure('deadline/host', `not finished within ${hostMs / 1000} s`, {
    where: target.name,
    hint: 'raise winrm.host_timeout_s for it in the inventory, or look at what slows it down: fencepost collect --limit NAME --trace',
    retry: 'new-session',
  });
}

function keepEffect(deadline: Failure, thrown: unknown): Failure {
  const effect = thrown instanceof Failure ? thrown.effect : 'none';
  if (effect === 'none') return deadline;
  return new Failure(deadline.code, deadline.message, {
    where: deadline.where,
    hint: deadline.hint,
    effect,
    cause: thrown,
  });
}
