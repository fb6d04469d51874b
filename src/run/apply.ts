// A whole run: batches one after the other, hosts within a batch in parallel, failure budgets, the window, and what is rolled back
// when they are exceeded. It journals the frame of the run; what happens on one host is hosts/change-host.ts.
import type { HostVerdict } from '../model/outcome.ts';
import { rollsBackOthers, type Policy } from '../model/strategy.ts';
import { noEarlierLife, resultBefore, type EarlierLife } from './earlier-life.ts';
import { splitIntoBatches } from '../model/rules/batches.ts';
import { failedVerdicts, isBudgetExceeded } from './fleet/budget.ts';
import { createGroupWatch, type GroupWatch } from './fleet/group-watch.ts';
import { changeHost } from './hosts/change-host.ts';
import type { HostJob, HostResult, HostSeams } from './hosts/host-job.ts';
import { describeSkipped, judgeSkipped } from './hosts/resumed-host.ts';
import { createLedger, type Ledger } from './fleet/ledger.ts';
import { forEachHost } from './fleet/pool.ts';
import { endsEarlierOutage } from './hosts/time-check.ts';
import { withServicesDown } from './hosts/services-down.ts';
import { withUntold } from './hosts/untold-undo.ts';
import { isVisited, settledByPlan } from './hosts/settled-by-plan.ts';
import { msUntilOpen } from './fleet/window.ts';
import { rollBackHosts } from './roll-back-hosts.ts';
import { withTimes, type RunSeams, type TimedSeams } from './run-seams.ts';

/**
 * Changes the hosts of a plan and returns one verdict per job, after those that `earlier` brings from before an interruption.
 * Rejects only with Failure `journal/unwritable`: then the journal holds what was done, and `rollback` and `resume` continue from it.
 */
export async function applyJobs(
  jobs: readonly HostJob[],
  policy: Policy,
  given: RunSeams,
  earlier: EarlierLife = noEarlierLife,
): Promise<readonly HostVerdict[]> {
  const world = withTimes(given, policy);
  const ledger = createLedger([...earlier.settled.map((one) => one.host), ...jobs.map((job) => job.plan.target)]);
  for (const verdict of earlier.settled) ledger.settle(verdict);
  for (const job of jobs) {
    const settled = settledByPlan(job);
    if (settled === null) continue;
    ledger.settle(settled);
    await noteGuardRan(job, world.recorder);
    await world.recorder.record({ type: 'host-finished', ...settled, findings: job.plan.findings });
  }
  const { oneAtATimeBy } = policy.strategy;
  const groups = createGroupWatch(jobs, { oneAtATimeBy, settleWith: world.settleWith, down: earlier.down });
  const undone = jobs.filter((job) => job.isUndone === true && settledByPlan(job) === null);
  const changing = jobs.filter((job) => job.isUndone !== true && isVisited(job));
  if (earlier.isExceeded) {
    await rollBackHosts(undone.map(resultBefore), world, ledger, groups, policy.strategy.concurrency);
    // What was begun is finished, as it would have been then.
    const begun = changing.filter((job) => job.touched && undone.length === 0);
    await changeBatches(begun, policy, world, { ledger, groups }, earlier);
    await stopRun(world, 'more hosts had failed than max_failed allows before the run was interrupted');
  } else {
    await changeBatches(changing, policy, world, { ledger, groups }, earlier);
  }
  const jobOf = new Map(jobs.map((job) => [job.plan.target, job]));
  for (const verdict of ledger.verdicts()) {
    if (ledger.isSettled(verdict.host)) continue;
    const detail = `not started: ${world.stop.reason ?? 'the run stopped first'}`;
    const job = jobOf.get(verdict.host);
    const settled: HostVerdict = job === undefined ? { ...verdict, detail } : notStarted(job, detail);
    ledger.settle(settled);
    await world.recorder.record({ type: 'host-finished', ...settled, findings: [] });
  }
  await world.recorder.record({ type: 'run-finished', counts: ledger.counts() });
  return ledger.verdicts();
}

function notStarted(job: HostJob, detail: string): HostVerdict {
  const verdict = judgeSkipped(job, 'skipped');
  const given = { host: job.plan.target, verdict, detail: describeSkipped(job, detail), failure: null };
  return withUntold(withServicesDown<HostVerdict>(given, job), job);
}

