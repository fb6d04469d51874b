// What is said of a host whose steps were all done, and the two failures of one that is not as desired all the same. Words only.
import type { HostFacts } from '../../model/facts.ts';
import { Failure } from '../../model/failure.ts';
import type { Step } from '../../model/plan.ts';
import { formatRange } from '../../model/port-range.ts';
import { joinAlike } from '../../model/text/merge-alike.ts';
import { listAccepted } from '../../model/rules/accepted-ranges.ts';
import type { Ownership } from '../../model/rules/ownership.ts';
import { findService } from '../../model/rules/port-owners.ts';
import type { StepOutcome } from '../steps/step-context.ts';
import type { HostGuard } from './host-guard.ts';
import type { HostJob } from './host-job.ts';

interface DoneChange {
  readonly job: HostJob;
  readonly hostGuard: HostGuard | null;
  readonly ownership: Ownership;
  /** Steps that somebody else had done. */
  readonly othersWork: readonly Step[];
  /** How the steps ended that were started, by number. */
  readonly ends: ReadonlyMap<number, StepOutcome>;
  /** As they were verified. */
  readonly facts: HostFacts;
}

export function describeChange({ job, hostGuard, ownership, othersWork, ends, facts }: DoneChange): string {
  const { steps } = job.plan;
  const count = steps.filter((one) => one.kind !== 'service' || one.when !== 'undo').length;
  return [
    count === 0
      ? 'nothing left to do, its guard is no longer there, verified'
      : `${count} of ${count} steps done and verified`,
    describeWaiting(hostGuard),
    describeAccepted(steps, ownership),
    describeOthersWork(job, othersWork),
    describeStoppedSince(steps, ends, facts),
  ].join('');
}

/** Where nothing shows what is permanent, "verified" alone would say too much. */
function describeAccepted(steps: readonly Step[], ownership: Ownership): string {
  const ranges = new Set(
    listAccepted(steps, ownership).map(({ protocol, range }) => `${protocol} ${formatRange(range)}`),
  );
  if (ranges.size === 0) return '';
  return `; Windows accepted ${[...ranges].join(', ')} as permanent, but nothing on this host shows that`;
}

/** A rollback does not mention it: what is back already is as it should be, whoever did it. */
function describeOthersWork({ goesOn }: HostJob, steps: readonly Step[]): string {
  if (goesOn === true || steps.length === 0) return '';
  const whose = "somebody else did it; not part of this run's rollback";
  return `; already as desired: ${joinAlike(
    steps.map((one) => one.sentence),
    ', ',
  )} (${whose})`;
}

/** Nobody can say why, but the operator has to know: the service ran again after the outage. */
function describeStoppedSince(
  steps: readonly Step[],
  ends: ReadonlyMap<number, StepOutcome>,
  facts: HostFacts,
): string {
  const names = steps.flatMap((step) => {
    if (step.kind !== 'service' || step.verb !== 'start' || ends.get(step.number)?.result !== 'done') return [];
    const now = findService(facts, step.service);
    return now?.installed === true && ['stopped', 'stop-pending'].includes(now.state) ? [step.service] : [];
  });
  return names.map((name) => `; ${name} RAN AGAIN AND IS STOPPED NOW: somebody else stopped it`).join('');
}

function describeWaiting(hostGuard: HostGuard | null): string {
  if (hostGuard?.isArmed !== true) return '';
  const after = `${hostGuard.withinMs / 60_000} min after its guard was armed`;
  return `; waits to be confirmed: without fencepost confirm RUN it undoes them ${after}`;
}

export function guardHasRun(host: string, problem: string): Failure {
  return new Failure('guard/gone', `its guard had started before it was called off: ${problem}`, {
    where: host,
    hint: 'give it more time in the playbook: confirm: { within: 30m }',
  });
}

export function notAsDesired(host: string, problem: string): Failure {
  return new Failure('step/not-as-desired', `all steps were done, but verification failed: ${problem}`, {
    where: host,
    hint: 'see what happened: fencepost runs show RUN',
  });
}
