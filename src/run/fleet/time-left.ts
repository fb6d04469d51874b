// Whether what is about to start can be done AND undone before the window closes and before the deadline, by the longest times that this
// run measured; what it has not measured is assumed, and said to be. It stops nothing itself, and what is open is never cut off.
import type { HostVerdict } from '../../model/outcome.ts';
import type { Step } from '../../model/plan.ts';
import { findOutage, listSteps } from '../../model/rules/outage.ts';
import type { Policy } from '../../model/strategy.ts';
import type { Clock } from '../../model/seams.ts';
import type { NewEvent, Recorder } from '../recorder.ts';

/** What takes time on a host. */
const timedKinds = ['connect', 'exclusion', 'stop', 'start', 'outage', 'verify'] as const;
type TimedKind = (typeof timedKinds)[number];

const kindWords: Readonly<Record<TimedKind, string>> = {
  connect: 'connecting',
  exclusion: 'changing a range',
  stop: 'stopping a service',
  start: 'starting a service',
  outage: 'stopping and starting a service',
  verify: 'verifying',
};

/** What each is assumed to take until one was measured. A service may take as long as it is waited for. */
const assumedMs = { connect: 10_000, exclusion: 5000, verify: 5000 } as const;

export interface TimeLimits {
  readonly window: Policy['window'];
  /** `--deadline` as a moment; ISO 8601 or null. */
  readonly endsAt: string | null;
  /** How long a service is waited for. */
  readonly serviceMs: number;
}

export interface TimeLeft {
  /** Told of everything that is recorded: it measures how long steps take. */
  event(event: NewEvent): void;
  /** A host was connected to and asked in so many milliseconds. */
  noteConnected(durationMs: number): void;
  /** Why a host with these steps may not be changed now; null: it may. */
  refuseHost(steps: readonly Step[], isConnected: boolean): string | null;
  /** Why these steps, from a stop to the start that ends the outage, may not be started now. `before`: undone with them if they fail. */
  refuseOutage(steps: readonly Step[], before: readonly Step[]): string | null;
  /** How late it is, in words, for a host that was sent something; null: it is in time. */
  describeLate(host: string): string | null;
}

