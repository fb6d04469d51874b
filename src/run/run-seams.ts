// What a run needs of the world beside what one host needs, and how it is told to stop.
import type { HostSeams } from './hosts/host-job.ts';
import type { StopControl } from './fleet/stop.ts';
import { createTimeLeft, tellTimes, type TimeLeft } from './fleet/time-left.ts';
import type { Policy } from '../model/strategy.ts';

export interface RunSeams extends Omit<HostSeams, 'undoOnFailure' | 'times'> {
  readonly stop: StopControl;
  /** What to type to settle a host that the run left down: `fencepost resume RUN, or: fencepost rollback RUN`. */
  readonly settleWith: string;
  /** When the run must be finished, for a reason other than the window (`--deadline`); ISO 8601 or null. */
  readonly endsAt: string | null;
  /** Asks whether the next batch may start. */
  readonly confirmBatch: (batch: number, of: number, hosts: number) => Promise<boolean>;
}

export interface TimedSeams extends RunSeams {
  readonly times: TimeLeft;
}

/** The same, with the time that is left for the run, measured by what is recorded. */
export function withTimes(seams: RunSeams, { window }: Pick<Policy, 'window'>): TimedSeams {
  const times = createTimeLeft({ window, endsAt: seams.endsAt, serviceMs: seams.serviceMs }, seams.clock);
  return { ...seams, times, recorder: tellTimes(seams.recorder, times) };
}
