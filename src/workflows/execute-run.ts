// Executes a plan that was shown and agreed to: journal, locks, batches, verdicts. Shared by apply, rollback and resume. What became of the
// run is returned, of a run that stopped early too; it rejects only when nothing of the run has started.
import type { OpenJournal } from '../journal/append.ts';
import type { ChainHead } from '../journal/head.ts';
import type { CountedApproval } from '../model/approval.ts';
import { asFailure, Failure } from '../model/failure.ts';
import type { HostVerdict, RunKind } from '../model/outcome.ts';
import type { FleetPlan } from '../model/plan.ts';
import { writePlanFile } from '../plan/plan-file.ts';
import { applyJobs } from '../run/apply.ts';
import type { RunSeams } from '../run/run-seams.ts';
import { noEarlierLife, type EarlierLife } from '../run/earlier-life.ts';
import type { HostJob, HostLocks } from '../run/hosts/host-job.ts';
import { withoutLinesOf } from '../run/hosts/take-over.ts';
import { createRecorder } from '../run/recorder.ts';
import { createRunMemory, type RunMemory } from '../run/run-memory.ts';
import { inventoryFlags } from './inventory-flags.ts';
import { createRunSeams } from './run-seams.ts';
import type { Notice, Seams } from './seams.ts';

/** How a run is carried out, apart from what it does. */
export interface RunManners {
  /** When the run has to be over; ISO 8601 or null. */
  readonly endsAt: string | null;
  /** Asks whether the next batch may start. */
  readonly confirmBatch: RunSeams['confirmBatch'];
  /** As the command named it, for the next one; undefined: by default. */
  readonly inventory: readonly string[] | undefined;
}

export interface RunRequest {
  readonly kind: RunKind;
  /** The run that a rollback rolls back; null for an apply. */
  readonly of: string | null;
  readonly plan: FleetPlan;
  readonly planFile: string | null;
  readonly jobs: readonly HostJob[];
  /** Those that counted; null or left out: none was required. */
  readonly approvals?: readonly CountedApproval[] | null;
}

export interface RunOutcome {
  readonly run: string;
  readonly kind: RunKind;
  readonly of: string | null;
  readonly plan: FleetPlan;
  readonly jobs: readonly HostJob[];
  /** Those it was started with; null: none was required. */
  readonly approvals: readonly CountedApproval[] | null;
  /** One per host; for a run that stopped early, what this process knows of it. */
  readonly verdicts: readonly HostVerdict[];
  /** Why the run stopped early; null: it finished. Its `effect` says whether anything may be changed. */
  readonly failure: Failure | null;
  /** The end of its journal: to be kept elsewhere by whoever wants to prove later that nothing was cut off. */
  readonly journal: ChainHead;
}

/** Executes the jobs as a new run. */
export async function startRun(request: RunRequest, manners: RunManners, seams: Seams): Promise<RunOutcome> {
  const { kind, of, plan, planFile, approvals = null } = request;
  const run = seams.nameRun(seams.clock.now());
  const { text, digest } = writePlanFile(plan);
  return holdRun(run, seams, async (locks) => {
    const journal = await seams.store.createRun(run, text);
    if (kind === 'apply') await claimPlan(digest, run, journal, seams);
    await recordFirst(journal, seams, {
      type: 'run-started',
      run,
      kind,
      of,
      operator: seams.operator,
      plan: { digest, file: planFile },
      playbook: plan.playbook,
      inventory: plan.inventory,
      onFailure: plan.policy.onFailure,
      ...(approvals === null ? {} : { approvals }),
      hosts: plan.hosts.map((one) => ({ host: one.target, state: one.state })),
    });
    return carryOut(
      { run, kind, of, plan, jobs: request.jobs, approvals, earlier: noEarlierLife },
      journal,
      locks,
      manners,
      seams,
    );
  });
}

/** The run exists before it claims its plan: a plan is never claimed by a run without a journal. */
async function claimPlan(digest: string, run: string, journal: OpenJournal, { store }: Seams): Promise<void> {
  try {
    await store.claimPlan(digest, run);
  } catch (thrown) {
    await journal.close();
    await store.discardRun(run);
    throw thrown;
  }
}

export interface ContinuedRun {
  readonly run: string;
  readonly plan: FleetPlan;
  readonly jobs: readonly HostJob[];
  /** Those it was started with: its plan is the same, so nobody approves it again. */
  readonly approvals: readonly CountedApproval[] | null;
  /** What it brings from before the interruption. */
  readonly earlier: EarlierLife;
  /** Asked once the run is held: throws when what it was planned from has changed since. */
  readonly refuseChanged: () => Promise<void>;
}

