// Continues a run that died or was interrupted, in two halves. planResume: hosts in progress are asked and planned again, hosts
// that were not started keep their plan, everything that is settled stays. executeResume: does it, in the run's own journal. Between them
// stands the operator's yes, which is not asked for here.
import type { CountedApproval } from '../../model/approval.ts';
import { Failure } from '../../model/failure.ts';
import type { FleetPlan, HostPlan } from '../../model/plan.ts';
import type { HostDown } from '../../model/rules/left-down.ts';
import type { Connector } from '../../model/seams.ts';
import type { EarlierLife } from '../../run/earlier-life.ts';
import type { HostJob } from '../../run/hosts/host-job.ts';
import { closeOrphanedShells } from '../../run/hosts/orphaned-shells.ts';
import { continueRun, type RunManners, type RunOutcome } from '../execute-run.ts';
import { endShellsElsewhere } from '../orphaned-shells.ts';
import { loadAhead, restoreTargets } from '../saved-targets.ts';
import type { OwnInventory, Seams } from '../seams.ts';
import { readDeadRun, readStand } from './dead-run.ts';
import { planOpenHosts } from './plan-open-hosts.ts';
import { findResumeScope } from './resume-scope.ts';
import { createJobs } from './resumed-job.ts';

export interface ResumeRequest {
  readonly run: string;
  /** Hosts asked at once. */
  readonly concurrency: number;
  /** Hosts changed at once, at most as many as the plan's, which was signed off; left out: as many. */
  readonly changesAtOnce?: number;
  readonly inventory: OwnInventory;
}

export interface PlannedResume {
  readonly run: string;
  /** What is left to do; hosts that are not started, because too many had failed, are not in it. */
  readonly plan: FleetPlan;
  /** None: nothing is left to do. */
  readonly jobs: readonly HostJob[];
  /** The run was rolling back, or was about to, because of its failures: the plan's hosts are rolled back. */
  readonly rollsBack: boolean;
  /** Those the run was started with, as its journal has them; null: none was required. */
  readonly approvals: readonly CountedApproval[] | null;
  readonly earlier: EarlierLife;
  /** What it was planned from: refused when that has changed before it is executed. */
  readonly seen: string;
  /** Knows which shells of the dead process are still to be deleted. */
  readonly connector: Connector;
  /** Hosts with shells of the dead process that planning deleted, or tried to. */
  readonly shellHosts: readonly string[];
}

/** Changes nothing but shells of the dead process, which it deletes. Throws Failure `run/unknown`, `run/cannot-resume`, `run/host-locked`, `journal/damaged`, `usage/invalid`, `interrupted`, ... */
export async function planResume(ordered: ResumeRequest, given: Seams): Promise<PlannedResume> {
  const { run } = ordered;
  const request = { ...ordered, inventory: await loadAhead(ordered.inventory) };
  const seen = await readStand(run, given);
  const dead = await readDeadRun(run, request.inventory, given);
  const { history } = dead;
  const plan = slowDown(dead.plan, request.changesAtOnce);
  const scope = findResumeScope(dead);
  const { failures, rollsBack, doubted, acting, isAsked } = scope;
  const connector = closeOrphanedShells(given.connector, history, given);
  const reached = [...acting, ...scope.kept.filter(({ target }) => !doubted.has(target))];
  const hosts = reached.map((one) => ({
    target: one.target,
    connection: one.connection,
    // What is rolled back is what was done, whatever the port is by now.
    backEndPorts: rollsBack ? undefined : one.backEndPorts,
    isReached: isAsked(one) || one.state === 'changes',
  }));
  const saved = { kind: 'run', hosts, inventory: plan.inventory.files } as const;
  const targets = await restoreTargets(saved, request.inventory);
  const asked = targets.filter((_, index) => {
    const host = acting[index];
    return host !== undefined && isAsked(host);
  });
  const work = { open: acting, asked, history, rollsBack };
  const { hosts: again, ran } = await planOpenHosts(work, request.concurrency, { ...given, connector });
  const isAsSettled = (host: string): boolean => doubted.has(host) && !ran.has(host);
  // Where nothing more is begun, what the host undid by itself stays so.
  const staysUndone = (host: string): boolean => failures.isExceeded && ran.has(host);
  const planned = again
    .filter((one) => !isAsSettled(one.target))
    .map((one): HostPlan => (staysUndone(one.target) ? { ...one, state: 'ok', steps: [] } : one));
  const comesTo = acting.filter((one) => isAsked(one) || one.state === 'changes').map((one) => one.target);
  // Not asked before the operator's yes; their shells are deleted after it.
  const askedNames = new Set(asked.map((one) => one.name));
  const waitsForYes = new Set(comesTo.filter((host) => !askedNames.has(host)));
  await endShellsElsewhere({ ...request, history, reached: comesTo, hosts: plan.hosts }, { ...given, connector });
  const jobOf = createJobs(history, scope, targets, ran);
  const jobs = planned.map((host) => jobOf(host, rollsBack));
  const left = scope.left.map((host) => jobOf(host, false));
  const groups = new Map(plan.hosts.map((one) => [one.target, one.exclusiveGroup]));
  const settled = scope.settled.filter((one) => !ran.has(one.host));
  const down = settled.flatMap(({ host, down: services = [] }): readonly HostDown[] => {
    const group = groups.get(host) ?? null;
    return group === null || services.length === 0 ? [] : [{ host, group, services }];
  });
  const changed = scope.kept.filter((one) => !ran.has(one.target)).map((host) => jobOf(host, true));
  return {
    run,
    plan: { ...plan, hosts: rollsBack ? planned : jobs.map((one) => one.plan) },
    jobs: [...jobs, ...left],
    rollsBack,
    approvals: history.started.approvals ?? null,
    earlier: { ...failures, settled, changed, down },
    seen,
    connector,
    shellHosts: Object.keys(history.openShells).filter((host) => !waitsForYes.has(host)),
  };
}

/** Throws Failure `usage/invalid`. */
function slowDown(plan: FleetPlan, changesAtOnce: number | undefined): FleetPlan {
  if (changesAtOnce === undefined) return plan;
  const { strategy } = plan.policy;
  const { concurrency } = strategy;
  if (changesAtOnce <= concurrency) {
    return { ...plan, policy: { ...plan.policy, strategy: { ...strategy, concurrency: changesAtOnce } } };
  }
  const message = `--concurrency ${String(changesAtOnce)}: the plan of this run was signed off for ${String(concurrency)} hosts at once`;
  throw new Failure('usage/invalid', message, { hint: `fewer are possible; leave it out for ${String(concurrency)}` });
}

export function executeResume(
  { run, plan, jobs, approvals, earlier, seen, connector }: PlannedResume,
  manners: RunManners,
  seams: Seams,
): Promise<RunOutcome> {
  const refuseChanged = async (): Promise<void> => {
    if ((await readStand(run, seams)) === seen) return;
    throw new Failure('run/cannot-resume', 'this run was continued or rolled back by somebody else just now', {
      where: run,
      hint: `see how it stands: fencepost status ${run}`,
    });
  };
  return continueRun({ run, plan, jobs, approvals, earlier, refuseChanged }, manners, { ...seams, connector });
}
