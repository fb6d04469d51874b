// What a run needs, put together from what the process has and what is the run's own: for a run that one process carries out, and for the
// runners of a shared one.
import type { Policy } from '../model/strategy.ts';
import { nameGuard } from '../model/rules/guard.ts';
import type { RunSeams } from '../run/run-seams.ts';
import type { Seams } from './seams.ts';

/** How long a service may take to stop or to start: Exchange tries each of two bindings for 60 s (facts: windows.md section 4). */
export const serviceMs = 180_000;

interface OwnSeams extends Pick<RunSeams, 'locks' | 'recorder' | 'endsAt' | 'confirmBatch' | 'stop'> {
  readonly run: string;
  /** The run that is rolled back; null or left out: none is. */
  readonly of?: string | null;
  /** For the inventory of the next command, with a space in front. */
  readonly flags: string;
  /** What is confirmed afterwards; null: nothing is guarded. */
  readonly confirm: Policy['confirm'] | null;
}

export function createRunSeams(
  { run, of = null, flags, confirm, ...own }: OwnSeams,
  { connector, listener, clock, interrupts }: Pick<Seams, 'connector' | 'listener' | 'clock' | 'interrupts'>,
): RunSeams {
  const guard = confirm === undefined || confirm === null ? null : { ...confirm, task: nameGuard(run) };
  const settleWith =
    of === null
      ? `fencepost resume ${run}${flags}, or: fencepost rollback ${run}${flags}`
      : `fencepost rollback ${of}${flags}; should it not come back, roll back those you name: fencepost rollback ${of} -l HOST${flags}`;
  return { ...own, settleWith, connector, listener, clock, signal: interrupts.signal, serviceMs, guard };
}
