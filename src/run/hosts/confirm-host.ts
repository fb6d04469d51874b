// Confirms one host: looks, calls its guard off (or starts its time again), and looks once more. A host that is not as the run left it is
// not confirmed, and keeps its guard. It never rejects, except for a journal that cannot be written.
import { collectFacts } from '../../facts/collect.ts';
import type { HostFacts } from '../../model/facts.ts';
import { asFailure, failureRecord, type FailureRecord } from '../../model/failure.ts';
import type { Step } from '../../model/plan.ts';
import type { Session } from '../../model/seams.ts';
import { withDeadline } from '../fleet/deadline.ts';
import { createHostGuard, isThere, type GuardSettings } from './host-guard.ts';
import { nameHostLock, type HostJob, type HostLock, type HostSeams } from './host-job.ts';
import { takeHost } from './take-over.ts';
import { connectHost } from './undo-host.ts';

/**
 * confirmed: as the run left it, and nothing undoes that any more; extended: its guard starts later; undone-by-host: the guard has run and
 * the host is as before; not-as-desired: neither, so its guard was left as it is; failed: it could not be asked, or is in doubt.
 */
export const confirmResults = ['confirmed', 'extended', 'undone-by-host', 'not-as-desired', 'failed'] as const;
type ConfirmResult = (typeof confirmResults)[number];

export interface ConfirmedHost {
  readonly host: string;
  readonly result: ConfirmResult;
  /** One sentence for a person. */
  readonly detail: string;
  readonly failure: FailureRecord | null;
}

export interface ConfirmJob extends Pick<HostJob, 'target' | 'request'> {
  readonly guard: GuardSettings;
  /** What the run did on the host, or may have done: all that an extended guard undoes. */
  readonly steps: readonly Step[];
  /** Null: call it off. */
  readonly extendMs: number | null;
  /** What is not as the run was to leave it, services that it stopped included; null: nothing. */
  readonly findProblem: (facts: HostFacts) => string | null;
  /** What of the run's changes is on the host; `nothing`: none were made, or they were rolled back. */
  readonly findRemains: (facts: HostFacts) => 'undone' | 'something' | 'nothing';
}

type ConfirmSeams = Pick<HostSeams, 'connector' | 'locks' | 'recorder' | 'listener' | 'clock' | 'signal' | 'serviceMs'>;

/** Rejects only with Failure `journal/unwritable`. */
export async function confirmHost(job: ConfirmJob, world: ConfirmSeams): Promise<ConfirmedHost> {
  const { target } = job;
  const host = target.name;
  let lock: HostLock | null = null;
  let session: Session | null = null;
  try {
    const held = await world.locks.acquire(nameHostLock(target));
    lock = held;
    const { connector, extraMs } = await takeHost(held, world);
    const confirm = async (signal: AbortSignal): Promise<ConfirmedHost> => {
      world.listener.progress({ host, doing: 'confirming', phase: 'guard' });
      session = await connectHost(target, { ...world, connector, lock: held }, signal);
      return confirmOpenHost(job, session, world, signal);
    };
    return await withDeadline(target, world.signal, confirm, extraMs);
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'journal/unwritable') throw failure;
    const detail = `${failure.message}; its guard may still be armed`;
    return { host, result: 'failed', detail, failure: failureRecord(failure) };
  } finally {
    await (session as Session | null)?.close();
    await lock?.release();
  }
}

async function confirmOpenHost(
  job: ConfirmJob,
  session: Session,
  world: ConfirmSeams,
  signal: AbortSignal,
): Promise<ConfirmedHost> {
  const { extendMs } = job;
  const host = job.target.name;
  const settings = extendMs === null ? job.guard : { ...job.guard, withinMs: extendMs };
  const guard = createHostGuard(host, settings, world);
  const look = async (): Promise<{ readonly facts: HostFacts; readonly problem: string | null }> => {
    const { facts } = await collectFacts(session, job.request, world.clock, { signal });
    return { facts, problem: job.findProblem(facts) };
  };
  const found = await look();
  const isArmed = await isThere(host, job.guard.task, session, signal);
  if (found.problem !== null) {
    if (!isArmed) return tellGone(job, world, { ...found, problem: found.problem });
    return tellArmed(host, found.problem);
  }
  if (extendMs !== null && isArmed) await guard.arm(session, job.steps, found.facts, signal, 'extended');
  else await guard.callOff(session, signal);
  // It may have started meanwhile: only what is seen now counts.
  const { facts, problem } = await look();
  if (problem !== null) {
    // One that is armed again still undoes what is left of the run's changes.
    if (guard.isArmed && job.findRemains(facts) === 'something') return tellArmed(host, problem);
    if (guard.isArmed) await guard.callOff(session, signal);
    return tellGone(job, world, { facts, problem });
  }
  if (guard.isArmed) {
    const detail = `its guard undoes the changes in ${settings.withinMs / 60_000} min unless it is confirmed`;
    return { host, result: 'extended', detail, failure: null };
  }
  const detail = isArmed ? 'as desired, its guard is called off' : 'as desired, its guard was gone already';
  return { host, result: 'confirmed', detail, failure: null };
}

function tellArmed(host: string, problem: string): ConfirmedHost {
  const detail = `not confirmed, its guard stays armed: ${problem}`;
  return { host, result: 'not-as-desired', detail, failure: null };
}

/** The host is not as desired, and no guard is on it any more. */
async function tellGone(
  job: ConfirmJob,
  { recorder }: ConfirmSeams,
  { facts, problem }: { readonly facts: HostFacts; readonly problem: string },
): Promise<ConfirmedHost> {
  const host = job.target.name;
  const { task, withinMs, by } = job.guard;
  const remains = job.findRemains(facts);
  await recorder.record({ type: 'guard', host, state: remains === 'undone' ? 'fired' : 'gone', task, withinMs, by });
  if (remains !== 'undone') {
    const detail =
      remains === 'nothing'
        ? `its guard is gone, and none of the run's changes is on it: ${problem}`
        : `its guard is gone, and the host is neither as desired nor as before: ${problem}`;
    return { host, result: 'not-as-desired', detail, failure: null };
  }
  const detail = 'nobody called its guard off in time: the host undid the changes by itself and is as before the run';
  await recorder.record({
    type: 'host-finished',
    host,
    verdict: 'undone-by-host',
    detail,
    failure: null,
    findings: [],
  });
  return { host, result: 'undone-by-host', detail, failure: null };
}
