// The progress of a run on stderr: a line for what matters, and, when nothing was printed for a while, how many hosts are done of how many
// and which it waits for. It gets a writer and never looks for a terminal.
import type { Clock, Listener, Progress } from '../../model/seams.ts';
import type { RunEvent } from '../../model/outcome.ts';
import { afterEvent, afterProgress, idle, type LiveState } from './live-state.ts';
import { wrapText } from './table.ts';
import { renderEvent } from './run-text.ts';

export interface HumanOptions {
  readonly write: (text: string) => void;
  readonly quiet: boolean;
  /** A live view shows who is busy: print only what should stay. */
  readonly live: boolean;
  readonly clock: Clock;
}

interface BusyHost {
  readonly doing: string;
  readonly sinceMs: number;
}

const silenceMs = 10_000;
/** So many of those that are waited for are named. */
const namedHosts = 5;

const shown: readonly RunEvent['type'][] = [
  'run-started',
  'run-resumed',
  'batch-started',
  'command-lost',
  'host-finished',
  'run-stopping',
];

export function createHumanListener({ write, quiet, live, clock }: HumanOptions): Listener & { dispose(): void } {
  const busy = new Map<string, BusyHost>();
  /** The last of each host: what one command line leaves out of several steps is said once. */
  const lost = new Map<string, string>();
  let spokenMs = clock.elapsedMs();
  let stage = idle;
  const speak = (text: string): void => {
    spokenMs = clock.elapsedMs();
    if (!quiet) write(text);
  };
  const timer = setInterval(() => {
    if (live || busy.size === 0 || clock.elapsedMs() - spokenMs < silenceMs) return;
    speak(describeWaiting(busy, stage, clock.elapsedMs()));
  }, 1000);
  timer.unref();
  return {
    event(event) {
      stage = afterEvent(stage, event, clock.elapsedMs());
      if (event.type === 'host-finished') {
        busy.delete(event.host);
        lost.delete(event.host);
      }
      if (!shown.includes(event.type) || isOldNews(event)) return;
      const line = renderEvent(event);
      if (line === null || (event.type === 'command-lost' && lost.get(event.host) === withoutTime(line))) return;
      if (event.type === 'command-lost') lost.set(event.host, withoutTime(line));
      speak(`${wrapText(line.trimEnd(), '', '          ')}\n`);
    },
    progress(progress) {
      const { host, doing, over = false, total } = progress;
      stage = afterProgress(stage, progress, clock.elapsedMs());
      if (over || total !== undefined) busy.delete(host);
      else busy.set(host, { doing, sinceMs: findStart(progress, busy.get(host), clock.elapsedMs()) });
    },
    dispose() {
      clearInterval(timer);
    },
  };
}

/** What is told again, as by a loop that asks the host every second, began when it was told first. */
function findStart({ doing, sinceMs }: Progress, before: BusyHost | undefined, nowMs: number): number {
  return sinceMs ?? (before?.doing === doing ? before.sinceMs : nowMs);
}

function withoutTime(line: string): string {
  return line.slice(line.indexOf(' '));
}

/** What the plan said of a host already, and the summary will say again. */
function isOldNews(event: RunEvent): boolean {
  return event.type === 'host-finished' && ['unchanged', 'blocked', 'unreachable', 'skipped'].includes(event.verdict);
}

function describeWaiting(
  busy: ReadonlyMap<string, BusyHost>,
  { stage, done, total }: LiveState,
  nowMs: number,
): string {
  const slowest = [...busy].sort(([, a], [, b]) => a.sinceMs - b.sinceMs);
  const named = slowest
    .slice(0, namedHosts)
    .map(
      ([host, { doing, sinceMs }]) =>
        `${host === '' ? '' : `${host}: `}${doing}, ${Math.round((nowMs - sinceMs) / 1000)} s`,
    );
  const more = slowest.length > namedHosts ? ` and ${slowest.length - namedHosts} more` : '';
  const far = stage === null || total < 2 ? '' : `${stage}: ${done} of ${total} hosts done; `;
  return `${wrapText(`${far}still waiting for ${named.join('; ')}${more}`, '', '          ')}\n`;
}
