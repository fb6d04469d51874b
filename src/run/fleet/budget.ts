// How many hosts may fail before a run starts no more. Pure.
import type { Verdict } from '../../model/outcome.ts';
import type { Strategy } from '../../model/strategy.ts';
import { allowedFailures } from '../../model/rules/batches.ts';

/** Verdicts that a failure budget counts. A skipped host is not among them. */
export const failedVerdicts: readonly Verdict[] = [
  'failed-rolled-back',
  'failed-partial',
  'undone-by-host',
  'in-doubt',
];

export interface FailedHosts {
  readonly failed: number;
  /** Of so many. */
  readonly hosts: number;
}

export function isBudgetExceeded(
  { maxFailed, maxFailedTotal }: Pick<Strategy, 'maxFailed' | 'maxFailedTotal'>,
  batch: FailedHosts,
  run: FailedHosts,
): boolean {
  if (batch.failed > allowedFailures(maxFailed, batch.hosts)) return true;
  return maxFailedTotal !== null && run.failed > allowedFailures(maxFailedTotal, run.hosts);
}
