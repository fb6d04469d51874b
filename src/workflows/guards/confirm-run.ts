// Confirms what a run changed: the guards that it left armed are called off, or their time starts again. What came of it goes into the
// run's own journal. It changes nothing else on a host.
import { Failure } from '../../model/failure.ts';
import type { HostHistory, StepHistory } from '../../model/history.ts';
import { isOurs } from '../../model/rules/ownership.ts';
import type { Target } from '../../model/target.ts';
import { planUnreached } from '../../plan/make-plan.ts';
import { forEachHost } from '../../run/fleet/pool.ts';
import { confirmHost, type ConfirmedHost, type ConfirmJob } from '../../run/hosts/confirm-host.ts';
import { createRecorder } from '../../run/recorder.ts';
import { holdRun } from '../execute-run.ts';
import { serviceMs } from '../run-seams.ts';
import { makeHostJob } from '../host-jobs.ts';
import { findRollbacks, readHistory } from '../read-history.ts';
import { withEarlierRollbacks } from '../after-rollbacks.ts';
import { narrowHosts } from '../roll-back.ts';
import { restoreTargets } from '../saved-targets.ts';
import type { OwnInventory, Seams } from '../seams.ts';
import { describeServicesDown, findOpenGuards, findRemains, type OpenGuard } from './open-guards.ts';

export interface ConfirmRequest {
  readonly run: string;
  /** Null: the guards are called off. */
  readonly extendMs: number | null;
  /** A host pattern; null: all hosts with a guard. */
  readonly limit: string | null;
  /** Hosts at once. */
  readonly concurrency: number;
  readonly inventory: OwnInventory;
}

/** Throws Failure `guard/none`, `run/unknown`, `run/host-locked` while the run's own process lives, `journal/unwritable`, ... */
export async function confirmRun(request: ConfirmRequest, seams: Seams): Promise<readonly ConfirmedHost[]> {
  const { run, inventory } = request;
  const own = await readHistory(run, seams.store);
  const history = withEarlierRollbacks(own.history, await findRollbacks(run, seams.store));
  const guards = findOpenGuards(history);
  const hosts = narrowHosts(history, request.limit, seams).filter((one) => guards.has(one.host));
  if (hosts.length === 0) {
    throw new Failure('guard/none', 'no guard of this run is known to be armed', {
      where: run,
      hint: `see how each host stands: fencepost status ${run}`,
    });
  }
  const saved = hosts.map(({ host, connection }) => ({ target: host, connection, isReached: true }));
  const files = history.started.inventory.files;
  const targets = await restoreTargets({ kind: 'run', hosts: saved, inventory: files }, inventory);
  return holdRun(run, seams, async (locks) => {
    const journal = await seams.store.reopenRun(run);
    try {
      const { connector, clock, interrupts, listener } = seams;
      const recorder = createRecorder(journal, listener, clock);
      const world = { connector, locks, recorder, listener, clock, signal: interrupts.signal, serviceMs };
      const found = new Map<string, ConfirmedHost>();
      const jobs = hosts.map((host, index) => makeConfirmJob(host, targets[index], guards, request.extendMs));
      await forEachHost(jobs, { concurrency: request.concurrency }, async (job) => {
        found.set(job.target.name, await confirmHost(job, world));
      });
      return [...jobs].flatMap(({ target }) => found.get(target.name) ?? []);
    } finally {
      await journal.close();
    }
  });
}

function makeConfirmJob(
  history: HostHistory,
  target: Target | undefined,
  guards: ReadonlyMap<string, OpenGuard>,
  extendMs: number | null,
): ConfirmJob {
  const { host, connection, exclusiveGroup, desired, steps } = history;
  const guard = guards.get(host);
  if (target === undefined || guard === undefined) throw new Error(`no guard of ${host}`);
  const about = { target: host, connection, exclusiveGroup, desired };
  const { request, judge } = makeHostJob(planUnreached(about, unasked), target);
  const findProblem: ConfirmJob['findProblem'] = (facts) => {
    const { problem } = judge(facts);
    const problems = [...(problem === null ? [] : [problem]), ...describeServicesDown(history, facts)];
    return problems.length === 0 ? null : problems.join('; ');
  };
  return {
    target,
    request,
    guard,
    steps: steps.filter(isUndoneByGuard).map((one) => one.step),
    extendMs,
    findProblem,
    findRemains: (facts) => findRemains(history, facts),
  };
}

/** What somebody else did meanwhile is known by now, and stays. */
function isUndoneByGuard({ step, sent, ownership }: StepHistory): boolean {
  return step.kind === 'service' ? sent : isOurs(ownership);
}

/** The plan only says what is desired. */
const unasked = { code: 'interrupted', message: '', where: null, hint: null } as const;
