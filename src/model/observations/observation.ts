// What one command saw of one host at one time, small enough to be kept for a year, and the list of them that is a host's history. Pure. It is
// no record of what was done: that is a run's journal. A time at which nobody looked is in no span, and nothing is said about it.
import type { ExchangeVersion, WindowsVersion } from '../facts.ts';
import type { Family, Protocol } from '../host-state.ts';
import type { Verdict } from '../outcome.ts';
import type { HostPlanState } from '../plan.ts';
import type { PortRange } from '../port-range.ts';

export const observers = ['collect', 'verify', 'apply', 'rollback'] as const;
export type Observer = (typeof observers)[number];

/** `present`: a range that should be absent; `other-dynamic-range`: `range` is the one that was found. */
export const differenceKinds = [
  'not-reserved',
  'partly-reserved',
  'active-only',
  'persistent-only',
  'foreign',
  'present',
  'other-dynamic-range',
] as const;

/** One thing that is not as desired. */
export interface Difference {
  readonly is: (typeof differenceKinds)[number];
  readonly protocol: Protocol;
  readonly family: Family;
  readonly range: PortRange;
}

export interface Observation {
  readonly at: string;
  readonly by: Observer;
  /** Null: of a command that is no run. */
  readonly run: string | null;
  /** How the run left the host; null: seen before its first change, or no run. */
  readonly verdict: Verdict | null;
  /** Null: what the run left was not compared with the playbook. */
  readonly state: HostPlanState | null;
  readonly differences: readonly Difference[];
  /** Why it was not reached, or its first blocker. */
  readonly code: string | null;
  /** Null: not read at this time. */
  readonly windows: WindowsVersion | null;
  readonly exchange: ExchangeVersion | null;
  readonly dynamicRanges: readonly DynamicRangeSeen[];
}

export interface DynamicRangeSeen {
  readonly protocol: Protocol;
  readonly family: Family;
  readonly range: PortRange;
}

/** The same seen `times` times in a row, from `at` to `lastAt`. */
export interface ObservedSpan extends Observation {
  readonly lastAt: string;
  readonly times: number;
}

/**
 * One host at one endpoint, compared with one set of desires: the same name elsewhere is another host, and what was compared with something
 * else is no measure.
 */
export interface ObservedHost {
  readonly host: string;
  readonly endpoint: string;
  /** Digest of what was desired. */
  readonly desired: string;
}

export interface HostObservations extends ObservedHost {
  /** As it was called last. */
  readonly playbook: string;
  /** Oldest first. */
  readonly spans: readonly ObservedSpan[];
}

export interface HostObservation extends ObservedHost {
  readonly playbook: string;
  readonly observation: Observation;
}

export function isSameHost(one: ObservedHost, other: ObservedHost): boolean {
  return one.host === other.host && one.endpoint === other.endpoint && one.desired === other.desired;
}

export type ObservedStanding = 'as-desired' | 'drifted' | 'unknown';

/** Drift is what was seen to differ. A host that was not reached, or not read completely, is neither. */
export function judgeStanding({ state, differences }: Pick<Observation, 'state' | 'differences'>): ObservedStanding {
  if (state === 'ok') return 'as-desired';
  return differences.length > 0 ? 'drifted' : 'unknown';
}

export interface HistoryLimits {
  readonly now: string;
  readonly keepMs: number;
}

/** A host that changes its mind at every look keeps so many spans. */
export const mostSpans = 200;
/** What is further ahead was written by a clock that was wrong. */
const clockSlackMs = 600_000;

/**
 * The spans with one more observation. One that is not newer than the newest span is left out: another process saw the host later, or it is
 * known already.
 */
export function addObservation(
  spans: readonly ObservedSpan[],
  observation: Observation,
  { now, keepMs }: HistoryLimits,
): readonly ObservedSpan[] {
  const nowMs = Date.parse(now);
  const kept = spans.filter(({ lastAt }) => {
    const atMs = Date.parse(lastAt);
    return atMs >= nowMs - keepMs && atMs <= nowMs + clockSlackMs;
  });
  const last = kept.at(-1);
  if (last === undefined) return [{ ...observation, lastAt: observation.at, times: 1 }];
  if (Date.parse(observation.at) <= Date.parse(last.lastAt)) return kept;
  if (isAlike(last, observation)) {
    return [...kept.slice(0, -1), { ...last, lastAt: observation.at, times: last.times + 1 }];
  }
  return [...kept, { ...observation, lastAt: observation.at, times: 1 }].slice(-mostSpans);
}

/** Whoever looked, the same was seen. What a run left stands by itself. */
function isAlike(span: ObservedSpan, observation: Observation): boolean {
  const keyOf = ({ verdict, run, state, differences, code, windows, exchange, dynamicRanges }: Observation) =>
    JSON.stringify([
      verdict === null ? null : [verdict, run],
      state,
      differences.map(nameDifference),
      code,
      windows === null ? null : [windows.major, windows.minor, windows.build, windows.revision],
      exchange === null ? null : [exchange.major, exchange.minor, exchange.build, exchange.revision],
      dynamicRanges.map(({ protocol, family, range }) => [protocol, family, range.firstPort, range.portCount]),
    ]);
  return keyOf(span) === keyOf(observation);
}

export function nameDifference({ is, protocol, family, range }: Difference): string {
  return `${is} ${protocol} ${family} ${String(range.firstPort)} ${String(range.portCount)}`;
}
