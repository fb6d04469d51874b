// A rollback in two halves. planRollback: read the journal, ask the hosts, plan the rollback. executeRollback: do it, as a run of its own.
// Between them stands the operator's yes, which is not asked for here.
import { selectTargets } from '../inventory/select.ts';
import { Failure, failureRecord, type Issue } from '../model/failure.ts';
import type { HostHistory, RunHistory } from '../model/history.ts';
import { createAlike } from '../model/lists/alike.ts';
import { listServicesDown, listStoppedSince } from '../model/rules/left-down.ts';
import { listUntold } from '../model/rules/untold-origin.ts';
import type { FleetPlan, HostPlan } from '../model/plan.ts';
import type { Policy } from '../model/strategy.ts';
import type { Target } from '../model/target.ts';
import type { Connector } from '../model/seams.ts';
import { withLeftGuards } from '../plan/guarded-plan.ts';
import { planUnreached } from '../plan/make-plan.ts';
import { createSharing } from '../plan/share-alike.ts';
import { describeNotRolledBack, findOriginUnknown, planHostRollback } from '../plan/rollback-plan.ts';
import type { HostJob } from '../run/hosts/host-job.ts';
import { closeOrphanedShells, findLineWait } from '../run/hosts/orphaned-shells.ts';
import { isVisited } from '../run/hosts/settled-by-plan.ts';
import { holdRun, startRun, type RunManners, type RunOutcome } from './execute-run.ts';
import { makeAnswer, asReached, makeRequest } from './host-jobs.ts';
import { withEarlierRollbacks } from './after-rollbacks.ts';
import { doubtWhereGuardGone, findOpenGuards, findOwnTask, hasGuardRun, withGuard } from './guards/open-guards.ts';
import { endShellsElsewhere, findShellsElsewhere } from './orphaned-shells.ts';
import { signPlan } from './plan-fleet.ts';
import { readHistory, findRollbacks } from './read-history.ts';
import { readPlanOfRun } from './read-plan.ts';
import { loadAhead, restoreTargets, savedTarget } from './saved-targets.ts';
import type { OwnInventory, Seams } from './seams.ts';
import { surveyFleet } from './survey-fleet.ts';

/** A service that was told to stop or start when the run died may take so long; it is waited for before its host is planned for. */
const settleMs = 60_000;

export interface RollbackRequest {
  /** The run to roll back. */
  readonly run: string;
  /** A host pattern; null: all hosts that it started on. */
  readonly limit: string | null;
  /** Roll back hosts even if someone else changed them since. */
  readonly force: boolean;
  /** Hosts at once. */
  readonly concurrency: number;
  readonly inventory: OwnInventory;
}

export interface PlannedRollback {
  /** The run that is rolled back. */
  readonly run: string;
  /** No hosts in it: the run changed none. */
  readonly plan: FleetPlan;
  readonly targets: readonly Target[];
  readonly jobs: readonly HostJob[];
  /** Knows which shells of the dead run are still to be deleted. */
  readonly connector: Connector;
  /** Hosts with shells of the dead run that planning deleted, or tried to. */
  readonly shellHosts: readonly string[];
}

/** Changes nothing but shells of the dead run, which it deletes. Throws Failure `run/unknown`, `run/cannot-rollback`, `run/host-locked`, `journal/damaged`, `interrupted`, ... */
export async function planRollback(ordered: RollbackRequest, given: Seams): Promise<PlannedRollback> {
  const { run } = ordered;
  const request = { ...ordered, inventory: await loadAhead(ordered.inventory) };
  const history = await historyToRollBack(run, given);
  const seams = { ...given, connector: closeOrphanedShells(given.connector, history, given) };
  const hosts = narrowHosts(history, request.limit, given);
  const targets = await reachHosts(hosts, history, request.inventory);
  const plan = await planHosts({ history, hosts, targets }, request, seams);
  await endShells(history, request, seams);
  const guards = findOpenGuards(history);
  const makeJob = createRollbackJobs();
  const jobs = plan.hosts.map((host, index) => {
    const job = makeJob(host, hosts[index], targets[index]);
    return withGuard(job, guards, history, host.state === 'ok' && hasGuardRun(history, hosts[index], host.facts));
  });
  const chosen = new Set(hosts.map((one) => one.host));
  const shellHosts = Object.keys(history.openShells).filter((host) => request.limit === null || chosen.has(host));
  return { run, plan, targets, jobs, connector: seams.connector, shellHosts };
}

export function executeRollback(
  { run, plan, jobs, connector }: PlannedRollback,
  manners: RunManners,
  seams: Seams,
): Promise<RunOutcome> {
  return startRun({ kind: 'rollback', of: run, plan, planFile: null, jobs }, manners, { ...seams, connector });
}

/** Whether there is anything to do, or a doubt of an earlier rollback that died is still to be said. */
export function isRollbackDue({ jobs }: PlannedRollback): boolean {
  return jobs.some((job) => isVisited(job) || (job.untoldBefore ?? []).length > 0);
}

/** On hosts that were never started; a rollback of chosen hosts asks no others. */
async function endShells(history: RunHistory, request: RollbackRequest, seams: Seams): Promise<void> {
  const reached = history.hosts.map((one) => one.host);
  if (request.limit !== null || findShellsElsewhere(history, reached).length === 0) return;
  const { store, operator } = seams;
  const saved = await readPlanOfRun(request.run, store, 'apply', operator.toolVersion).catch(() => null);
  if (saved === null) return;
  await endShellsElsewhere({ ...request, history, reached, hosts: saved.plan.hosts }, seams);
}

