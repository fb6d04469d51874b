// Carries out a plan as one of several runners of one run: the first that comes makes the run, the others join it, whoever comes after its end
// is told what it came to. The run's journal is the truth about hosts that others changed; of its own this process knows what it did.
import { refuseDamage } from '../../journal/store.ts';
import { asFailure, Failure } from '../../model/failure.ts';
import type { RunHistory } from '../../model/history.ts';
import type { JoinedHost, JoinedRun, JoinedStanding } from '../../model/joined-run.ts';
import type { HostVerdict, RunEvent } from '../../model/outcome.ts';
import { splitIntoBatches } from '../../model/rules/batches.ts';
import { listHostsDown } from '../../model/rules/left-down.ts';
import type { Listener } from '../../model/seams.ts';
import { rollsBackOthers } from '../../model/strategy.ts';
import { writePlanFile } from '../../plan/plan-file.ts';
import type { HostJob } from '../../run/hosts/host-job.ts';
import { isVisited } from '../../run/hosts/settled-by-plan.ts';
import { isolateListener } from '../../run/isolated-listener.ts';
import { createCoordinator } from '../../run/joined/coordinate.ts';
import { runTogether, type RunnerResult } from '../../run/joined/run-together.ts';
import { createRecorder, type NewEvent } from '../../run/recorder.ts';
import { createRunMemory, type RunMemory } from '../../run/run-memory.ts';
import { withTimes } from '../../run/run-seams.ts';
import type { RunManners, RunOutcome, RunRequest } from '../execute-run.ts';
import { inventoryFlags } from '../inventory-flags.ts';
import { replayRun } from '../read-history.ts';
import { listHosts, splitBySite } from './shared-hosts.ts';
import { createRunSeams } from '../run-seams.ts';
import type { Seams } from '../seams.ts';
import { planUndo } from './plan-undo.ts';

export interface JoinSeams extends Seams {
  readonly joined: JoinedRun;
  /** Told once, before any event, when this process coordinates. `isFirst`: it starts the run, too. */
  readonly onCoordinate: (isFirst: boolean) => Promise<void>;
}

/** What this process was: its verdicts are those of the whole run, but for a `runner`, whose are those of its own hosts. */
export type JoinedPart = 'coordinator' | 'runner' | 'late';

export interface JoinedOutcome extends RunOutcome {
  readonly part: JoinedPart;
}

type JoinRequest = Omit<RunRequest, 'kind' | 'of'>;

/**
 * Rejects with Failure `run/cannot-join`, `plan/already-applied`, `usage/invalid` before anything is sent; what comes later is in the outcome.
 */
export async function joinRun(request: JoinRequest, manners: RunManners, seams: JoinSeams): Promise<JoinedOutcome> {
  const { plan, jobs } = request;
  const { joined, store } = seams;
  refusePolicy(plan);
  const { text, digest } = writePlanFile(plan);
  const changing = jobs.filter(isVisited);
  const batches = splitIntoBatches(changing, plan.policy.strategy);
  const standing = await findRun({ digest, text, ofSites: splitBySite(plan) }, listHosts(jobs, batches), seams);
  if (standing.isClosed) return tellLate(request, seams);
  await claimPlan(digest, seams);
  const member = await joined.join();
  const journal = joined.openJournal();
  const memory = createRunMemory(jobs, []);
  // The journal tells the listener, for it has what the others do.
  const silent = isolateListener({ event: () => undefined, progress: () => undefined });
  const own = {
    run: joined.run,
    flags: inventoryFlags(manners.inventory),
    confirm: plan.policy.confirm,
    locks: joined.locks,
    recorder: createRecorder(memory.noting(journal), silent, seams.clock),
    stop: seams.interrupts.stop,
    endsAt: manners.endsAt,
    confirmBatch: manners.confirmBatch,
  };
  const world = withTimes(createRunSeams(own, seams), plan.policy);
  const follower = createFollower(seams);
  seams.interrupts.protectRun();
  let result: RunnerResult;
  try {
    const work = { joined, jobs: new Map(jobs.map((job) => [job.plan.target, job])), policy: plan.policy, world };
    const first = describeStart(joined.run, digest, request, seams);
    result = await runTogether({
      ...work,
      coordinator: createCoordinator({
        ...work,
        batches,
        first,
        async planUndo(hosts) {
          const { history } = await readRun(seams);
          return { jobs: planUndo(hosts, { plan, jobs, history }), down: listHostsDown(history.hosts) };
        },
        readDown: async () => listHostsDown((await readRun(seams)).history.hosts),
        onMissing(words) {
          seams.notice({ kind: 'sites-missing', words });
        },
      }),
      memory,
      isLeaving: () => false,
      onTurn: (isCoordinator) => follower.read(isCoordinator),
      onClaim: (host) => {
        follower.own(host);
      },
    });
  } finally {
    await journal.close();
    await member.release();
  }
  await follower.read(result.isCoordinator).catch(() => undefined);
  return tellOutcome(request, result, memory, manners, { ...seams, store });
}

