// Since when a host is as it is, and what else changed in the same time: the build of Exchange or Windows, a dynamic range, a run. Pure.
// It names what coincides; that one thing caused the other it never says.
import type { ExchangeVersion, WindowsVersion } from '../facts.ts';
import { sameRange } from '../port-range.ts';
import {
  judgeStanding,
  type DynamicRangeSeen,
  type HostObservations,
  type ObservedHost,
  type ObservedSpan,
  type ObservedStanding,
} from './observation.ts';

interface Seen<T> {
  readonly at: string;
  readonly value: T;
}

interface Replaced<T> {
  readonly before: Seen<T>;
  readonly after: Seen<T>;
}

export interface SinceWhen extends ObservedHost {
  readonly playbook: string;
  /** The newest that is known. */
  readonly standing: ObservedStanding;
  /** The span that tells it; null: nothing is known of the host. */
  readonly latest: ObservedSpan | null;
  /** Newer than `latest`, if nobody could tell then: not reached, not read, rolled back. */
  readonly unknownSince: string | null;
  /** First seen so. */
  readonly from: string | null;
  /** Last seen otherwise; null: as far back as the history goes. */
  readonly until: string | null;
  /** What was seen to change between `until` and `from`. */
  readonly changed: {
    readonly exchange: Replaced<ExchangeVersion> | null;
    readonly windows: Replaced<WindowsVersion> | null;
    readonly dynamicRanges: readonly { readonly before: DynamicRangeSeen; readonly after: DynamicRangeSeen }[];
    readonly runs: readonly string[];
  };
}

const nothing = { exchange: null, windows: null, dynamicRanges: [], runs: [] } as const;

export function findSinceWhen({ spans, ...about }: HostObservations): SinceWhen {
  const isKnown = (span: ObservedSpan): boolean => judgeStanding(span) !== 'unknown';
  const newest = spans.findLastIndex(isKnown);
  const latest = spans[newest];
  const unknownSince = spans[newest + 1]?.at ?? null;
  if (latest === undefined) {
    const basis = { ...about, standing: 'unknown', latest: null, from: null, until: null } as const;
    return { ...basis, unknownSince, changed: nothing };
  }
  const standing = judgeStanding(latest);
  const other = spans.findLastIndex((span, at) => at < newest && isKnown(span) && judgeStanding(span) !== standing);
  const first = spans.findIndex((span, at) => at > other && isKnown(span));
  const from = spans[first]?.at ?? null;
  const before = spans[other];
  return {
    ...about,
    standing,
    latest,
    unknownSince,
    from,
    until: before?.lastAt ?? null,
    changed: before === undefined ? nothing : listChanges(spans, other, first),
  };
}

/** Between two spans; what was not read in one of them is as it was last read before. */
function listChanges(spans: readonly ObservedSpan[], other: number, first: number): SinceWhen['changed'] {
  const [before, after] = [spans[other], spans[first]];
  if (before === undefined || after === undefined) return nothing;
  return {
    exchange: findReplaced(spans, other, first, (one) => one.exchange, sameVersion),
    windows: findReplaced(spans, other, first, (one) => one.windows, sameVersion),
    dynamicRanges: compareDynamicRanges(
      lastSeen(spans, other, (one) => (one.dynamicRanges.length === 0 ? null : one.dynamicRanges))?.value ?? [],
      after.dynamicRanges,
    ),
    runs: [
      ...new Set(
        spans.slice(other + 1, first + 1).flatMap(({ run, verdict }) => (verdict === null ? [] : (run ?? []))),
      ),
    ],
  };
}

function findReplaced<T>(
  spans: readonly ObservedSpan[],
  other: number,
  first: number,
  read: (span: ObservedSpan) => T | null,
  isSame: (one: T, another: T) => boolean,
): Replaced<T> | null {
  const before = lastSeen(spans, other, read);
  const span = spans[first];
  const value = span === undefined ? null : read(span);
  if (before === null || span === undefined || value === null || isSame(before.value, value)) return null;
  return { before, after: { at: span.at, value } };
}

function lastSeen<T>(
  spans: readonly ObservedSpan[],
  upTo: number,
  read: (span: ObservedSpan) => T | null,
): Seen<T> | null {
  for (const span of spans.slice(0, upTo + 1).toReversed()) {
    const value = read(span);
    if (value !== null) return { at: span.lastAt, value };
  }
  return null;
}

interface Version {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  readonly revision: number | null;
}

function sameVersion(a: Version, b: Version): boolean {
  return a.major === b.major && a.minor === b.minor && a.build === b.build && a.revision === b.revision;
}

function compareDynamicRanges(before: readonly DynamicRangeSeen[], after: readonly DynamicRangeSeen[]) {
  return after.flatMap((one) => {
    const was = before.find(({ family, protocol }) => family === one.family && protocol === one.protocol);
    return was === undefined || sameRange(was.range, one.range) ? [] : [{ before: was, after: one }];
  });
}
