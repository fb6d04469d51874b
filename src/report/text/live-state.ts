// What a live view shows, gathered from events and progress. Pure: time comes with each call.
import type { RunEvent, Verdict } from '../../model/outcome.ts';
import type { Progress } from '../../model/seams.ts';

interface BusyHost {
  readonly host: string;
  readonly doing: string;
  /** Since it has been busy with anything in this stage. */
  readonly sinceMs: number;
}

export interface LiveState {
  /** `asking`, `batch 2 of 3`; null = nothing is under way. */
  readonly stage: string | null;
  readonly stageBeganMs: number;
  /** Hosts of this stage, and how many of them are through. */
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly busy: ReadonlyMap<string, BusyHost>;
  /** Over the whole run. */
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>;
}

export const idle: LiveState = {
  stage: null,
  stageBeganMs: 0,
  total: 0,
  done: 0,
  failed: 0,
  busy: new Map(),
  verdicts: {},
};

export function afterProgress(
  state: LiveState,
  { host, doing, over = false, total }: Progress,
  nowMs: number,
): LiveState {
  if (host === '') {
    if (over) return { ...idle, verdicts: state.verdicts };
    if (total === undefined) return withBusy(state, { host, doing, sinceMs: nowMs });
    return { ...idle, verdicts: state.verdicts, stage: doing, stageBeganMs: nowMs, total };
  }
  if (!over) return withBusy(state, { host, doing, sinceMs: nowMs });
  return { ...without(state, host), done: state.done + 1, failed: state.failed + (doing === 'failed' ? 1 : 0) };
}

export function afterEvent(state: LiveState, event: RunEvent, nowMs: number): LiveState {
  switch (event.type) {
    case 'batch-started':
      return {
        ...state,
        stage: `batch ${event.batch} of ${event.of}`,
        stageBeganMs: nowMs,
        total: event.hosts.length,
        done: 0,
        failed: 0,
      };
    case 'host-finished': {
      const count = (state.verdicts[event.verdict] ?? 0) + 1;
      const wasBusy = state.busy.has(event.host) ? 1 : 0;
      return {
        ...without(state, event.host),
        verdicts: { ...state.verdicts, [event.verdict]: count },
        done: state.done + wasBusy,
      };
    }
    case 'run-finished':
      return { ...idle, verdicts: state.verdicts };
    default:
      return state;
  }
}

function withBusy(state: LiveState, host: BusyHost): LiveState {
  const sinceMs = state.busy.get(host.host)?.sinceMs ?? host.sinceMs;
  return { ...state, busy: new Map([...state.busy, [host.host, { ...host, sinceMs }]]) };
}

function without(state: LiveState, host: string): LiveState {
  return { ...state, busy: new Map([...state.busy].filter(([name]) => name !== host)) };
}
