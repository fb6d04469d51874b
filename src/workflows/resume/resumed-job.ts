// One host of a dead run as a job of the resumed one: its plan, with what the run did there before, what is still the run's, and the guard
// that it left.
import type { RunHistory } from '../../model/history.ts';
import { createAlike } from '../../model/lists/alike.ts';
import type { HostPlan } from '../../model/plan.ts';
import { listServicesDown, listStoppedSince } from '../../model/rules/left-down.ts';
import { listUntold } from '../../model/rules/untold-origin.ts';
import type { Target } from '../../model/target.ts';
import type { HostJob } from '../../run/hosts/host-job.ts';
import { findOpenGuards, isSeen, leaveToNext, withGuard } from '../guards/open-guards.ts';
import { makeHostJob } from '../host-jobs.ts';
import type { ResumeScope } from './resume-scope.ts';
import { withEarlierSteps } from './resumed-host.ts';

/** Turns plans into jobs. `ran`: hosts that undid by themselves what the run did there. `isUndone`: only what was done before is undone. */
export function createJobs(
  history: RunHistory,
  { touched, started }: Pick<ResumeScope, 'touched' | 'started'>,
  targets: readonly Target[],
  ran: ReadonlySet<string>,
): (host: HostPlan, isUndone: boolean) => HostJob {
  const { one } = createAlike();
  const guards = findOpenGuards(history);
  const known = new Map(targets.map((one) => [one.name, one]));
  // What only waits for a person still does.
  const isWaiting = ({ target, state, facts }: HostPlan): boolean => {
    const guard = guards.get(target);
    return state === 'ok' && guard?.by === 'person' && isSeen(guard.task, facts) !== false;
  };
  return (host, isUndone) => {
    const hasRun = ran.has(host.target);
    const told = started.get(host.target);
    const left = leaveToNext(history, told, { facts: host.facts, hasRun });
    const { plan, doneBefore } = withEarlierSteps(isUndone ? { ...host, steps: [] } : host, left);
    const made = makeHostJob(plan, known.get(host.target), touched.has(host.target) && !hasRun);
    const steps = left?.steps ?? [];
    // Named one by one: where an object is spread and then added to, V8 keeps a shape for each host, larger than the object.
    const job: HostJob = {
      plan: made.plan,
      target: made.target,
      request: made.request,
      touched: made.touched,
      judge: made.judge,
      doneBefore,
      isUndone,
      untoldBefore: one(listUntold(steps)),
      downBefore: one(listServicesDown(steps)),
      stoppedSince: one(listStoppedSince(steps, host.facts)),
    };
    return !isUndone && isWaiting(host) ? job : withGuard(job, guards, history, hasRun);
  };
}