async function historyToRollBack(run: string, seams: Seams): Promise<RunHistory> {
  const { history, tornTail, headNote } = await readHistory(run, seams.store);
  if (headNote !== null) seams.notice({ kind: 'journal-head', run, note: headNote });
  if (tornTail) seams.notice({ kind: 'torn-tail', run });
  if (history.started.kind === 'rollback') {
    throw new Failure('run/cannot-rollback', `this run is itself a rollback, of ${history.started.of ?? '?'}`, {
      where: run,
      hint: 'to make the change again, make a new plan: fencepost plan',
    });
  }
  // Proves that the run's own process is gone: a run that is still going is stopped first, then rolled back.
  await holdRun(run, seams, () => Promise.resolve());
  return withEarlierRollbacks(history, await findRollbacks(run, seams.store));
}

/** The hosts of a run on which something was started, narrowed by a host pattern. Throws Failure `inventory/no-match`. */
export function narrowHosts(
  history: RunHistory,
  limit: string | null,
  { notice }: Pick<Seams, 'notice'>,
): readonly HostHistory[] {
  if (limit === null) return history.hosts;
  const names = history.hosts.map((one) => one.host);
  const started = {
    targets: history.hosts.map((one) => savedTarget(one.host, one.connection)),
    groups: new Map([['all', { hosts: names }]]),
    unsupported: new Map<string, never>(),
    warnings: [],
    files: [],
    sha256: '',
  };
  const told = (note: Issue): void => {
    notice({ kind: 'short-name', note });
  };
  const chosen = new Set(selectTargets(started, null, limit, told).map((one) => one.name));
  return history.hosts.filter((one) => chosen.has(one.host));
}

async function reachHosts(
  hosts: readonly HostHistory[],
  { started }: RunHistory,
  inventory: OwnInventory,
): Promise<readonly Target[]> {
  if (hosts.length === 0) return [];
  const saved = hosts.map(({ host, connection }) => ({ target: host, connection, isReached: true }));
  return restoreTargets({ kind: 'run', hosts: saved, inventory: started.inventory.files }, inventory);
}

interface RollbackHosts {
  readonly history: RunHistory;
  readonly hosts: readonly HostHistory[];
  /** One per host, in the same order. */
  readonly targets: readonly Target[];
}

async function planHosts(
  { history, hosts, targets }: RollbackHosts,
  { concurrency, force }: RollbackRequest,
  seams: Seams,
): Promise<FleetPlan> {
  const known = new Map(hosts.map((one) => [one.host, one]));
  const sharing = createSharing();
  const request = {
    targets,
    concurrency,
    settleMs,
    extraMs: findLineWait(history, seams.clock),
    requestOf: (target: Target) => makeRequest(findHistory(known, target).desired),
  };
  const plans = await surveyFleet(request, seams, (one): HostPlan => {
    const told = findHistory(known, one.target);
    const { connection, exclusiveGroup, desired } = told;
    const host = { target: told.host, connection, exclusiveGroup, desired };
    if ('failure' in one) return sharing.plan(planUnreached(host, failureRecord(one.failure)));
    const doubted = doubtWhereGuardGone(history, told, one.facts);
    const planned = planHostRollback(host, makeAnswer(one.facts, desired), doubted, force);
    return sharing.plan(withLeftGuards(planned, { own: findOwnTask(history, told.host) }));
  });
  return {
    ...signPlan(seams),
    playbook: { ...history.started.playbook, name: `Rollback of run ${history.started.run}` },
    inventory: history.started.inventory,
    policy: rollbackPolicy(concurrency),
    hosts: plans,
  };
}

function rollbackPolicy(concurrency: number): Policy {
  return {
    strategy: {
      canary: 0,
      batches: [{ kind: 'percent', percent: 100 }],
      concurrency,
      maxFailed: { kind: 'percent', percent: 100 },
      maxFailedTotal: null,
      oneAtATimeBy: null,
      pauseMs: 0,
      confirmBetweenBatches: false,
    },
    window: null,
    // A half-done rollback is not undone: what remains is said, and rolling back again goes on.
    onFailure: 'stop',
  };
}

function findHistory(known: ReadonlyMap<string, HostHistory>, target: Target): HostHistory {
  const told = known.get(target.name);
  if (told === undefined) throw new Error(`no history of ${target.name}`);
  return told;
}

type RollbackJobs = (plan: HostPlan, history: HostHistory | undefined, target: Target | undefined) => HostJob;

/**
 * Jobs hold to the end of the rollback what they need of a host's history, which is alike on most: what else the journal told of it is let go of
 * once all are planned.
 */
export function createRollbackJobs(): RollbackJobs {
  const { one } = createAlike();
  const judges = new Map<HostHistory['steps'], HostJob['judge']>();
  const findJudge = (steps: HostHistory['steps']): HostJob['judge'] => {
    const known = judges.get(steps);
    if (known !== undefined) return known;
    const judge: HostJob['judge'] = (facts) => ({ problem: describeNotRolledBack({ steps }, facts), findings: [] });
    judges.set(steps, judge);
    return judge;
  };
  return (plan, history, target) => {
    if (history === undefined || target === undefined) throw new Error(`no history of ${plan.target}`);
    const { steps } = history;
    return {
      plan: asReached(plan, target),
      target,
      touched: true,
      goesOn: true,
      originUnknown: one(findOriginUnknown(history)),
      untoldBefore: one(listUntold(steps)),
      request: makeRequest(plan.desired),
      downBefore: one(listServicesDown(steps)),
      stoppedSince: one(listStoppedSince(steps, plan.facts)),
      judge: findJudge(steps),
    };
  };
}
