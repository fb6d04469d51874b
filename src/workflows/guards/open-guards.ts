// Which guards a run may have left armed on its hosts, as its journal and those of its rollbacks tell. It asks no host.
import type { GuardHistory, RunHistory } from '../../model/history.ts';
import type { GuardState } from '../../model/outcome.ts';
import type { HostJob } from '../../run/hosts/host-job.ts';
import type { GuardSettings } from '../../run/hosts/host-guard.ts';

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
    [...byHost].flatMap(([host, { state, task, withinMs, by, at }]) =>
      open.includes(state) ? [[host, { task, withinMs, by, at }] as const] : [],
    ),
  );
}

/** The job, with the guard that is called off before anything else is done on its host. */
export function withGuard(job: HostJob, guards: ReadonlyMap<string, OpenGuard>): HostJob {
  const earlierGuard = guards.get(job.plan.target);
  return earlierGuard === undefined ? job : { ...job, earlierGuard };
}
