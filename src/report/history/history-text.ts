// The history of one host, of the fleet, and what is new since the last time, for a terminal. Pure; what stands in them is judged elsewhere
// (model/observations/). It says what coincides and never why.
import type { HostNews, NewsKind } from '../../model/observations/news.ts';
import type {
  Difference,
  DynamicRangeSeen,
  ObservedSpan,
  ObservedStanding,
} from '../../model/observations/observation.ts';
import type { SinceWhen } from '../../model/observations/since-when.ts';
import { formatRange } from '../../model/port-range.ts';
import { counted } from '../../model/text/counted.ts';
import { dayAndTime } from '../html/moment.ts';
import { renderFittingTable, wrapNames, wrapText } from '../text/table.ts';
import { standingWords, verdictWords } from '../view/human-words.ts';
import { reservationWords } from '../view/reservation-words.ts';

export interface ShownHistory {
  readonly since: SinceWhen;
  readonly spans: readonly ObservedSpan[];
}

const standingNames: Readonly<Record<ObservedStanding, string>> = {
  'as-desired': 'as desired',
  drifted: 'drifted',
  unknown: 'not known',
};

/** `width`: of the terminal; undefined: none. */
export function renderHostHistory({ since, spans }: ShownHistory, width: number | undefined): string {
  const { host, endpoint, playbook, latest } = since;
  const told = [
    wrapText(tellSince(since), '  ', '  '),
    ...(latest?.differences ?? []).map((one) => `    ${describeDifference(one)}`),
    ...listChanged(since),
  ];
  const rows = spans
    .toReversed()
    .map((span) => [
      minute(span.at),
      minute(span.lastAt),
      String(span.times),
      describeSpan(span),
      span.exchange === null ? '-' : formatVersion(span.exchange),
      span.windows === null ? '-' : formatVersion(span.windows),
      span.run === null ? span.by : `${span.by} ${span.run}`,
    ]);
  const heads = ['FIRST SEEN', 'LAST SEEN', 'TIMES', 'SEEN', 'EXCHANGE', 'WINDOWS', 'BY'];
  const table = renderFittingTable([heads, ...rows], width);
  return `${host} at ${endpoint}, compared with ${playbook}\n${told.join('\n')}\n\n${table}`;
}

/** Newest news of every host in one line each; worst first. */
export function renderFleetHistory(hosts: readonly SinceWhen[], width: number | undefined): string {
  if (hosts.length === 0) return 'No history yet: verify, collect and runs add to it.\n';
  const order: readonly ObservedStanding[] = ['drifted', 'unknown', 'as-desired'];
  const rows = hosts
    .toSorted((a, b) => order.indexOf(a.standing) - order.indexOf(b.standing))
    .map(({ host, endpoint, playbook, standing, latest, from, until, unknownSince }) => [
      host,
      standingNames[standing],
      from === null ? '-' : minute(from),
      until === null ? '-' : minute(until),
      latest === null ? '-' : minute(latest.lastAt),
      unknownSince === null ? '' : `not known since ${minute(unknownSince)}`,
      endpoint,
      playbook,
    ]);
  const heads = ['HOST', 'STANDING', 'FIRST SEEN SO', 'OTHERWISE UNTIL', 'LAST SEEN', 'NOW', 'AT', 'COMPARED WITH'];
  return renderFittingTable([heads, ...rows], width);
}

const newsWords: Readonly<Record<NewsKind, string>> = {
  drifted: 'drifted',
  'differs-otherwise': 'still drifted, but in other ways',
  'as-desired-again': 'as desired again',
  'not-told': 'known before, not known now',
  'still-drifted': 'still drifted',
  'still-as-desired': 'still as desired',
  'first-time': 'compared for the first time',
};

