// Undoes on one host what the run did there, over the session that is open or a new one. It always ends in a verdict and never rejects,
// except for a journal that cannot be written. Which steps are undone, and how, says steps/undo.ts.
import { asFailure } from '../../model/failure.ts';
import type { Session } from '../../model/seams.ts';
import type { Target } from '../../model/target.ts';
import { withDeadline } from '../fleet/deadline.ts';
import { tellOwnership } from '../recorder.ts';
import type { DoneStep, StepContext } from '../steps/step-context.ts';
import { undoSteps, type UndoResult } from '../steps/undo.ts';
import type { HostJob, HostResult, HostSeams, OwnedSeams } from './host-job.ts';
import type { TimeCheck } from './time-check.ts';

/** Undoes, over a new session, what the run did on a host, and proves it. Rejects only with `journal/unwritable`. */
export function undoHost({ job, done, ownership }: HostResult, world: HostSeams): Promise<UndoResult> {
  return undoOpenHost(job, done, null, { ...world, ownership, recorder: tellOwnership(world.recorder, ownership) });
}

/** The same over `open`, or over a session of its own when that is null. */
export async function undoOpenHost(
  job: HostJob,
  done: readonly DoneStep[],
  open: Session | null,
  world: OwnedSeams,
): Promise<UndoResult> {
  const { plan, target } = job;
  let session = open;
  try {
    return await withDeadline(target, world.signal, async (signal) => {
      world.listener.progress({ host: plan.target, doing: 'rolling back' });
      session ??= await connectHost(target, world, signal);
      return undoSteps(done, stepContext(job, session, world, signal));
    });
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'journal/unwritable') throw failure;
    return { verdict: 'in-doubt', failure, detail: `could not roll back: ${failure.message}` };
  } finally {
    if (open === null) await session?.close();
  }
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

export function connectHost(target: Target, { connector, recorder }: HostSeams, signal: AbortSignal): Promise<Session> {
  return connector.connect(target, {
    signal,
    onShell: (shellId) => recorder.record({ type: 'shell-opened', host: target.name, shellId }),
  });
}
