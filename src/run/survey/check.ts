// One check of a doctor: the names of all, in their order, and how each can end. What an answer means says make-checks.ts.
import type { Failure, FailureCode } from '../../model/failure.ts';
import type { FindingCode } from '../../model/plan.ts';

export const checkNames = [
  'name',
  'port',
  'tls',
  'winrm',
  'logon',
  'shell',
  'rights',
  'windows',
  'netsh',
  'exchange',
  'services',
  'ports',
  'guards',
] as const;
export type CheckName = (typeof checkNames)[number];

/** `warning`: it works, but somebody should look; `not-needed`: not used on this host (TLS over http). */
type CheckState = 'ok' | 'warning' | 'failed' | 'not-needed' | 'skipped';

export interface Check {
  readonly name: CheckName;
  readonly state: CheckState;
  /** The same for all hosts of which it is true, so that they can be shown together. */
  readonly detail: string;
  /** What was seen on this very host: addresses, a certificate; null = nothing more. */
  readonly evidence: string | null;
  /** What to do, in words; null when there is nothing. */
  readonly cure: string | null;
  /** The page of `explain` with causes and commands; null when there is nothing to cure. */
  readonly code: FailureCode | FindingCode | null;
}

export function passed(name: CheckName, detail: string, evidence: string | null = null): Check {
  return { name, state: 'ok', detail, evidence, cure: null, code: null };
}

export function notNeeded(name: CheckName, detail: string): Check {
  return { name, state: 'not-needed', detail, evidence: null, cure: null, code: null };
}

export function doubtful(
  name: CheckName,
  detail: string,
  rest: Partial<Pick<Check, 'cure' | 'code' | 'evidence'>>,
): Check {
  return { name, state: 'warning', detail, evidence: null, cure: null, code: null, ...rest };
}

/** A check that ended in a Failure. Its place, which differs by host, goes into the evidence. */
export function failedWith(name: CheckName, failure: Failure): Check {
  const { message, where, hint, code } = failure;
  return { name, state: 'failed', detail: message, evidence: where, cure: hint, code };
}

/** The checks so far, and one `skipped` for each that is missing, in their order. */
export function withUnreached(checks: readonly Check[]): readonly Check[] {
  return checkNames.map(
    (name) =>
      checks.find((one) => one.name === name) ?? {
        name,
        state: 'skipped',
        detail: 'not reached',
        evidence: null,
        cure: null,
        code: null,
      },
  );
}