/** Only of a host that nothing else is done on; on the others it is noted when they are reached. */
async function noteGuardRan({ plan, guardRan }: HostJob, recorder: RunSeams['recorder']): Promise<void> {
  if (guardRan === undefined || plan.state !== 'ok') return;
  const { task, withinMs, by } = guardRan;
  await recorder.record({ type: 'guard', host: plan.target, state: 'fired', task, withinMs, by });
}

async function changeBatches(
  jobs: readonly HostJob[],
  policy: Policy,
  world: TimedSeams,
  { ledger, groups }: { readonly ledger: Ledger; readonly groups: GroupWatch },
  earlier: EarlierLife,
): Promise<void> {
  const { strategy } = policy;
  const batches = makeBatches(jobs, policy, groups, earlier);
  const hosts = Math.max(jobs.length, earlier.hosts);
  const before: Tally = { failed: countLeft(earlier.failing, jobs) };
  const results: HostResult[] = policy.onFailure === 'rollback_run' ? earlier.changed.map(resultBefore) : [];
  if (batches.length > 0) await waitForWindow(policy, world);
  for (const [index, batch] of batches.entries()) {
    const { jobs: members } = batch;
    if (index > 0) await betweenBatches(index + 1, batches.length, members.length, policy, world);
    if (world.stop.reason !== null) break;
    await world.recorder.record({
      type: 'batch-started',
      batch: index + 1,
      of: batches.length,
      hosts: members.map((job) => job.plan.target),
    });
    const ended = await changeBatch(batch, before, hosts, policy, { ...world, groups });
    if (policy.onFailure === 'rollback_run') results.push(...ended.results);
    const soFar: Tally = { failed: batch.failed };
    for (const verdict of ended.verdicts) {
      ledger.settle(verdict);
      count(soFar, verdict);
      count(before, verdict);
    }
    await world.recorder.record({ type: 'batch-finished', batch: index + 1, failed: soFar.failed });
    const run = { failed: before.failed, hosts };
    if (isBudgetExceeded(strategy, { failed: soFar.failed, hosts: batch.hosts }, run)) {
      const ofBatch = [...batch.changed.map(resultBefore), ...ended.results];
      const scope =
        policy.onFailure === 'rollback_run' ? results : policy.onFailure === 'rollback_batch' ? ofBatch : [];
      await rollBackHosts(scope, world, ledger, groups, strategy.concurrency);
      break;
    }
  }
}

interface Batch {
  readonly jobs: readonly HostJob[];
  /** Its hosts, those of before an interruption too, and how many of them had failed then. */
  readonly hosts: number;
  readonly failed: number;
  /** Hosts of it that were changed before an interruption. */
  readonly changed: readonly HostJob[];
}

/** The batch that was interrupted is finished first, but for hosts that keep their groups waiting: they are down. */
function makeBatches(
  jobs: readonly HostJob[],
  { strategy }: Policy,
  groups: GroupWatch,
  earlier: EarlierLife,
): readonly Batch[] {
  const interrupted = new Set(earlier.batch);
  const isIn = ({ plan }: HostJob): boolean => interrupted.has(plan.target);
  const sorted = groups.sort(jobs, (job) => job);
  const left = sorted.filter(isIn);
  const isFirst = (job: HostJob): boolean => left.length > 0 && !isIn(job) && groups.isDown(job);
  const first = sorted.filter(isFirst);
  const others = splitIntoBatches(
    sorted.filter((job) => !isIn(job) && !isFirst(job)),
    strategy,
  ).map(newBatch);
  if (earlier.batch === null || left.length === 0) return others;
  const failing = earlier.batch.filter((host) => earlier.failing.has(host));
  return [
    ...(first.length === 0 ? [] : [newBatch(first)]),
    {
      jobs: left,
      hosts: earlier.batch.length,
      failed: countLeft(failing, left),
      changed: earlier.changed.filter(isIn),
    },
    ...others,
  ];
}

/** Of hosts that had failed before an interruption, those that are not tried again: each counts once, by what becomes of it now. */
function countLeft(failing: Iterable<string>, tried: readonly HostJob[]): number {
  const names = new Set(tried.map((job) => job.plan.target));
  return [...failing].filter((host) => !names.has(host)).length;
}

