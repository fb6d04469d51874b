// Outcome -> exit code. The one table; the README and --help print it.
import type { Failure } from '../model/failure.ts';
import type { HostVerdict, Verdict } from '../model/outcome.ts';
import type { HostPlanState } from '../model/plan.ts';

export const exitCodes = {
  done: 0,
  nothingDone: 1,
  changesPending: 2,
  someFailed: 3,
  rolledBack: 4,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeHelp = `Exit codes:
  0    done, or all hosts as desired
  1    nothing could be done: wrong usage, bad file, no hosts
  2    changes are pending (verify; plan only with --detailed-exitcode)
  3    some hosts failed, unreachable, blocked, stale, in doubt, skipped or late
  4    changes were made and rolled back
  130  interrupted`;

/** For plan and verify. `pending`: whether pending changes have a code of their own. */
export function exitCodeOfPlan(states: readonly HostPlanState[], pending: boolean): ExitCode {
  if (states.some((state) => state === 'blocked' || state === 'unreachable')) return exitCodes.someFailed;
  return pending && states.includes('changes') ? exitCodes.changesPending : exitCodes.done;
}

const fine: readonly Verdict[] = ['changed', 'unchanged'];
const rolledBack: readonly Verdict[] = ['failed-rolled-back', 'rolled-back', 'undone-by-host'];
const worst: readonly Verdict[] = ['failed-partial', 'in-doubt'];

/** For apply and rollback. 4 only when something was changed and nothing of it is left. */
export function exitCodeOfRun(verdicts: readonly HostVerdict[], interrupted: boolean): ExitCode {
  const has = (kinds: readonly Verdict[]): boolean => verdicts.some((one) => kinds.includes(one.verdict));
  if (interrupted) return exitCodes.interrupted;
  if (has(worst)) return exitCodes.someFailed;
  const isRolledBack = verdicts.some((one) => rolledBack.includes(one.verdict) && one.untouched !== true);
  if (isRolledBack && !has(['changed'])) return exitCodes.rolledBack;
  const isDone = verdicts.every((one) => fine.includes(one.verdict) && one.late !== true);
  return isDone ? exitCodes.done : exitCodes.someFailed;
}

/** For a command that ended with a Failure. 1 says that nothing was changed, so it is never said when something may have been. */
export function exitCodeOfFailure({ code, effect }: Pick<Failure, 'code' | 'effect'>): ExitCode {
  if (code === 'interrupted') return exitCodes.interrupted;
  return effect === 'unknown' ? exitCodes.someFailed : exitCodes.nothingDone;
}
