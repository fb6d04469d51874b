// What a promise was rejected with, when that has to be a Failure.
import { Failure } from '../../src/model/failure.ts';

export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const thrown: unknown = await work.then(
    (value) => `the value ${JSON.stringify(value)}`,
    (error: unknown) => error,
  );
  if (thrown instanceof Failure) return thrown;
  throw new Error(`expected a Failure, got ${thrown instanceof Error ? String(thrown.stack) : String(thrown)}`);
}
