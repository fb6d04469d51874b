// How many hosts were as desired and how many had drifted, period by period, for the small chart of a report. Pure. A host that nobody looked at
// in a period counts as unknown, unless the same was seen before and after.
import { judgeStanding, type HostObservations, type ObservedSpan, type ObservedStanding } from './observation.ts';

export interface DriftPoint {
  /** The period: from this on, up to the next point. */
  readonly at: string;
  readonly asDesired: number;
  readonly drifted: number;
  readonly unknown: number;
}

/** A bar that is narrower can't be seen on a telephone. */
export const mostPoints = 60;
const dayMs = 86_400_000;

/** Oldest first, in periods of whole days (UTC) up to `until`; empty: nobody looked, or on one day only. */
export function countDriftOverTime(histories: readonly HostObservations[], until: string): readonly DriftPoint[] {
  const dayOf = (at: string): number => Math.floor(Date.parse(at) / dayMs);
  const lastDay = dayOf(until);
  const firstDay = histories
    .flatMap(({ spans }) => spans.map(({ at }) => dayOf(at)))
    .reduce((least, day) => Math.min(least, day), lastDay);
  if (firstDay === lastDay) return [];
  const step = Math.ceil((lastDay - firstDay + 1) / mostPoints);
  const points: DriftPoint[] = [];
  for (let day = firstDay; day <= lastDay; day += step) {
    const counts: Record<ObservedStanding, number> = { 'as-desired': 0, drifted: 0, unknown: 0 };
    const toMs = Math.min((day + step) * dayMs, Date.parse(until) + 1);
    for (const { spans } of histories) counts[findStanding(spans, day * dayMs, toMs)] += 1;
    points.push({
      at: new Date(day * dayMs).toISOString(),
      asDesired: counts['as-desired'],
      drifted: counts.drifted,
      unknown: counts.unknown,
    });
  }
  return points;
}

/** The last that could be told within the period. */
function findStanding(spans: readonly ObservedSpan[], fromMs: number, toMs: number): ObservedStanding {
  const last = spans.findLast(
    (span) => Date.parse(span.at) < toMs && Date.parse(span.lastAt) >= fromMs && judgeStanding(span) !== 'unknown',
  );
  return last === undefined ? 'unknown' : judgeStanding(last);
}