/** What the runner of a site did would have to be rolled back by one that can't reach its hosts. */
function refusePolicy({ policy: { onFailure }, hosts }: RunRequest['plan']): void {
  if (!rollsBackOthers(onFailure)) return;
  const ofSite = hosts.find((one) => one.site !== undefined && one.state === 'changes');
  if (ofSite === undefined) return;
  throw new Failure('usage/invalid', `on_failure: ${onFailure} does not go with hosts that have a site`, {
    where: ofSite.target,
    hint: `its site (${ofSite.site ?? ''}) alone reaches it, so that no other runner could roll it back; write on_failure: rollback_host or stop, or make one plan for each site`,
  });
}

/** Makes it when it is not there. */
async function findRun(
  written: Parameters<JoinedRun['create']>[0],
  hosts: readonly JoinedHost[],
  { joined, store }: JoinSeams,
): Promise<JoinedStanding> {
  const { digest } = written;
  let standing = await joined.readStanding();
  if (standing === null) {
    const by = await store.planClaim(digest);
    if (by !== null && by !== joined.run) await store.claimPlan(digest, joined.run);
    await joined.create(written, hosts);
    standing = await joined.readStanding();
  }
  if (standing === null) throw new Failure('internal/bug', 'a run that was made is not there', { where: joined.run });
  if (standing.plan === digest) return standing;
  throw new Failure('run/cannot-join', 'this run carries out another plan', {
    where: joined.run,
    hint: 'give all its runners the same plan file; another plan needs another name: --join NAME',
  });
}

/** All of them claim it, for this one run. */
async function claimPlan(digest: string, { joined, store }: JoinSeams): Promise<void> {
  try {
    await store.claimPlan(digest, joined.run);
  } catch (thrown) {
    await store.discardRun(joined.run);
    throw thrown;
  }
}

function describeStart(run: string, digest: string, request: JoinRequest, { operator }: Seams): NewEvent {
  const { plan, planFile, approvals = null } = request;
  return {
    type: 'run-started',
    run,
    kind: 'apply',
    of: null,
    operator,
    plan: { digest, file: planFile },
    playbook: plan.playbook,
    inventory: plan.inventory,
    onFailure: plan.policy.onFailure,
    ...(approvals === null ? {} : { approvals }),
    hosts: plan.hosts.map((one) => ({ host: one.target, state: one.state })),
  };
}

/** Tells the listener what is new in the journal: to who coordinates all of it, to the others the frame of the run and their own hosts. */
function createFollower({ joined, listener, onCoordinate }: JoinSeams): {
  read(isCoordinator: boolean): Promise<void>;
  own(host: string): void;
} {
  const own = new Set<string>();
  let isTold = false;
  let isAnythingRead = false;
  const tell = (event: RunEvent, all: boolean, to: Pick<Listener, 'event'>): void => {
    isAnythingRead = true;
    if (all || !('host' in event) || own.has(event.host)) to.event(event);
  };
  return {
    own(host) {
      own.add(host);
    },
    async read(isCoordinator) {
      if (isCoordinator && !isTold) {
        isTold = true;
        await onCoordinate(!isAnythingRead);
      }
      await joined.readNew((event) => {
        tell(event, isCoordinator, listener);
      });
    },
  };
}

