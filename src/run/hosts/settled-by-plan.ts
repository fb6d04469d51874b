// The verdict of a host whose plan says that there is nothing to do, or that nothing can be done. Pure.
import type { HostVerdict } from '../../model/outcome.ts';
import { joinAlike } from '../../model/text/merge-alike.ts';
import { withServicesDown } from './services-down.ts';
import { withUntold } from './untold-undo.ts';
import { describeSkipped, judgeSkipped } from './resumed-host.ts';
import type { HostJob } from './host-job.ts';

/** Null: the host is to be changed. */
export function settledByPlan(job: HostJob): HostVerdict | null {
  const settled = judgeByPlan(job);
  return settled === null ? null : withUntold(withServicesDown(settled, job), job);
}

function judgeByPlan(job: HostJob): HostVerdict | null {
  const { plan, touched } = job;
  const about = { host: plan.target, failure: plan.failure };
  const blockers = plan.findings.filter((one) => one.severity === 'blocker');
  switch (plan.state) {
    case 'changes':
      return null;
    case 'ok':
      if (job.guardRan !== undefined) {
        // A rollback of its own has nothing to do; a run that is resumed to be rolled back ends as the host left it.
        return { ...about, verdict: job.goesOn === true ? 'unchanged' : 'undone-by-host', detail: undoneByHost };
      }
      if (job.isUndone === true || isVisited(job)) return null;
      if (!touched) return { ...about, verdict: 'unchanged', detail: 'already as desired' };
      // A rollback that sent nothing has rolled back nothing.
      return { ...about, verdict: job.goesOn === true ? 'unchanged' : 'changed', detail: detailOfDone(job) };
    case 'blocked': {
      const verdict = blockers.some((one) => one.code === 'changed-since') ? 'conflict' : 'blocked';
      const detail = joinAlike(blockers.map((one) => one.sentence));
      return { ...about, verdict: judgeSkipped(job, verdict), detail: describeSkipped(job, detail) };
    }
    case 'unreachable': {
      const detail = plan.failure?.message ?? 'it did not answer';
      return { ...about, verdict: judgeSkipped(job, 'unreachable'), detail: describeSkipped(job, detail) };
    }
  }
}

const undoneByHost =
  'the host undid the changes by itself: nobody called its guard off in time, and it is as before the run';

/** Whether there is anything to do on the host: steps, or a guard of before the interruption to be called off. */
export function isVisited({ plan, earlierGuard }: HostJob): boolean {
  return plan.state === 'changes' || (plan.state === 'ok' && earlierGuard !== undefined);
}

/** Only a resumed run knows what was done before. */
function detailOfDone({ doneBefore, untoldBefore = [] }: HostJob): string {
  if (untoldBefore.length > 0) return 'nothing left to do';
  return doneBefore === undefined
    ? 'already as it was before the run: nothing to roll back'
    : 'as desired: the run had finished it before it was interrupted';
}
