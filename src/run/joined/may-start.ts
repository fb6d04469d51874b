// Whether one more host of a joined run may be started, by what all of its runners share. Pure: it is asked within the transaction that gives
// the host out, so that no failure and no other host comes in between.
import type { JoinedStanding, RunnerShares } from '../../model/joined-run.ts';
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

/**
 * `concurrency` counts the hosts of all runners: it is what was signed off. Of what may be under way at once each has an equal share at most:
 * whoever opens a batch, or has just finished a host, is always the first to ask.
 */
export function mayStart(
  strategy: Pick<Strategy, 'maxFailed' | 'maxFailedTotal' | 'concurrency'>,
  standing: JoinedStanding & RunnerShares,
): boolean {
  const { batch, stopping, isClosed, ofRun, ofBatch, runners, own } = standing;
  if (batch === 0 || stopping !== null || isClosed) return false;
  const share = Math.ceil(Math.min(strategy.concurrency, ofBatch.hosts) / Math.max(1, runners));
  if (own >= Math.max(1, share)) return false;
  return ofRun.busy < strategy.concurrency && refuseMore(strategy, standing) === null;
}
