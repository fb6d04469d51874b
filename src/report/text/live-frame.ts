// One frame of the live view: the progress of the stage, the hosts it waits for, the time taken and the time left.
import type { LiveState } from './live-state.ts';
import type { Paint } from './colour.ts';
import { cutDisplay, displayWidth, padDisplay } from './display-width.ts';
import { verdictOrder } from '../view/human-words.ts';

export interface FrameSize {
  readonly columns: number;
  /** Lines for busy hosts. */
  readonly hostLines: number;
}

const barWidth = 20;
/** A forecast from fewer hosts than this would jump about. */
const forecastFrom = 5;

/** Lines without newlines, none wider than the terminal; empty when nothing is under way. */
export function renderFrame(state: LiveState, nowMs: number, size: FrameSize, paint: Paint): readonly string[] {
  if (state.stage === null && state.busy.size === 0) return [];
  const slowest = [...state.busy.values()].sort((a, b) => a.sinceMs - b.sinceMs);
  const shown = slowest.slice(0, size.hostLines);
  const nameWidth = Math.max(0, ...shown.map((one) => displayWidth(one.host)));
  const hosts = shown.map(({ host, doing, sinceMs }) => {
    const time = seconds(nowMs - sinceMs);
    const text = cutDisplay(`  ${padDisplay(host, nameWidth)}  ${doing}`, size.columns - time.length - 2);
    return paint('quiet', `${padDisplay(text, size.columns - time.length - 1)}${time}`);
  });
  const more = slowest.length - shown.length;
  const head =
    state.stage === null
      ? []
      : [cutDisplay(stageLine(state), size.columns), cutDisplay(timeLine(state, nowMs), size.columns)];
  return [...head, ...hosts, ...(more > 0 ? [paint('quiet', cutDisplay(`  and ${more} more`, size.columns))] : [])];
}

function stageLine(state: LiveState): string {
  const filled = state.total === 0 ? 0 : Math.round((barWidth * state.done) / state.total);
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}]`;
  const waiting = Math.max(0, state.total - state.done - state.busy.size);
  const parts = [`${state.done} of ${state.total}`, `${state.busy.size} busy`, `${waiting} waiting`];
  if (state.failed > 0) parts.push(`${state.failed} failed`);
  return `${state.stage ?? ''} ${bar} ${parts.join(', ')}`;
}

function timeLine(state: LiveState, nowMs: number): string {
  const elapsedMs = nowMs - state.stageBeganMs;
  const leftMs = state.done >= forecastFrom ? (elapsedMs / state.done) * (state.total - state.done) : null;
  const verdicts = verdictOrder
    .flatMap((verdict) => {
      const count = state.verdicts[verdict] ?? 0;
      return count === 0 ? [] : [`${count} ${verdict}`];
    })
    .join(', ');
  const forecast = leftMs === null ? '' : `, about ${seconds(leftMs)} left`;
  return `  ${seconds(elapsedMs)}${forecast}${verdicts === '' ? '' : `; so far ${verdicts}`}`;
}

/** `9 s`, `2 min 05 s` */
function seconds(durationMs: number): string {
  const whole = Math.round(durationMs / 1000);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}