async function tellOutcome(
  request: JoinRequest,
  { verdicts, isCoordinator, failure }: RunnerResult,
  memory: RunMemory,
  { inventory }: RunManners,
  seams: JoinSeams,
): Promise<JoinedOutcome> {
  const { run } = seams.joined;
  const about = { run, kind: 'apply', of: null, plan: request.plan, approvals: request.approvals ?? null } as const;
  const own = { ...about, part: 'runner', verdicts, jobs: jobsOf(request.jobs, verdicts) } as const;
  const found = await readRun(seams).catch(asFailure);
  if (failure !== null || found instanceof Failure) {
    const left = describeLeft(run, memory, failure ?? asFailure(found), inventoryFlags(inventory));
    return { ...own, failure: left, journal: found instanceof Failure ? { records: 0, digest: '' } : found.head };
  }
  const { history, head } = found;
  const all = listVerdicts(history);
  if (!isCoordinator || history.finished === null) {
    return { ...own, verdicts: verdicts.map((one) => asEnded(one, all)), failure: null, journal: head };
  }
  return { ...about, part: 'coordinator', verdicts: all, jobs: request.jobs, failure: null, journal: head };
}

/** What this runner changed another may have rolled back since. */
function asEnded(own: HostVerdict, all: readonly HostVerdict[]): HostVerdict {
  return (own.verdict === 'changed' ? all.find((one) => one.host === own.host) : undefined) ?? own;
}

/** Of this process alone: what the others sent it does not know, and they may be at work. */
function describeLeft(run: string, { isAnythingSent }: RunMemory, failure: Failure, flags: string): Failure {
  const what = isAnythingSent
    ? 'hosts that it had are changed or in doubt, as listed'
    : 'it sent no command that changes a host';
  return new Failure(failure.code, `this process left run ${run} early (${what}): ${failure.message}`, {
    where: failure.where,
    hint: `see how the run stands: fencepost status ${run}; once nobody works on it: fencepost resume ${run}${flags}, or: fencepost rollback ${run}${flags}`,
    effect: isAnythingSent ? 'unknown' : 'none',
    cause: failure,
  });
}

/** Nothing is sent: the run has its verdicts. Throws Failure `run/cannot-join` when somebody goes on with it alone. */
async function tellLate(request: JoinRequest, seams: JoinSeams): Promise<JoinedOutcome> {
  const { run } = seams.joined;
  const { history, head } = await readRun(seams);
  if (history.finished === null) {
    throw new Failure('run/cannot-join', 'somebody continues this run alone, with fencepost resume', {
      where: run,
      hint: `see how it stands: fencepost status ${run}`,
    });
  }
  return {
    run,
    kind: 'apply',
    of: null,
    plan: request.plan,
    jobs: [],
    approvals: history.started.approvals ?? null,
    verdicts: listVerdicts(history),
    failure: null,
    journal: head,
    part: 'late',
  };
}

async function readRun({ joined: { run }, store }: JoinSeams): Promise<{
  readonly history: RunHistory;
  readonly head: RunOutcome['journal'];
}> {
  const { replay, end } = await replayRun(run, store);
  refuseDamage(run, end);
  const history = replay.history();
  if (history === null) throw asFailure(new Error('the run has no first record'));
  return { history, head: { records: end.records, digest: end.lastDigest } };
}

/** In the order of the plan. */
function listVerdicts({ started, verdicts }: RunHistory): readonly HostVerdict[] {
  const known = new Map(verdicts.map((one) => [one.host, one]));
  return started.hosts.flatMap(({ host }) => known.get(host) ?? []);
}

function jobsOf(jobs: readonly HostJob[], verdicts: readonly HostVerdict[]): readonly HostJob[] {
  const own = new Set(verdicts.map((one) => one.host));
  return jobs.filter((job) => own.has(job.plan.target));
}
