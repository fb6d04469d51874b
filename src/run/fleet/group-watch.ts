// Which hosts of one-at-a-time groups the run has left down, or perhaps down. An outage that did not end is the one that its group can bear: no
// other host of the group is changed or rolled back meanwhile (decision 0088). The host that is down itself always may be. Pure.
import type { HostDown } from '../../model/rules/left-down.ts';
import type { HostVerdict } from '../../model/outcome.ts';
import type { HostJob } from '../hosts/host-job.ts';
import { listDownBefore } from '../hosts/services-down.ts';

export interface GroupWatch {
  /** To be told of each host that has ended, before another of its group is asked about. */
  note(job: HostJob, verdict: Pick<HostVerdict, 'down'>): void;
  /** Why the host may not be started now, in one sentence; null: it may. */
  refuse(job: HostJob): string | null;
  /** The host itself was left down, and belongs to a group. */
  isDown(job: HostJob): boolean;
  /** Hosts that were left down come first, so that the others of their groups can follow; the rest as given. */
  sort<T>(items: readonly T[], jobOf: (item: T) => HostJob): readonly T[];
}

export interface GroupWatchOptions {
  /** The variable that makes the groups; null: not known, as in a rollback. */
  readonly oneAtATimeBy: string | null;
  /** What to type to settle a host that the run left down. */
  readonly settleWith: string;
  /** Hosts down that have no job, or whose job does not say so. Default: none. */
  readonly down?: readonly HostDown[];
}

export function createGroupWatch(
  jobs: readonly HostJob[],
  { oneAtATimeBy, settleWith, down = [] }: GroupWatchOptions,
): GroupWatch {
  /** By group, by host: its services. */
  const groups = new Map<string, Map<string, readonly string[]>>();

  function set(group: string | null, host: string, services: readonly string[]): void {
    if (group === null) return;
    const members = groups.get(group) ?? new Map<string, readonly string[]>();
    if (services.length === 0) members.delete(host);
    else members.set(host, services);
    if (members.size === 0) groups.delete(group);
    else groups.set(group, members);
  }

  for (const one of down) set(one.group, one.host, one.services);
  for (const job of jobs) {
    if (job.plan.exclusiveGroup === null) continue;
    const services = listDownBefore(job);
    if (services.length > 0) set(job.plan.exclusiveGroup, job.plan.target, services);
  }

  const isDown = ({ plan: { exclusiveGroup, target } }: HostJob): boolean =>
    exclusiveGroup !== null && groups.get(exclusiveGroup)?.has(target) === true;

  return {
    note({ plan }, verdict) {
      set(plan.exclusiveGroup, plan.target, verdict.down ?? []);
    },
    refuse(job) {
      const { exclusiveGroup: group, steps } = job.plan;
      // To call off a guard, which is all that is left to do on a host without steps, stops nothing there.
      const stopsNothing = steps.length === 0 && job.isUndone !== true;
      if (group === null || isDown(job) || stopsNothing) return null;
      const [first] = groups.get(group) ?? [];
      if (first === undefined) return null;
      const [host, services] = first;
      const name = oneAtATimeBy === null ? group : `${oneAtATimeBy} = ${group}`;
      return `${host} of its group (${name}) was left with ${services.join(', ')} stopped, as far as known; settle ${host} first: ${settleWith}`;
    },
    isDown,
    sort(items, jobOf) {
      const first = new Set(items.filter((one) => isDown(jobOf(one))));
      return [...first, ...items.filter((one) => !first.has(one))];
    },
  };
}
