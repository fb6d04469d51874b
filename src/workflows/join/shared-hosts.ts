// The hosts of a plan as a shared run keeps them: their batches, their groups, their sites, and for each site the part of the plan that its
// runner reads. Pure.
import type { JoinedHost } from '../../model/joined-run.ts';
import type { FleetPlan } from '../../model/plan.ts';
import { writePlanFile } from '../../plan/plan-file.ts';
import { nameHostLock, type HostJob } from '../../run/hosts/host-job.ts';

export function listHosts(jobs: readonly HostJob[], batches: readonly (readonly HostJob[])[]): readonly JoinedHost[] {
  const batchOf = new Map(batches.flatMap((batch, index) => batch.map((job) => [job, index + 1] as const)));
  return jobs.map((job) => ({
    host: job.plan.target,
    batch: batchOf.get(job) ?? 0,
    group: job.plan.exclusiveGroup,
    ...(job.plan.site === undefined ? {} : { site: job.plan.site, lockKey: nameHostLock(job.target).key }),
  }));
}

/** By site: the plan of its hosts alone, which is all that the site's runner reads. */
export function splitBySite(plan: FleetPlan): ReadonlyMap<string, Iterable<string>> {
  const sites = [...new Set(plan.hosts.flatMap((one) => one.site ?? []))];
  return new Map(
    sites.map((site) => {
      const hosts = plan.hosts.filter((one) => one.site === site);
      return [site, writePlanFile({ ...plan, hosts }).text];
    }),
  );
}