/** What is new; empty when no host was ever compared before. */
export function renderNews(news: readonly HostNews[]): string {
  const known = news.filter((one) => one.lastAt !== null);
  if (known.length === 0) return '';
  const shown: readonly NewsKind[] = ['drifted', 'differs-otherwise', 'as-desired-again', 'not-told', 'first-time'];
  const groups = shown.flatMap((kind) => {
    const hosts = news.filter((one) => one.kind === kind && (kind !== 'not-told' || one.lastAt !== null));
    if (hosts.length === 0) return [];
    const names = wrapNames(
      hosts.map((one) => one.host),
      '    ',
    );
    return [`  ${newsWords[kind]} (${counted(hosts.length, 'host')}):\n${names}\n`];
  });
  const still = news.filter((one) => one.kind === 'still-drifted');
  const oldest = still.flatMap(({ since }) => since ?? []).toSorted()[0];
  const old =
    still.length === 0 || oldest === undefined
      ? ''
      : `  ${newsWords['still-drifted']}: ${counted(still.length, 'host')}, the longest since ${minute(oldest)} at least\n`;
  const last = known
    .flatMap(({ lastAt }) => lastAt ?? [])
    .toSorted()
    .map(minute);
  const [first = '', newest = ''] = [last[0], last.at(-1)];
  const when = first === newest ? newest : `${first} to ${newest}`;
  const title = groups.length === 0 ? 'Nothing new since the last time' : 'New since the last time';
  return `\n${title} (${when}):\n${groups.join('')}${old}`.replace(/:\n$/, '\n');
}

function tellSince({ standing, latest, from, until, unknownSince, host }: SinceWhen): string {
  if (latest === null || from === null) {
    return `Not known: nobody could tell so far${unknownSince === null ? '' : `, since ${dayAndTime(unknownSince)}`}.`;
  }
  const other = standing === 'drifted' ? 'as desired' : 'drifted';
  const start =
    until === null
      ? `since ${dayAndTime(from)} at least, as far back as this history goes`
      : `first seen so ${dayAndTime(from)}; last seen ${other} ${dayAndTime(until)}`;
  const now =
    unknownSince === null
      ? `last seen so ${dayAndTime(latest.lastAt)}`
      : `last seen so ${dayAndTime(latest.lastAt)}, NOT KNOWN since ${dayAndTime(unknownSince)} (look: fencepost verify -l ${host})`;
  return `${standing === 'drifted' ? 'Drifted' : 'As desired'}: ${start}; ${now}.`;
}

function listChanged({ until, from, changed }: SinceWhen): readonly string[] {
  if (until === null || from === null) return [];
  const { exchange, windows, dynamicRanges, runs } = changed;
  const versions = [
    { name: 'Exchange', replaced: exchange },
    { name: 'Windows', replaced: windows },
  ].flatMap(({ name, replaced }) =>
    replaced === null
      ? []
      : [
          `${name} ${formatVersion(replaced.before.value)} (last seen ${minute(replaced.before.at)}) -> ` +
            `${formatVersion(replaced.after.value)} (first seen ${minute(replaced.after.at)})`,
        ],
  );
  const lines = [
    ...versions,
    ...dynamicRanges.map(({ before, after }) => `${describeDynamicRange(before)} -> ${formatRange(after.range)}`),
    ...runs.map((run) => `run ${run} (fencepost runs show ${run})`),
  ];
  return lines.length === 0
    ? ['  Nothing else was seen to change in between.']
    : ['  Seen to change in between:', ...lines.map((line) => wrapText(line, '    ', '      '))];
}

function describeSpan({ state, differences, verdict, by, code }: ObservedSpan): string {
  if (verdict !== null) return verdictWords(verdict, by === 'rollback' ? 'rollback' : 'apply');
  const words = state === null ? 'not known' : standingWords(state, 'verify');
  const count = differences.length === 0 ? '' : `, ${counted(differences.length, 'difference')}`;
  return `${words}${count}${code === null ? '' : ` (${code})`}`;
}

function describeDifference({ is, protocol, family, range }: Difference): string {
  if (is === 'other-dynamic-range') return describeDynamicRange({ protocol, family, range });
  const words = is === 'present' ? 'reserved, and should not be' : reservationWords[is];
  return `${protocol} ${formatRange(range)} on ${family}: ${words}`;
}

function describeDynamicRange({ protocol, family, range }: DynamicRangeSeen): string {
  return `${protocol} dynamic range on ${family}: ${formatRange(range)}`;
}

interface Version {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  readonly revision: number | null;
}

function formatVersion({ major, minor, build, revision }: Version): string {
  return [major, minor, build, ...(revision === null ? [] : [revision])].join('.');
}

/** `2026-12-05 22:01`: UTC, as all times in a report. */
function minute(at: string): string {
  return dayAndTime(at).slice(0, 16);
}
