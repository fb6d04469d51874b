// A rehearsal for a terminal: the night as planned (order, times, outages), then what each mishap would have done to it, and whether a
// rollback restores every server.
import type { PaceSource } from '../../model/headline/paces.ts';
import type { MishapKind, RehearsedHost, RehearsedNight, RehearsedOutage, Rehearsal } from '../../model/rehearsal.ts';
import { counted } from '../../model/text/counted.ts';
import { cutText } from '../../model/text/cut-text.ts';
import { shortDigest } from '../../model/text/short-digest.ts';
import { durationWords } from '../headline/headline-words.ts';
import { dayAndTime } from '../html/moment.ts';
import { noPaint, type Paint } from '../text/colour.ts';
import { drawTogether } from '../text/host-ranges.ts';
import { wrapText } from '../text/table.ts';
import { verdictOrder, verdictWords } from '../view/human-words.ts';

const sources: Readonly<Record<PaceSource, string>> = {
  measured: 'Times are as measured in earlier runs.',
  'partly-measured': 'Times are partly as measured in earlier runs, partly assumed.',
  assumed: 'Times are assumed: no earlier run was measured here.',
};

const mishapWords: Readonly<Record<MishapKind, (host: string) => string>> = {
  'slow-host': (host) => `${host} answers ten times as slowly`,
  'lost-answer': (host) => `the answer to the first change of ${host} is lost`,
  'slow-service': (host) => `the service on ${host} takes a minute longer to start`,
  unreachable: (host) => `${host} does not answer that night`,
  'changed-by-other': (host) => `somebody changed ${host} since the plan was made`,
  refused: (host) => `Windows refuses a change on ${host}`,
  'service-stays-down': (host) => `the service on ${host} does not start again`,
};

export function renderRehearsal(rehearsal: Rehearsal, paint: Paint = noPaint): string {
  const { digest, name, seed, source, notRehearsed, nights } = rehearsal;
  const [asPlanned, ...others] = nights;
  const left = notRehearsed.map(({ host, reason }) =>
    row(`not rehearsed: ${host}: ${reason}`, `${paint('attention', '!')} `, '  '),
  );
  const mishaps = others.map((night) => renderMishapNight(night, paint));
  return [
    `${paint('strong', `Rehearsal of plan ${shortDigest(digest)}: ${name}`)}\n`,
    'On simulated servers made of the facts in the plan: no server was asked, and\nnothing was changed. ',
    `${sources[source]}\n\n`,
    ...left,
    ...(asPlanned === undefined ? [] : [renderAsPlanned(asPlanned, paint)]),
    ...(mishaps.length === 0
      ? []
      : [`\n${paint('strong', `With a mishap (seed ${seed}), each in a night of its own`)}\n`]),
    ...mishaps,
    `\n${renderConclusion(rehearsal)}`,
  ].join('');
}

function renderAsPlanned(night: RehearsedNight, paint: Paint): string {
  const { startedAt, durationMs, hosts, stopped } = night;
  const rows: (readonly [string, string])[] = [
    ['starts', dayAndTime(startedAt)],
    ['takes', `about ${durationWords(durationMs)}`],
    ['results', countWords(night)],
    ...listBatches(hosts),
    ['outages', describeOutages(night.outages)],
    ...(stopped === null ? [] : [['stops', stopped] as const]),
    ['rollback', describeRollback(night)],
  ];
  const text = rows.map(([label, value]) => row(value, `  ${label.padEnd(10)}`, ' '.repeat(12)));
  return `${paint('strong', 'As planned')}\n${text.join('')}`;
}

function renderMishapNight(night: RehearsedNight, paint: Paint): string {
  const { mishap, hosts, stopped, outages, durationMs } = night;
  if (mishap === null) return '';
  const met = hosts.find((one) => one.host === mishap.host);
  const down = outages.filter((one) => one.durationMs === null);
  const sentences = [
    ...(met === undefined
      ? []
      : [`${met.host}: ${verdictWords(met.verdict, 'apply')}: ${cutText(met.detail, longestDetail)}`]),
    `all: ${countWords(night)}; about ${durationWords(durationMs)}; outages: ${describeOutages(outages)}`,
    ...(stopped === null ? [] : [`the run stops: ${stopped}`]),
    ...down.map(({ host, service }) => `${service} on ${host} is DOWN at the end of the run`),
    describeRollback(night),
  ];
  const head = row(mishapWords[mishap.kind](mishap.host), `  ${paint('attention', '?')} `, '    ');
  return `${head}${sentences.map((one) => row(one, '      ', '        ')).join('')}`;
}

