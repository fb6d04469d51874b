// A listener that can harm nobody: the first time it throws, or a promise of it is rejected, it is cut off for good and the work goes on.
// Wraps the Listener seam. It does not print: whoever composes the listeners is told which one was cut off and why.
import type { RunEvent } from '../model/outcome.ts';
import type { Listener, Progress, SafeListener } from '../model/seams.ts';

/** Work beside the run (a log, a view, a stream) that is attempted until it fails once. */
export interface Fuse {
  /** Never throws. After the first failure nothing is attempted any more. */
  attempt(work: () => unknown): void;
  readonly isBlown: boolean;
}

/** `onBlown` is told once, and may fail itself without harm. */
export function createFuse(onBlown: (thrown: unknown) => void = () => undefined): Fuse {
  let isBlown = false;
  const blow = (thrown: unknown): void => {
    if (isBlown) return;
    isBlown = true;
    try {
      onBlown(thrown);
    } catch {
      // Nobody is left to be told.
    }
  };
  return {
    attempt(work) {
      if (isBlown) return;
      try {
        const result = work();
        // A listener may be an async function, whatever the seam says: its rejection would end the process.
        if (result instanceof Promise) result.catch(blow);
      } catch (thrown) {
        blow(thrown);
      }
    },
    get isBlown() {
      return isBlown;
    },
  };
}

/** The same listener, which never throws. Each of several is wrapped on its own, so that one that fails silences no other. */
export function isolateListener(listener: Listener, onCutOff?: (thrown: unknown) => void): SafeListener {
  const fuse = createFuse(onCutOff);
  // What comes back counts for nothing, unless it is a promise.
  const told: { event(event: RunEvent): unknown; progress(progress: Progress): unknown } = listener;
  const isolated: Listener = {
    event(event) {
      fuse.attempt(() => told.event(event));
    },
    progress(progress) {
      fuse.attempt(() => told.progress(progress));
    },
  };
  // The only place that may say so.
  return isolated as SafeListener;
}

/** One listener that tells all of them, in order. */
export function joinListeners(listeners: readonly SafeListener[]): SafeListener {
  return isolateListener({
    event(event) {
      for (const listener of listeners) listener.event(event);
    },
    progress(progress) {
      for (const listener of listeners) listener.progress(progress);
    },
  });
}
