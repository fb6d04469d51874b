// Continues a run that died or was interrupted, in two halves. planResume: hosts in progress are asked and planned again, hosts
// that were not started keep their plan, everything that is settled stays. executeResume: does it, in the run's own journal. Between them
// stands the operator's yes, which is not asked for here.
import type { CountedApproval } from '../model/approval.ts';
import { Failure, failureRecord } from '../model/failure.ts';
import { counted } from '../model/text/counted.ts';
import type { HostHistory, RunHistory } from '../model/history.ts';
import type { HostVerdict, Verdict } from '../model/outcome.ts';
import { isOurs } from '../model/rules/ownership.ts';
import { listUntold } from '../model/rules/untold-origin.ts';
import type { FleetPlan, HostPlan } from '../model/plan.ts';
import type { Target } from '../model/target.ts';
import type { Connector } from '../model/seams.ts';
import { withLeftGuards } from '../plan/guarded-plan.ts';
import { planHost } from '../plan/make-plan.ts';
import { planHostRollback } from '../plan/rollback-plan.ts';
import { createSharing } from '../plan/share-alike.ts';
import { recallFailures, undoScope, type EarlierLife } from '../run/earlier-life.ts';
import { failedVerdicts } from '../run/fleet/budget.ts';
import type { HostJob } from '../run/hosts/host-job.ts';
import { closeOrphanedShells, findLineWait } from '../run/hosts/orphaned-shells.ts';
import { standAfterRollbacks, limitFlag, type RollbackStanding } from './earlier-rollbacks.ts';
import { continueRun, holdRun, type RunManners, type RunOutcome } from './execute-run.ts';
import { makeAnswer, makeHostJob, makeRequest } from './host-jobs.ts';
import { inventoryFlags } from './inventory-flags.ts';
import {
  findOpenGuards,
  findOwnTask,
  hasGuardRun,
  hasGuardRunBefore,
  isSeen,
  withGuard,
  withoutClaims,
} from './guards/open-guards.ts';
import { endShellsElsewhere } from './orphaned-shells.ts';
import { findRollbacks, listRollbacks, readHistory } from './read-history.ts';
import { readPlanOfRun } from './read-plan.ts';
import { unreachedAgain, withEarlierSteps, withServiceStarts } from './resumed-host.ts';
import { restoreTargets } from './saved-targets.ts';
import type { OwnInventory, Seams } from './seams.ts';
import { surveyFleet } from './survey-fleet.ts';

/** Verdicts that a resumed run leaves as they are. The others are asked, or started. */
const settledVerdicts: readonly Verdict[] = [
  'changed',
  'unchanged',
  'blocked',
  'stale',
  'conflict',
  'failed-rolled-back',
  'rolled-back',
  'undone-by-host',
];

/** A service that was told to stop when the run died may take so long; it is waited for before its host is planned again. */
const settleMs = 60_000;

