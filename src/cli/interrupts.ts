// I/O: Ctrl-C and SIGTERM. The first asks the run to begin nothing new and finish what is in change; the second stops everything now.
// While nothing can be in change, the first one stops everything.
import { setMaxListeners } from 'node:events';
import type { StopControl } from '../run/stop.ts';
import { createStopControl } from '../run/stop.ts';

export interface Interrupts {
  readonly stop: StopControl;
  /** Fires when everything has to stop now. */
  readonly signal: AbortSignal;
  /** True once a signal arrived. */
  readonly interrupted: boolean;
  /** From now on the first signal only stops what has not begun. */
  protectRun(): void;
  dispose(): void;
}

export function listenForInterrupts(say: (text: string) => void): Interrupts {
  const stop = createStopControl();
  const now = new AbortController();
  // One listener for each host under way. Node 20 and 22 take more than ten for a leak, and say so on stderr.
  setMaxListeners(0, now.signal);
  let count = 0;
  let isRun = false;
  const onSignal = (): void => {
    count += 1;
    if (isRun && count === 1) {
      stop.request('interrupted');
      say('Interrupted: nothing new is begun; hosts in change are finished or taken back. Again to stop at once.\n');
      return;
    }
    if (isRun)
      say('Stopping at once. Hosts in change are named below; fencepost rollback or resume asks them first.\n');
    stop.request('interrupted');
    now.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    stop,
    signal: now.signal,
    get interrupted() {
      return count > 0;
    },
    protectRun() {
      isRun = true;
    },
    dispose() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
