// Whether one more host of a joined run may be started, by what all of its runners share. Pure: it is asked within the transaction that gives
// the host out, so that no failure and no other host comes in between.
import type { JoinedStanding } from '../../model/joined-run.ts';
import type { Strategy } from '../../model/strategy.ts';
import { isBudgetExceeded } from '../fleet/budget.ts';

/** Why no further host of the run is started; null: further ones are. */
export function refuseMore(
  strategy: Pick<Strategy, 'maxFailed' | 'maxFailedTotal'>,
  { ofBatch, ofRun }: Pick<JoinedStanding, 'ofBatch' | 'ofRun'>,
): string | null {
  if (!isBudgetExceeded(strategy, ofBatch, ofRun)) return null;
  return `more hosts failed than max_failed allows (${String(ofBatch.failed)} of this batch)`;
}

/** `concurrency` counts the hosts of all runners: it is what was signed off. */
export function mayStart(
  strategy: Pick<Strategy, 'maxFailed' | 'maxFailedTotal' | 'concurrency'>,
  standing: JoinedStanding,
): boolean {
  const { batch, stopping, isClosed, ofRun } = standing;
  if (batch === 0 || stopping !== null || isClosed) return false;
  return ofRun.busy < strategy.concurrency && refuseMore(strategy, standing) === null;
}
