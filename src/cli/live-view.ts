// I/O: the live view on a terminal, redrawn ten times a second by log-update. Lines that stay are written above it.
import type { createLogUpdate } from 'log-update';
import type { Clock, Listener } from '../model/world.ts';
import { afterEvent, afterProgress, idle, type LiveState } from '../report/text/live-state.ts';
import { renderFrame } from '../report/text/live-frame.ts';
import type { Paint } from '../report/text/colour.ts';

export interface LiveView extends Listener {
  /** Writes text that stays. */
  above(text: string): void;
  dispose(): void;
}

const redrawMs = 100;
const hostLines = 6;

export function createLiveView(stream: NodeJS.WriteStream, clock: Clock, paint: Paint): LiveView {
  // Loaded on first use: only a terminal needs it, and the first frame can wait for it.
  let update: ReturnType<typeof createLogUpdate> | null = null;
  void import('log-update').then(({ createLogUpdate }) => {
    update = createLogUpdate(stream, { showCursor: true });
  });
  let state: LiveState = idle;
  let drawn = false;
  const draw = (): void => {
    const lines = renderFrame(state, clock.elapsedMs(), { columns: stream.columns, hostLines }, paint);
    if (lines.length === 0) {
      clear();
      return;
    }
    update?.(lines.join('\n'));
    drawn = update !== null;
  };
  const clear = (): void => {
    if (drawn) update?.clear();
    drawn = false;
  };
  const timer = setInterval(draw, redrawMs);
  timer.unref();
  return {
    event(event) {
      state = afterEvent(state, event, clock.elapsedMs());
    },
    progress(progress) {
      state = afterProgress(state, progress, clock.elapsedMs());
      if (progress.host === '' && progress.over === true) clear();
    },
    above(text) {
      clear();
      stream.write(text);
    },
    dispose() {
      clearInterval(timer);
      clear();
      update?.done();
    },
  };
}

/** A view that moves is for a person at a terminal, not for CI or a dumb one. */
export function wantsLiveView(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY && env['TERM'] !== 'dumb' && (env['CI'] ?? '') === '';
}
