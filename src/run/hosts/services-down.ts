// Names in a host's verdict every service that ran before the run and is down now, as far as the run knows, and those that somebody else
// or a restart of Windows stopped since: whatever else the verdict says, an outage is never left to be found in the journal. Pure.
import type { HostVerdict } from '../../model/outcome.ts';
import type { ServiceStep } from '../../model/plan.ts';
import { unknown, type OwnedValue } from '../../model/rules/claims.ts';
import { describeStoppedAfter, describeStoppedSince, isLeftDown } from '../../model/rules/left-down.ts';
import { createOwnership, type Ownership } from '../../model/rules/ownership.ts';
import { findService } from '../../model/rules/port-owners.ts';
import type { HostJob } from './host-job.ts';
import { listEarlierSteps } from './resumed-host.ts';

/**
 * The same verdict; its detail names the services, and `down` those that are the run's. `ownership`: left out where nothing was sent to the host
 * in this life of the run.
 */
export function withServicesDown<V extends Pick<HostVerdict, 'verdict' | 'detail' | 'down'>>(
  verdict: V,
  job: HostJob,
  ownership: Ownership = createOwnership(job.doneBefore),
): V {
  const down = findServicesDown(job, ownership, verdict.verdict === 'in-doubt');
  // The same words, not the name: it may be the beginning of another's, or stand there for another reason.
  const isTold = (one: string): boolean => verdict.detail.includes(describeStoppedAfter(one, 'stopped'));
  const since = (job.stoppedSince ?? []).filter(
    (one) => !down.includes(one) && !isTold(one) && !isSeenRunning(one, job, ownership),
  );
  const told = [
    verdict.detail,
    ...(down.length === 0 ? [] : [`DOWN NOW, as far as known: ${down.join(', ')}`]),
    ...since.map(describeStoppedSince),
  ];
  if (told.length === 1) return verdict;
  return { ...verdict, detail: told.join('; '), ...(down.length === 0 ? {} : { down }) };
}

/** Those that a life of before, or the run that is rolled back, left down on the host, before anything is done there now. */
export function listDownBefore(job: HostJob): readonly string[] {
  return findServicesDown(job, createOwnership(job.doneBefore), false);
}

function findServicesDown(job: HostJob, ownership: Ownership, inDoubt: boolean): readonly string[] {
  const { plan, doneBefore, downBefore = [] } = job;
  const earlier = createOwnership(doneBefore);
  const steps = new Map<string, ServiceStep>();
  for (const step of [...plan.steps, ...listEarlierSteps(job)]) {
    if (step.kind === 'service') steps.set(step.service, step);
  }
  return [...new Set([...steps.keys(), ...downBefore])].filter((service) => {
    const step = steps.get(service);
    const then = step === undefined ? unknown : (earlier.of(step).up ?? unknown);
    const now = step === undefined ? unknown : (ownership.of(step).up ?? unknown);
    const wasDown = downBefore.includes(service) || isLeftDown(then, false);
    // Not touched in this life: what the host showed when it was planned is newer than the journal.
    if (isSame(now, then)) {
      const found = plan.facts === null ? null : findService(plan.facts, service);
      return wasDown && !(found?.installed === true && found.state === 'running');
    }
    if (now.claim?.before === true) return isLeftDown(now, inDoubt && now.claim.certainty === 'open');
    return wasDown && now.seen !== true;
  });
}

function isSeenRunning(service: string, job: HostJob, ownership: Ownership): boolean {
  return [...job.plan.steps, ...listEarlierSteps(job)].some(
    (step) => step.kind === 'service' && step.service === service && ownership.of(step).up?.seen === true,
  );
}

function isSame(one: OwnedValue, other: OwnedValue): boolean {
  const isSameClaim = one.claim?.before === other.claim?.before && one.claim?.certainty === other.claim?.certainty;
  return one.seen === other.seen && isSameClaim;
}
