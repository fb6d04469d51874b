// Whether a request may have been carried out, set on a Failure by the layer that knows. PURE.
import { Failure } from '../model/failure.ts';

/** The same Failure with another `effect` and, where it has none yet, a place. */
export function withEffect(failure: Failure, effect: 'none' | 'unknown', where: string): Failure {
  if (failure.effect === effect && failure.where !== null) return failure;
  return new Failure(failure.code, failure.message, {
    where: failure.where ?? where,
    hint: failure.hint,
    retry: failure.retry,
    effect,
    issues: failure.issues,
    cause: failure.cause ?? failure,
  });
}
