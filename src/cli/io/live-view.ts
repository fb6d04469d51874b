// I/O: the live view on a terminal, redrawn ten times a second by log-update. Lines that stay are written above it. A view that fails is
// dropped and reported to `onBroken`; lines that stay are still written.
import type { createLogUpdate } from 'log-update';
import type { Clock, Listener } from '../../model/seams.ts';
import { afterEvent, afterProgress, idle, type LiveState } from '../../report/text/live-state.ts';
import { renderFrame } from '../../report/text/live-frame.ts';
import type { Paint } from '../../report/text/colour.ts';
import { createFuse } from '../../run/isolated-listener.ts';
import { shownText } from './colours.ts';

export interface LiveView extends Listener {
  /** Writes text that stays. */
  above(text: string): void;
  dispose(): void;
}

const redrawMs = 100;
const hostLines = 6;

export interface LiveViewOptions {
  readonly stream: NodeJS.WriteStream;
  readonly clock: Clock;
  readonly paint: Paint;
  /** For text that stays. Never throws. */
  readonly write: (text: string) => void;
  readonly onBroken: (thrown: unknown) => void;
}

export function createLiveView({ stream, clock, paint, write, onBroken }: LiveViewOptions): LiveView {
  // Loaded on first use: only a terminal needs it, and the first frame can wait for it.
  let update: ReturnType<typeof createLogUpdate> | null = null;
  const fuse = createFuse(onBroken);
  fuse.attempt(async () => {
    const { createLogUpdate } = await import('log-update');
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
    update?.(shownText(lines.join('\n')));
    drawn = update !== null;
  };
  const clear = (): void => {
    if (drawn) update?.clear();
    drawn = false;
  };
  const timer = setInterval(() => {
    fuse.attempt(draw);
  }, redrawMs);
  timer.unref();
  return {
    event(event) {
      fuse.attempt(() => {
        state = afterEvent(state, event, clock.elapsedMs());
      });
    },
    progress(progress) {
      fuse.attempt(() => {
        state = afterProgress(state, progress, clock.elapsedMs());
        if (progress.host === '' && progress.over === true) clear();
      });
    },
    above(text) {
      fuse.attempt(clear);
      write(text);
    },
    dispose() {
      clearInterval(timer);
      fuse.attempt(() => {
        clear();
        update?.done();
      });
    },
  };
}

/** A view that moves is for a person at a terminal, not for CI or a dumb one. */
export function wantsLiveView(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY && env['TERM'] !== 'dumb' && (env['CI'] ?? '') === '';
}
