// Which guards a run may have left armed on its hosts, and which have run, as its journal and those of its rollbacks tell, held against
// the facts of the hosts. It asks no host.
import { afterGuard } from '../../journal/replay.ts';
import type { HostFacts } from '../../model/facts.ts';
import type { GuardHistory, HostHistory, RunHistory } from '../../model/history.ts';
import type { GuardState } from '../../model/outcome.ts';
import { markGuardGone } from '../../model/rules/later/guard-gone.ts';
import { isOurs } from '../../model/rules/ownership.ts';
import { describeNotRolledBack, findStartBlockers, planServiceStarts } from '../../plan/rollback-plan.ts';
import type { HostJob } from '../../run/hosts/host-job.ts';
import type { GuardSettings } from '../../run/hosts/host-guard.ts';
import { findPresence } from '../../windows/verdict.ts';

const open: readonly GuardState[] = ['planned', 'armed', 'extended'];

export type OpenGuard = GuardSettings & Pick<GuardHistory, 'at'>;

/** By host. `rollbacks`: of the run, oldest first. */
export function findOpenGuards(
  history: RunHistory,
  rollbacks: readonly RunHistory[] = [],
): ReadonlyMap<string, OpenGuard> {
  const latest = [history, ...rollbacks].flatMap(({ guards = {} }) => Object.entries(guards));
  const byHost = new Map(latest);
  return new Map(
    [...byHost].flatMap(([host, guard]) => (open.includes(guard.state) ? [[host, settingsOf(guard)] as const] : [])),
  );
}

function settingsOf({ task, withinMs, by, at }: GuardHistory): OpenGuard {
  return { task, withinMs, by, at };
}

/** Of the run's own guard on a host; null: its journal tells of none. */
export function findOwnTask({ guards = {} }: Pick<RunHistory, 'guards'>, host: string): string | null {
  return guards[host]?.task ?? null;
}

/** Whether a task is on a host; null: not known. */
export function isSeen(task: string, facts: HostFacts | null): boolean | null {
  const guards = facts?.guards ?? null;
  return guards === null ? null : guards.some((one) => one.toLowerCase() === task.toLowerCase());
}

/**
 * Whether the host undid by itself what the run did there: the guard was armed and never called off, it is seen to be gone, and all of it
 * is as before. What is not known to be so is never said to be.
 */
export function hasGuardRun(
  run: Pick<RunHistory, 'guards'>,
  history: HostHistory | undefined,
  facts: HostFacts | null,
): boolean {
  if (history === undefined || facts === null || !isGuardGone(run, history.host, ['armed', 'extended'], facts))
    return false;
  return findRemains(history, facts) === 'undone';
}

/** Whether nothing on the host is the run's any more: its journal says that the guard has run, or the host shows it. */
export function isUndoneByGuard(run: RunHistory, history: HostHistory | undefined, facts: HostFacts): boolean {
  if (history === undefined) return false;
  const isTold = run.guards?.[history.host]?.state === 'fired';
  return isTold || hasGuardRun(run, history, facts) || hasGuardRunBefore(run, history, facts);
}

/**
 * Whether the run's guard has run, and somebody else has reserved something since: nobody called it off, it is seen to be gone, and a range of
 * the run is neither as before nor as the run left it. A guard deletes what it deletes in both stores, so what is there is not the run's.
 */
function hasGuardRunBefore(run: RunHistory, history: HostHistory, facts: HostFacts): boolean {
  if (!isGuardGone(run, history.host, uncalled, facts)) return false;
  if (describeServicesDown(history, facts).length > 0) return false;
  return history.steps.some(({ step, ownership }) => {
    if (step.kind !== 'exclusion' || !isOurs(ownership)) return false;
    const presence = findPresence(facts.state, step.family, step.protocol, step.range);
    return presence !== null && presence.active && !presence.persistent && step.after.persistent;
  });
}

const uncalled: readonly GuardState[] = ['armed', 'extended', 'gone'];

/** The same host; where its guard is seen to be gone and nobody called it off, what is left there in part may be somebody else's. */
export function doubtWhereGuardGone(
  run: Pick<RunHistory, 'guards'>,
  history: HostHistory,
  facts: HostFacts | null,
): HostHistory {
  if (facts === null || !isGuardGone(run, history.host, uncalled, facts)) return history;
  const steps = history.steps.map((one) => ({ ...one, ownership: markGuardGone(one.step, one.ownership) }));
  return { ...history, steps };
}

/** Seen to be gone, and last known in one of these states. */
function isGuardGone(
  { guards = {} }: Pick<RunHistory, 'guards'>,
  host: string,
  states: readonly GuardState[],
  facts: HostFacts,
): boolean {
  const guard = guards[host];
  return guard !== undefined && states.includes(guard.state) && isSeen(guard.task, facts) === false;
}

export type Remains = 'undone' | 'something' | 'nothing';

/** Of what the run did on a host, its services too; `nothing`: none were made, or they were rolled back. What is not known counts as left. */
export function findRemains(history: HostHistory, facts: HostFacts): Remains {
  if (!history.steps.some((one) => isOurs(one.ownership))) return 'nothing';
  const isBack = describeNotRolledBack(history, facts) === null && describeServicesDown(history, facts).length === 0;
  return isBack ? 'undone' : 'something';
}

/** Services that the run stopped and that do not run again, or of which that is not known. */
export function describeServicesDown(history: HostHistory, facts: HostFacts): readonly string[] {
  return [
    ...findStartBlockers(history, facts).map((one) => one.sentence),
    ...planServiceStarts(history, facts).map((one) => `still to do: ${one.sentence}`),
  ];
}

/** What of a host is the run's for whoever goes on from there. After its guard has run (`hasRun`) nothing is. Undefined: the run did not start it. */
export function leaveToNext(
  run: Pick<RunHistory, 'guards'>,
  history: HostHistory | undefined,
  { facts, hasRun }: { readonly facts: HostFacts | null; readonly hasRun: boolean },
): HostHistory | undefined {
  if (history === undefined) return undefined;
  return hasRun ? { ...history, steps: history.steps.map(afterGuard) } : doubtWhereGuardGone(run, history, facts);
}

/**
 * The job, with the guard that is called off before anything else is done on its host: one that the journal has as armed, or one that is
 * seen there all the same. `hasRun`: it is gone, and the host as before; a host with nothing to do is not visited for it.
 */
export function withGuard(
  job: HostJob,
  guards: ReadonlyMap<string, OpenGuard>,
  history: Pick<RunHistory, 'guards'>,
  hasRun = false,
): HostJob {
  const { target: host, facts, state } = job.plan;
  const known = history.guards?.[host];
  const isThere = known !== undefined && isSeen(known.task, facts) === true;
  const isGone = hasRun && known?.state === 'gone';
  const guard = guards.get(host) ?? (known !== undefined && (isThere || isGone) ? settingsOf(known) : undefined);
  if (guard === undefined) return job;
  if (!hasRun) return { ...job, earlierGuard: guard };
  return { ...job, guardRan: guard, ...(state === 'ok' ? {} : { earlierGuard: guard }) };
}