function newBatch(jobs: readonly HostJob[]): Batch {
  return { jobs, hosts: jobs.length, failed: 0, changed: [] };
}

interface EndedBatch {
  /** One for each host that was started, in the order of their ends. */
  readonly verdicts: readonly HostVerdict[];
  /** Of hosts that may be rolled back with their batch or run, what that needs: some kilobytes each. */
  readonly results: readonly HostResult[];
}

/**
 * Changes one batch; a host is started only while the budgets hold, no stop was requested, no other of its group was left down, and it fits in
 * the window.
 */
async function changeBatch(
  batch: Batch,
  before: Readonly<Tally>,
  total: number,
  policy: Policy,
  world: TimedSeams & { readonly groups: GroupWatch },
): Promise<EndedBatch> {
  const { groups } = world;
  const verdicts: HostVerdict[] = [];
  const results: HostResult[] = [];
  const soFar: Tally = { failed: 0 };
  const hostWorld: HostSeams = { ...world, undoOnFailure: policy.onFailure !== 'stop' };
  await forEachHost(
    batch.jobs,
    { concurrency: policy.strategy.concurrency, exclusiveKey: (job) => job.plan.exclusiveGroup },
    async (job) => {
      if (world.stop.reason !== null) return;
      const held = groups.refuse(job);
      if (held !== null) {
        const verdict = notStarted(job, `not started: ${held}`);
        await world.recorder.record({ type: 'host-finished', ...verdict, findings: [] });
        verdicts.push(verdict);
        return;
      }
      const { steps } = job.plan;
      const isDown = steps.some((step) => endsEarlierOutage(step, steps));
      const late = isDown ? null : world.times.refuseHost(steps, false);
      if (late !== null) {
        await stopRun(world, late);
        return;
      }
      try {
        const result = await changeHost(job, hostWorld);
        groups.note(job, result);
        verdicts.push(findVerdict(result));
        if (rollsBackOthers(policy.onFailure)) results.push(result);
        count(soFar, result);
        if (result.failure?.code === 'run/out-of-time') await stopRun(world, result.failure.message);
      } catch (thrown) {
        world.stop.request("the journal can't be written");
        throw thrown;
      }
      const failed = batch.failed + soFar.failed;
      const run = { failed: before.failed + soFar.failed, hosts: total };
      if (isBudgetExceeded(policy.strategy, { failed, hosts: batch.hosts }, run)) {
        await stopRun(world, `more hosts failed than max_failed allows (${failed} of this batch)`);
      }
    },
  );
  return { verdicts, results };
}

/** What budgets need to know about finished hosts. */
interface Tally {
  failed: number;
}

function count(tally: Tally, { verdict }: HostVerdict): void {
  if (failedVerdicts.includes(verdict)) tally.failed += 1;
}

async function waitForWindow({ window }: Policy, world: TimedSeams): Promise<void> {
  if (window === null) return;
  for (;;) {
    const waitMs = msUntilOpen(window, Date.parse(world.clock.now()));
    const over = waitMs === 0 || world.stop.reason !== null;
    world.listener.progress({ host: '', doing: `waiting for the window, which opens at ${window.opensAt}`, over });
    if (over) return;
    await world.clock.sleep(Math.min(waitMs, 1000), world.stop.signal);
  }
}

async function betweenBatches(
  batch: number,
  of: number,
  hosts: number,
  policy: Policy,
  world: TimedSeams,
): Promise<void> {
  const { pauseMs, confirmBetweenBatches } = policy.strategy;
  if (world.stop.reason === null && pauseMs > 0) await world.clock.sleep(pauseMs, world.stop.signal);
  if (world.stop.reason !== null || !confirmBetweenBatches) return;
  if (!(await world.confirmBatch(batch, of, hosts))) await stopRun(world, `batch ${batch} was not confirmed`);
}

async function stopRun(world: TimedSeams, reason: string): Promise<void> {
  if (world.stop.reason !== null) return;
  world.stop.request(reason);
  await world.recorder.record({ type: 'run-stopping', reason });
}

function findVerdict({ host, verdict, detail, failure, untouched, late, down }: HostResult): HostVerdict {
  return { host, verdict, detail, failure, untouched, late, down };
}
