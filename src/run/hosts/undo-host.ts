// Undoes on one host what the run did there, over the session that is open or a new one. It always ends in a verdict and never rejects,
// except for a journal that cannot be written. Which steps are undone, and how, says steps/undo.ts.
import { asFailure } from '../../model/failure.ts';
import type { ConnectOptions, Session } from '../../model/seams.ts';
import type { Target } from '../../model/target.ts';
import { withDeadline } from '../fleet/deadline.ts';
import { tellOwnership } from '../recorder.ts';
import type { DoneStep, StepContext } from '../steps/step-context.ts';
import { undoSteps, type UndoResult } from '../steps/undo.ts';
import type { HostJob, HostResult, HostSeams, OwnedSeams } from './host-job.ts';
import { awaitLine, awaitLineApart, describeWait, leftOfLine } from './open-line.ts';
import { callOffGuard, type HostGuard } from './host-guard.ts';
import type { TimeCheck } from './time-check.ts';

/** Undoes, over a new session, what the run did on a host, and proves it. `extraMs`: for the session. Rejects only with `journal/unwritable`. */
export function undoHost(
  { job, done, ownership, hostGuard = null, line = null }: HostResult,
  world: HostSeams,
  extraMs = 0,
): Promise<UndoResult> {
  const recorder = tellOwnership(world.recorder, ownership);
  return undoOpenHost(job, done, null, { ...world, ownership, recorder, hostGuard, line }, extraMs);
}

/** The same over `open`, or over a session of its own when that is null. */
export async function undoOpenHost(
  job: HostJob,
  done: readonly DoneStep[],
  open: Session | null,
  world: OwnedSeams,
  extraMs = 0,
): Promise<UndoResult> {
  const { plan, target } = job;
  let session = open;
  const running = world.line?.current() ?? null;
  // The line may take longer than a stage: nothing can be undone before it has finished.
  const lineMs = running === null ? 0 : Math.max(0, leftOfLine(running, world.clock));
  const undo = async (signal: AbortSignal): Promise<UndoResult> => {
    world.listener.progress({ host: plan.target, doing: 'rolling back', phase: 'roll back' });
    if (running !== null) {
      // Over a session of its own its shell is deleted behind it: its end would be the line's.
      if (session === null) {
        await awaitLineApart(() => connectHost(target, world, signal), plan.target, running, world, { signal });
      } else {
        world.listener.progress({ host: plan.target, doing: describeWait(running, world.clock) });
        await awaitLine(session, plan.target, running, world.clock, { signal });
      }
      world.listener.progress({ host: plan.target, doing: 'rolling back', phase: 'roll back' });
    }
    if (session === null) {
      const left = world.line?.shells() ?? [];
      session = await connectHost(target, world, signal, { leftBehind: left, mustEndLeft: left.length > 0 });
      await callOffEarlier(job, session, world, signal);
    }
    const undone = await undoSteps(done, stepContext(job, session, world, signal));
    return await callOffWhenBack(undone, session, world, signal);
  };
  try {
    return await withDeadline(target, world.signal, undo, lineMs + extraMs);
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'journal/unwritable') throw failure;
    return { verdict: 'in-doubt', failure, detail: `could not roll back: ${failure.message}` };
  } finally {
    if (open === null) await session?.close();
  }
}

/** A host that is as it was needs no guard; one that is not keeps it. */
async function callOffWhenBack(
  undone: UndoResult,
  session: Session,
  { hostGuard = null }: OwnedSeams,
  signal: AbortSignal,
): Promise<UndoResult> {
  if (hostGuard === null || !hostGuard.isArmed) return undone;
  if (undone.verdict !== 'rolled-back') {
    return { ...undone, detail: `${undone.detail}; ${describeArmed(hostGuard)}` };
  }
  try {
    await hostGuard.callOff(session, signal);
    return undone;
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'journal/unwritable') throw failure;
    return { ...undone, detail: `${undone.detail}; ${failure.message}, and would find nothing to undo` };
  }
}

/** `its guard is armed and undoes the run's changes 15 min after it was armed` */
function describeArmed({ withinMs }: HostGuard): string {
  return `its guard is armed and undoes the run's changes ${withinMs / 60_000} min after it was armed`;
}

/** The guard of a dead run: what it would undo must not change under whoever works on the host now. Throws Failure `guard/still-armed`. */
export async function callOffEarlier(
  { plan, earlierGuard, guardRan }: HostJob,
  session: Session,
  { recorder }: Pick<HostSeams, 'recorder'>,
  signal: AbortSignal,
): Promise<void> {
  if (earlierGuard === undefined) return;
  const { task, withinMs, by } = earlierGuard;
  const found = await callOffGuard(plan.target, task, session, signal);
  const state = found === 'gone' && guardRan !== undefined ? 'fired' : found;
  await recorder.record({ type: 'guard', host: plan.target, state, task, withinMs, by });
}

export function stepContext(
  job: HostJob,
  session: Session,
  world: OwnedSeams,
  signal: AbortSignal,
  checkTime: TimeCheck['beforeStep'] | null = null,
): StepContext {
  const { recorder, ownership, clock, serviceMs } = world;
  const view = { tables: null };
  const { protocols } = job.request;
  const host = job.plan.target;
  return { host, session, recorder, ownership, clock, signal, view, protocols, serviceMs, checkTime };
}

export function connectHost(
  target: Target,
  { connector, recorder, lock }: Pick<HostSeams, 'connector' | 'recorder' | 'lock'>,
  signal: AbortSignal,
  left: Pick<ConnectOptions, 'leftBehind' | 'mustEndLeft'> = {},
): Promise<Session> {
  return connector.connect(target, {
    ...left,
    signal,
    beforeChange: () => lock?.refuseLost?.(),
    onShell: (shellId) => recorder.record({ type: 'shell-opened', host: target.name, shellId }),
  });
}