/** Continues a run in its own journal. */
export async function continueRun(continued: ContinuedRun, manners: RunManners, seams: Seams): Promise<RunOutcome> {
  return holdRun(continued.run, seams, async (locks) => {
    await continued.refuseChanged();
    const journal = await seams.store.reopenRun(continued.run);
    await recordFirst(journal, seams, { type: 'run-resumed', operator: seams.operator });
    return carryOut({ ...continued, kind: 'apply', of: null }, journal, locks, manners, seams);
  });
}

/** Rejects with Failure `run/host-locked` while the run's own process lives. */
export async function holdRun<T>(run: string, seams: Seams, work: (locks: HostLocks) => Promise<T>): Promise<T> {
  const locks = seams.createLocks(run, (label, holder) => {
    seams.notice({ kind: 'lock-taken-over', run, label, holder });
  });
  const held = await locks.acquire({ key: `run ${run}`, label: `run ${run}` });
  try {
    return await work(locks);
  } finally {
    await held.release();
  }
}

async function recordFirst(
  journal: OpenJournal,
  { listener, clock }: Seams,
  happening: Parameters<ReturnType<typeof createRecorder>['record']>[0],
): Promise<void> {
  try {
    await createRecorder(journal, listener, clock).record(happening);
  } catch (thrown) {
    await journal.close().catch(() => undefined);
    throw thrown;
  }
}

interface CarriedOutRun extends Omit<RunOutcome, 'verdicts' | 'failure' | 'journal'> {
  readonly earlier: EarlierLife;
}

async function carryOut(
  { earlier, ...carried }: CarriedOutRun,
  journal: OpenJournal,
  locks: HostLocks,
  manners: RunManners,
  seams: Seams,
): Promise<RunOutcome> {
  const memory = createRunMemory(carried.jobs, earlier.settled);
  seams.interrupts.protectRun();
  try {
    const own = {
      run: carried.run,
      of: carried.of,
      flags: inventoryFlags(manners.inventory),
      confirm: carried.kind === 'rollback' ? null : carried.plan.policy.confirm,
      locks: carried.of === null ? locks : withoutLinesOf(carried.of, locks),
      recorder: createRecorder(memory.noting(journal), seams.listener, seams.clock),
      stop: seams.interrupts.stop,
      endsAt: manners.endsAt,
      confirmBatch: manners.confirmBatch,
    };
    const world = createRunSeams(own, seams);
    const verdicts = await applyJobs(carried.jobs, carried.plan.policy, world, earlier);
    return { ...carried, verdicts, failure: null, journal: journal.head };
  } catch (thrown) {
    const failure = brokenRun(carried, memory, asFailure(thrown), inventoryFlags(manners.inventory));
    return { ...carried, verdicts: memory.verdicts(), failure, journal: journal.head };
  } finally {
    await closeJournal(journal, seams);
  }
}

/** The outcome of the run stands, even if its journal could not be closed or that could not be reported. */
async function closeJournal(journal: OpenJournal, seams: Seams): Promise<void> {
  try {
    await journal.close();
  } catch (thrown) {
    const notice: Notice = { kind: 'journal-not-closed', failure: asFailure(thrown) };
    try {
      seams.notice(notice);
    } catch {
      // There is no one left to report to.
    }
  }
}

/** Says whether anything may be changed, and what to do next. */
function brokenRun(
  { run, kind, of }: Pick<CarriedOutRun, 'run' | 'kind' | 'of'>,
  { isAnythingSent }: RunMemory,
  failure: Failure,
  flags: string,
): Failure {
  const next =
    kind === 'apply'
      ? `fencepost rollback ${run}${flags}, or: fencepost resume ${run}${flags}`
      : `fencepost rollback ${of ?? 'RUN'}${flags}`;
  const what = isAnythingSent ? 'hosts are changed or in doubt, as listed' : 'no command that changes a host was sent';
  const first = failure.code === 'journal/unwritable' ? 'make room, then' : 'next';
  return new Failure(failure.code, `run ${run} stopped early (${what}): ${failure.message}`, {
    where: failure.where,
    hint: `${first}: ${next}`,
    effect: isAnythingSent ? 'unknown' : 'none',
    cause: failure,
  });
}