export function createTimeLeft({ window, endsAt, serviceMs }: TimeLimits, clock: Clock): TimeLeft {
  const ends = [
    ...(window === null ? [] : [{ closes: 'the window closes', closed: 'the window closed', at: window.closesAt }]),
    ...(endsAt === null ? [] : [{ closes: 'the deadline', closed: 'the deadline (--deadline)', at: endsAt }]),
  ];
  const longest = new Map<TimedKind, number>();
  /** Of hosts that were sent something: when the step under way started, and when the last one finished. */
  const hosts = new Map<string, { startedMs: number; kind: TimedKind; finishedMs: number | null; last: number }>();

  const note = (kind: TimedKind, durationMs: number): void => {
    longest.set(kind, Math.max(longest.get(kind) ?? 0, durationMs));
  };
  /** A whole outage takes longer than anything in it. */
  const measure = (kind: TimedKind): number | undefined =>
    longest.get(kind) ?? (kind === 'connect' || kind === 'verify' ? undefined : longest.get('outage'));
  const expect = (kind: TimedKind): number =>
    measure(kind) ?? (kind === 'stop' || kind === 'start' || kind === 'outage' ? serviceMs : assumedMs[kind]);

  /** What these steps take: an outage that one line carries out counts as one, once such a line was measured. */
  function listKinds(steps: readonly Step[]): readonly TimedKind[] {
    const kinds: TimedKind[] = [];
    const counted = new Set<Step>();
    for (const step of steps) {
      if (counted.has(step)) continue;
      const outage = longest.has('outage') ? findOutage(step, steps) : null;
      if (outage !== null) for (const one of listSteps(outage)) counted.add(one);
      kinds.push(outage === null ? classifyWork(step) : 'outage');
    }
    return kinds;
  }

  function refuse(kinds: readonly TimedKind[], what: string): string | null {
    const needMs = kinds.reduce((sum, kind) => sum + expect(kind), 0);
    const nowMs = Date.parse(clock.now());
    for (const { closes, at } of ends) {
      const leftMs = Date.parse(at) - nowMs;
      if (needMs <= leftMs) continue;
      const left = leftMs > 0 ? `${seconds(leftMs)} left` : 'none left';
      return `not enough time before ${closes} (${at}): ${left}, and to ${what} takes ${seconds(needMs)} (${describeSource(kinds, (kind) => measure(kind) !== undefined)})`;
    }
    return null;
  }

  return {
    event(event) {
      if (event.type === 'command-planned') {
        const { goal } = event;
        const kindOfGoal = goal.kind !== 'service' ? 'exclusion' : goal.running ? 'start' : 'stop';
        const kind = event.outage === undefined ? kindOfGoal : 'outage';
        // A command that is sent again belongs to the same step.
        if (hosts.get(event.host)?.finishedMs === null) return;
        hosts.set(event.host, {
          startedMs: clock.elapsedMs(),
          kind,
          finishedMs: null,
          last: event.outage?.then.at(-1)?.step ?? event.step,
        });
      } else if (event.type === 'step-finished') {
        const told = hosts.get(event.host);
        if (told?.finishedMs !== null) return;
        // The line of an outage is measured as one, up to its last step; or to where it failed.
        if (event.step !== told.last && (event.result === 'done' || event.result === 'not-needed')) return;
        told.finishedMs = clock.elapsedMs();
        // How long a lost answer was waited for says nothing of the next.
        const counts = event.result === 'done' || (event.result === 'failed' && told.kind !== 'exclusion');
        if (counts) note(told.kind, told.finishedMs - told.startedMs);
      } else if (event.type === 'host-finished') {
        const told = hosts.get(event.host);
        const finishedMs = told?.finishedMs ?? null;
        if (finishedMs !== null && event.verdict === 'changed') note('verify', clock.elapsedMs() - finishedMs);
        hosts.delete(event.host);
      }
    },
    noteConnected(durationMs) {
      note('connect', durationMs);
    },
    refuseHost(steps, isConnected) {
      // A rollback because of other hosts connects again.
      const kinds: readonly TimedKind[] = [
        ...(isConnected ? [] : (['connect'] as const)),
        ...listKinds(steps.filter((one) => one.kind !== 'service' || one.when !== 'undo')),
        'verify',
        'connect',
        ...listUndoKinds(steps),
      ];
      return refuse(kinds, 'change the host and roll it back');
    },
    refuseOutage(steps, before) {
      const kinds = [...listKinds(steps), ...listUndoKinds([...before, ...steps])];
      const [stop] = steps;
      const service = stop?.kind === 'service' ? stop.service : 'the service';
      return refuse(kinds, `stop ${service}, start it again, and undo that if it fails`);
    },
    describeLate(host) {
      if (!hosts.has(host)) return null;
      const nowMs = Date.parse(clock.now());
      const passed = ends.find(({ at }) => nowMs > Date.parse(at));
      return passed === undefined ? null : `${seconds(nowMs - Date.parse(passed.at))} after ${passed.closed}`;
    },
  };
}

/** The same recorder; `times` measures by what is recorded. */
export function tellTimes(recorder: Recorder, times: TimeLeft): Recorder {
  return {
    async record(happening) {
      await recorder.record(happening);
      times.event(happening);
    },
  };
}

/** The verdict, saying so if it comes late. */
export function withLateness<T extends HostVerdict>(verdict: T, times: TimeLeft): T {
  const late = times.describeLate(verdict.host);
  return late === null ? verdict : { ...verdict, detail: `${verdict.detail}; finished ${late}`, late: true };
}

function classifyWork(step: Step): TimedKind {
  return step.kind === 'service' ? step.verb : 'exclusion';
}

/** One service at a time is down, so that an undo starts one at most. */
function listUndoKinds(steps: readonly Step[]): readonly TimedKind[] {
  const kinds = steps.map(classifyWork);
  return [
    ...kinds.filter((kind) => kind === 'exclusion'),
    ...(steps.some(isStoppedInUndo) ? (['stop'] as const) : []),
    ...(kinds.includes('stop') ? (['start'] as const) : []),
  ];
}

/** A service that may still run when the undo starts. */
function isStoppedInUndo(step: Step): boolean {
  return step.kind === 'service' && step.verb === 'stop' && step.when !== undefined;
}

function describeSource(kinds: readonly TimedKind[], isMeasured: (kind: TimedKind) => boolean): string {
  const assumed = timedKinds.filter((kind) => kinds.includes(kind) && !isMeasured(kind));
  if (assumed.length === 0) return 'by the longest times measured in this run';
  const words = assumed.map((kind) => kindWords[kind]).join(', ');
  return `assumed for ${words}: not measured in this run yet`;
}

function seconds(durationMs: number): string {
  return `${Math.ceil(durationMs / 1000)} s`;
}