function row(text: string, first: string, indent: string): string {
  return `${wrapText(text, first, indent)}\n`;
}

/** The whole of it is in the JSON document. */
const longestDetail = 240;

/** `26 changed and verified, 2 unchanged, already as desired` */
function countWords({ counts }: RehearsedNight): string {
  const parts = verdictOrder.flatMap((verdict) => {
    const count = counts[verdict] ?? 0;
    return count === 0 ? [] : [`${count} ${verdictWords(verdict, 'apply')}`];
  });
  return parts.join('; ');
}

function listBatches(hosts: readonly RehearsedHost[]): readonly (readonly [string, string])[] {
  const batches = new Map<number, RehearsedHost[]>();
  for (const host of hosts) {
    if (host.batch === null) continue;
    batches.set(host.batch, [...(batches.get(host.batch) ?? []), host]);
  }
  return [...batches.entries()]
    .sort(([a], [b]) => a - b)
    .map(([batch, members]) => {
      const started = members.flatMap((one) => one.startedAt ?? []).sort();
      const finished = members.flatMap((one) => one.finishedAt ?? []).sort();
      const inOrder = members.toSorted((a, b) => (a.startedAt ?? '~').localeCompare(b.startedAt ?? '~', 'en'));
      const when = `${clock(started[0])} to ${clock(finished.at(-1))}`;
      return [`batch ${batch}`, `${when}: ${drawTogether(inOrder.map((one) => one.host)).join(', ')}`] as const;
    });
}

function clock(at: string | undefined): string {
  return at === undefined ? '?' : at.slice(11, 19);
}

function describeOutages(outages: readonly RehearsedOutage[]): string {
  if (outages.length === 0) return 'none';
  const services = new Map<string, RehearsedOutage[]>();
  for (const outage of outages) services.set(outage.service, [...(services.get(outage.service) ?? []), outage]);
  return [...services.entries()]
    .map(([service, all]) => {
      const longest = all.toSorted((a, b) => (b.durationMs ?? Infinity) - (a.durationMs ?? Infinity))[0];
      const hosts = counted(new Set(all.map((one) => one.host)).size, 'host');
      const ms = longest?.durationMs ?? null;
      const most = ms === null ? 'not ended' : durationWords(ms);
      return `${service} on ${hosts}, the longest ${most} (${longest?.host ?? ''})`;
    })
    .join('; ');
}

function describeRollback({ rollback: { durationMs, changed, notRestored } }: RehearsedNight): string {
  if (changed === 0) return 'a rollback has nothing to restore';
  const took = `takes about ${durationWords(durationMs)}`;
  if (notRestored.length === 0)
    return `a rollback ${took} and restores ${counted(changed, 'changed host')}, all of them`;
  return `a rollback ${took} and DOES NOT RESTORE ${notRestored.join(', ')}`;
}

function renderConclusion({ isGood, nights, notRehearsed }: Rehearsal): string {
  if (isGood) {
    return nights.length === 1
      ? 'All hosts end as desired, and a rollback restores every host.\n'
      : 'All hosts end as desired when nothing goes wrong, and a rollback restores every\nhost in every night.\n';
  }
  const restores = nights.every((one) => one.rollback.notRestored.length === 0);
  const parts = [
    ...(notRehearsed.length > 0 ? [`${counted(notRehearsed.length, 'host')} could not be rehearsed`] : []),
    ...(nights[0]?.hosts.every(isFine) === true ? [] : ['not all hosts end as desired even when nothing goes wrong']),
    restores ? 'a rollback restores every host in every night' : 'a rollback does not restore every host',
  ];
  const text = parts.join('; ');
  return `${wrapText(`${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`, '', '')}\n`;
}

function isFine({ verdict }: RehearsedHost): boolean {
  return verdict === 'changed' || verdict === 'unchanged';
}
