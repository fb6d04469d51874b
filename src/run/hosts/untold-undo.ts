// Names in a host's verdict what was undone on it where nothing shows whether it was so before the run (decision 0038), in this life or in one
// that died before it could say so (decision 0065). A host with such a doubt is never called as it was before. Pure.
import { failureRecord } from '../../model/failure.ts';
import type { HostVerdict, Verdict } from '../../model/outcome.ts';
import type { ExclusionStep } from '../../model/plan.ts';
import { createOwnership, type Ownership } from '../../model/rules/ownership.ts';
import { listUntold, untoldOrigin } from '../../model/rules/untold-origin.ts';
import type { HostJob } from './host-job.ts';
import { listEarlierSteps } from './resumed-host.ts';

const asBefore: readonly Verdict[] = ['unchanged', 'rolled-back', 'failed-rolled-back'];

type Given = Pick<HostVerdict, 'verdict' | 'detail' | 'failure'>;

/** The same verdict; its detail names the ranges. `ownership`: left out where nothing was sent to the host in this life of the run. */
export function withUntold<V extends Given>(
  given: V,
  job: HostJob,
  ownership: Ownership = createOwnership(job.doneBefore),
): V {
  const untold = findUntold(job, ownership);
  if (untold.length === 0) return given;
  const failure = untoldOrigin(untold, job.plan.target);
  const detail = `${given.detail}; ${failure.message}`;
  const isAsBefore = asBefore.includes(given.verdict) || (given.verdict === 'changed' && job.goesOn === true);
  if (!isAsBefore) return { ...given, detail };
  return { ...given, verdict: 'in-doubt', detail, failure: given.failure ?? failureRecord(failure) };
}

/** What Windows refused was not there to be undone. */
function findUntold(job: HostJob, ownership: Ownership): readonly ExclusionStep[] {
  const { plan, untoldBefore = [], originUnknown = [] } = job;
  const steps = [...plan.steps, ...listEarlierSteps(job)].map((step) => ({ step, ownership: ownership.of(step) }));
  const byRollback = originUnknown.filter((step) => (ownership.of(step).persistent?.claim ?? null) !== null);
  return [...untoldBefore, ...byRollback, ...listUntold(steps)];
}
