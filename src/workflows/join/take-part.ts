// Takes part in a shared run as the runner of one site: is given hosts of the site only, resolves their secrets here, changes them, and leaves
// when none waits any more. It never coordinates, never reads what other sites do, and a request to end stops this process, not the run.
import { asFailure, Failure } from '../../model/failure.ts';
import type { JoinedStanding, SiteRun } from '../../model/joined-run.ts';
import type { HostVerdict } from '../../model/outcome.ts';
import type { FleetPlan } from '../../model/plan.ts';
import type { Target } from '../../model/target.ts';
import { createStopControl } from '../../run/fleet/stop.ts';
import { noCoordinator } from '../../run/joined/coordinate.ts';
import { runTogether } from '../../run/joined/run-together.ts';
import { createRecorder } from '../../run/recorder.ts';
import { createRunMemory } from '../../run/run-memory.ts';
import { withTimes } from '../../run/run-seams.ts';
import { makeHostJobs } from '../host-jobs.ts';
import { readPlan } from '../read-plan.ts';
import { restoreTargets } from '../saved-targets.ts';
import { createRunSeams } from '../run-seams.ts';
import type { OwnInventory, Seams } from '../seams.ts';

export interface SiteRequest {
  readonly site: string;
  /** Of the machine at the site: it has the secrets. */
  readonly inventory: OwnInventory;
  /** Throws the Failure with which the site refuses a plan. */
  readonly judge: (plan: FleetPlan, targets: readonly Target[]) => Promise<void>;
}

export type SiteSeams = Pick<Seams, 'connector' | 'listener' | 'clock' | 'operator' | 'interrupts'>;

export interface SiteOutcome {
  readonly run: string;
  /** Of the hosts that this runner had. */
  readonly verdicts: readonly HostVerdict[];
  /** Why it left early; null: it did not. */
  readonly failure: Failure | null;
}

/** Rejects with a Failure when the site refuses the plan or can't read it; nothing was sent then. */
export async function takePart(joined: SiteRun, request: SiteRequest, seams: SiteSeams): Promise<SiteOutcome> {
  const { run } = joined;
  const { plan } = await readPlan(joined.readPlan(), `the plan of run ${run}`, seams.operator.toolVersion);
  const foreign = plan.hosts.find((one) => one.site !== request.site);
  if (foreign !== undefined) throw otherSite(foreign.target, request.site);
  const targets = await restoreSite(plan, request);
  await request.judge(plan, targets);
  const jobs = makeHostJobs(plan, targets);
  const { policy } = plan;
  const member = await joined.join();
  const journal = joined.openJournal();
  const memory = createRunMemory(jobs, []);
  const own = {
    run,
    flags: '',
    confirm: policy.confirm,
    locks: joined.locks,
    recorder: createRecorder(memory.noting(journal), seams.listener, seams.clock),
    // Of this run alone: a window that closes for one run says nothing of another.
    stop: createStopControl(),
    endsAt: null,
    confirmBatch: () => Promise.resolve(false),
  };
  const world = withTimes(createRunSeams(own, seams), policy);
  const isLeaving = ({ hasSiteWaiting, stopping }: JoinedStanding): boolean =>
    seams.interrupts.stop.reason !== null || hasSiteWaiting === false || stopping !== null;
  try {
    const { verdicts, failure } = await runTogether({
      joined,
      jobs: new Map(jobs.map((job) => [job.plan.target, job])),
      policy,
      world,
      coordinator: noCoordinator,
      memory,
      isLeaving,
      onTurn: () => Promise.resolve(),
      onClaim: () => undefined,
    });
    return { run, verdicts, failure: failure === null ? null : leftEarly(run, failure, memory.isAnythingSent) };
  } catch (thrown) {
    return { run, verdicts: [], failure: leftEarly(run, asFailure(thrown), memory.isAnythingSent) };
  } finally {
    await journal.close();
    await member.release();
  }
}

/** A host whose secret is not here is no reason to keep the others waiting: it ends when it would be connected. */
function restoreSite(plan: FleetPlan, { inventory }: SiteRequest): Promise<readonly Target[]> {
  const hosts = plan.hosts.map(({ target, connection, backEndPorts }) => ({
    target,
    connection,
    backEndPorts,
    isReached: false,
  }));
  return restoreTargets({ kind: 'plan', hosts, inventory: plan.inventory.files }, inventory);
}

function otherSite(host: string, site: string): Failure {
  return new Failure('plan/damaged', `the plan cannot be used: this host is not of site ${site}`, {
    where: host,
    hint: 'nothing was changed; start the run again under another name, from the plan as it was made',
  });
}

function leftEarly(run: string, failure: Failure, isAnythingSent: boolean): Failure {
  return new Failure(failure.code, `this runner left early: ${failure.message}`, {
    where: failure.where,
    hint: `see how the run stands, where it is coordinated: fencepost status ${run}`,
    effect: isAnythingSent ? 'unknown' : 'none',
    cause: failure,
  });
}