export interface ResumeRequest {
  readonly run: string;
  /** Hosts at once. */
  readonly concurrency: number;
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

/** Changes nothing but shells of the dead process, which it deletes. Throws Failure `run/unknown`, `run/cannot-resume`, `run/host-locked`, `journal/damaged`, `interrupted`, ... */
export async function planResume(request: ResumeRequest, given: Seams): Promise<PlannedResume> {
  const { run } = request;
  const seen = await readStand(run, given);
  const { history, plan, back } = await readRun(request, given);
  const connector = closeOrphanedShells(given.connector, history, given);
  const guards = findOpenGuards(history);
  // What only waits for a person still does.
  const isWaiting = ({ target, state, facts }: HostPlan): boolean => {
    const guard = guards.get(target);
    return state === 'ok' && guard?.by === 'person' && isSeen(guard.task, facts) !== false;
  };
  const isOurHost = (one: HostHistory): boolean => one.steps.some((step) => isOurs(step.ownership));
  const touched = new Set(history.hosts.filter(isOurHost).map((one) => one.host));
  const failures = recallFailures(history, plan.policy);
  const undoable = undoScope(history, plan.policy);
  // One that was undone and died before its verdict bears nothing of the run any more, and is rolled back all the same.
  const isCutOff = ({ verdict, steps }: HostHistory): boolean => verdict === null && steps.some((one) => one.sent);
  const cutOff = new Set(history.hosts.filter(isCutOff).map((one) => one.host));
  const isInScope = (host: string): boolean =>
    undoable.has(host) && (touched.has(host) || cutOff.has(host)) && !back.has(host);
  const rollsBack = failures.isExceeded && undoable.size > 0;
  const settledBefore = [
    ...history.verdicts.filter(
      (one) => isSettled(one, touched) && !back.has(one.host) && !(rollsBack && isInScope(one.host)),
    ),
    ...[...back].map(([host, by]): HostVerdict => {
      return { host, verdict: 'rolled-back', detail: `rolled back by run ${by}`, failure: null };
    }),
  ];
  // Changed and verified, and a guard may have undone it since: asked, and settled as it was unless that is seen.
  const mayHaveRun = ({ host, verdict }: HostVerdict): boolean =>
    verdict === 'changed' && (guards.has(host) || history.guards?.[host]?.state === 'fired') && !back.has(host);
  const doubted = new Set(settledBefore.filter(mayHaveRun).map((one) => one.host));
  const settledHosts = new Set(settledBefore.map((one) => one.host));
  const open = plan.hosts.filter((one) => !settledHosts.has(one.target) || doubted.has(one.target));
  const started = new Map(history.hosts.map((one) => [one.host, one]));
  const acts = ({ target }: HostPlan): boolean =>
    !failures.isExceeded || (rollsBack ? isInScope(target) : touched.has(target)) || doubted.has(target);
  const acting = open.filter(acts);
  const keptBefore = plan.hosts.filter(({ target }) => settledHosts.has(target) && isInScope(target));
  const isAsked = (one: HostPlan): boolean => rollsBack || started.has(one.target) || one.facts === null;
  const reached = [...acting, ...keptBefore.filter(({ target }) => !doubted.has(target))];
  const hosts = reached.map((one) => ({
    target: one.target,
    connection: one.connection,
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
  const settled = settledBefore.filter((one) => !ran.has(one.host));
  const kept = keptBefore.filter((one) => !ran.has(one.target));
  const comesTo = acting.filter((one) => isAsked(one) || one.state === 'changes').map((one) => one.target);
  // Not asked before the operator's yes; their shells are deleted after it.
  const askedNames = new Set(asked.map((one) => one.name));
  const waitsForYes = new Set(comesTo.filter((host) => !askedNames.has(host)));
  await endShellsElsewhere({ ...request, history, reached: comesTo, hosts: plan.hosts }, { ...given, connector });
  const failing = new Set(
    history.verdicts.filter((one) => failedVerdicts.includes(one.verdict)).map((one) => one.host),
  );
  const known = new Map(targets.map((one) => [one.name, one]));
  const jobOf = (host: HostPlan, isUndone: boolean): HostJob => {
    const before = isUndone ? { ...host, steps: [] } : host;
    const hasRun = ran.has(host.target);
    const told = started.get(host.target);
    const left = told !== undefined && hasRun ? withoutClaims(told) : told;
    const { plan: continued, doneBefore } = withEarlierSteps(before, left);
    const job = makeHostJob(continued, known.get(host.target), touched.has(host.target) && !hasRun);
    const untoldBefore = listUntold(left?.steps ?? []);
    const again = { ...job, doneBefore, isUndone, untoldBefore, failedBefore: failing.has(host.target) };
    return isWaiting(host) ? again : withGuard(again, guards, history, hasRun);
  };
  const jobs = planned.map((host) => jobOf(host, rollsBack));
  const left = open.filter((one) => !acts(one)).map((host) => jobOf(host, false));
  return {
    run,
    plan: { ...plan, hosts: rollsBack ? planned : jobs.map((one) => one.plan) },
    jobs: [...jobs, ...left],
    rollsBack,
    approvals: history.started.approvals ?? null,
    earlier: { ...failures, settled, changed: kept.map((host) => jobOf(host, true)) },
    seen,
    connector,
    shellHosts: Object.keys(history.openShells).filter((host) => !waitsForYes.has(host)),
  };
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

/** How far the journals of the run and of its rollbacks have come. */
async function readStand(run: string, { store }: Seams): Promise<string> {
  const ends: string[] = [];
  for (const one of [run, ...(await listRollbacks(run, store))]) {
    const { records, lastDigest } = await store.readRun(one, () => undefined);
    ends.push(`${one} ${records} ${lastDigest}`);
  }
  return ends.join('\n');
}

async function readRun(
  { run, inventory }: ResumeRequest,
  seams: Seams,
): Promise<{
  readonly history: RunHistory;
  readonly plan: FleetPlan;
  /** Hosts that were rolled back since -> by which run. */
  readonly back: ReadonlyMap<string, string>;
}> {
  const { history, headNote } = await readHistory(run, seams.store);
  if (headNote !== null) seams.notice({ kind: 'journal-head', run, note: headNote });
  const flags = inventoryFlags(inventory.named ?? history.started.inventory.files);
  if (history.started.kind === 'rollback') throw await rollBackAgain(history, flags, seams);
  const standing = standAfterRollbacks(await findRollbacks(run, seams.store));
  if (standing.unfinishedBy !== null) throw unfinishedRollback(history, standing, flags);
  const { back } = standing;
  const isLeft = (one: HostHistory): boolean => !back.has(one.host) && one.steps.some((step) => isOurs(step.ownership));
  if (back.size > 0 && !history.hosts.some(isLeft)) {
    throw new Failure('run/cannot-resume', `this run was rolled back by ${[...new Set(back.values())].join(', ')}`, {
      where: run,
      hint: 'make a new plan: fencepost plan',
    });
  }
  // Proves that the run's own process is gone before its hosts are asked.
  await holdRun(run, seams, () => Promise.resolve());
  const { plan } = await readPlanOfRun(run, seams.store, 'apply', seams.operator.toolVersion);
  return { history, plan, back };
}

/** A rollback goes on as a rollback of the same hosts. */
async function rollBackAgain({ started }: RunHistory, flags: string, { store }: Seams): Promise<Failure> {
  const of = started.of ?? 'RUN';
  const rolledBack = await readHistory(of, store).catch(() => null);
  const hosts = started.hosts.map((one) => one.host);
  const limit = rolledBack === null ? '' : limitFlag(hosts, rolledBack.history);
  return new Failure('run/cannot-resume', `this run is a rollback of ${of}`, {
    where: started.run,
    hint: `roll back again, it goes on where it stopped: fencepost rollback ${of}${limit}${flags}`,
  });
}

function unfinishedRollback(history: RunHistory, standing: RollbackStanding, flags: string): Failure {
  const { run } = history.started;
  const { unfinished: hosts, unfinishedBy: by, back } = standing;
  const limit = limitFlag(hosts, history, back);
  const shown = `${hosts.slice(0, 3).join(', ')}${hosts.length > 3 ? `, and ${hosts.length - 3} more` : ''}`;
  const message = `its rollback ${by ?? ''} did not finish: ${counted(hosts.length, 'host')} not rolled back (${shown})`;
  return new Failure('run/cannot-resume', message, {
    where: run,
    hint: `roll back again, it goes on where it stopped: fencepost rollback ${run}${limit}${flags}`,
  });
}

interface OpenHosts {
  readonly open: readonly HostPlan[];
  /** Those of them that were started, or never answered. */
  readonly asked: readonly Target[];
  readonly history: RunHistory;
  /** They are planned to be as they were before the run. */
  readonly rollsBack: boolean;
}

interface PlannedAgain {
  readonly hosts: readonly HostPlan[];
  /** Hosts that undid by themselves what the run did there. */
  readonly ran: ReadonlySet<string>;
}

/** Hosts that are asked are planned again from their facts; the others are carried out as they were planned. */
async function planOpenHosts(
  { open, asked, history, rollsBack }: OpenHosts,
  concurrency: number,
  seams: Seams,
): Promise<PlannedAgain> {
  const ran = new Set<string>();
  const started = new Map(history.hosts.map((one) => [one.host, one]));
  const verdicts = new Map(history.verdicts.map((one) => [one.host, one]));
  const plans = new Map(open.map((one) => [one.target, one]));
  const planOf = ({ name }: Target): HostPlan => {
    const plan = plans.get(name);
    if (plan === undefined) throw new Error(`no plan for ${name}`);
    return plan;
  };
  const sharing = createSharing();
  const request = {
    targets: asked,
    concurrency,
    settleMs,
    extraMs: findLineWait(history, seams.clock),
    requestOf: (target: Target) => makeRequest(planOf(target).desired),
  };
  const again = await surveyFleet(request, seams, (one) => {
    const host = planOf(one.target);
    if ('failure' in one) return unreachedAgain(host, verdicts.get(host.target), failureRecord(one.failure));
    const before = started.get(host.target);
    const hasRun =
      history.guards?.[host.target]?.state === 'fired' ||
      hasGuardRun(history, before, one.facts) ||
      hasGuardRunBefore(history, before, one.facts);
    if (hasRun) ran.add(host.target);
    const told = before !== undefined && hasRun ? withoutClaims(before) : before;
    const answer = makeAnswer(one.facts, host.desired);
    const own = findOwnTask(history, host.target);
    if (rollsBack && told !== undefined) {
      return sharing.plan(withLeftGuards(planHostRollback(host, answer, told, false), { own }));
    }
    const planned = planHost(host, answer);
    const continued = told === undefined ? planned : withServiceStarts(planned, told, one.facts);
    return sharing.plan(withLeftGuards(continued, { own }));
  });
  const planned = new Map(again.map((one) => [one.target, one]));
  return { hosts: open.map((host) => planned.get(host.target) ?? host), ran };
}

/** A host that the run changed and that was blocked when the run was resumed is looked at again: the way may be free by now. */
function isSettled({ host, verdict }: HostVerdict, touched: ReadonlySet<string>): boolean {
  return settledVerdicts.includes(verdict) && !(verdict === 'blocked' && touched.has(host));
}
