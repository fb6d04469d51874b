// Hosts of a shared run as jobs that undo what any of its runners did there. Its journal says what that was, as it does to resume, which rolls
// back hosts that a life of before changed. Pure.
import type { RunHistory } from '../../model/history.ts';
import type { FleetPlan } from '../../model/plan.ts';
import type { HostJob } from '../../run/hosts/host-job.ts';
import { listTouched } from '../resume/resume-scope.ts';
import { createJobs } from '../resume/resumed-job.ts';

export interface UndoPlanning {
  readonly plan: FleetPlan;
  /** Of the whole plan: they know the way to each host. */
  readonly jobs: readonly HostJob[];
  readonly history: RunHistory;
}

/** In the order of the plan. */
export function planUndo(hosts: readonly string[], { plan, jobs, history }: UndoPlanning): readonly HostJob[] {
  const wanted = new Set(hosts);
  const started = new Map(history.hosts.map((one) => [one.host, one]));
  const targets = jobs.map((job) => job.target);
  const jobOf = createJobs(history, { touched: listTouched(history), started }, targets, new Set());
  return plan.hosts.filter((one) => wanted.has(one.target)).map((host) => jobOf(host, true));
}
