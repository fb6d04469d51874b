// Collected facts as a table: one host a row, one column a desired range.
import type { HostFacts } from '../../model/facts.ts';
import type { FailureRecord } from '../../model/failure.ts';
import { findDynamicRange, families, type Family } from '../../model/host-state.ts';
import { groupBy } from '../../model/lists/group-by.ts';
import { describeOwner, findOwners, type PortOwner } from '../../model/rules/port-owners.ts';
import { formatRange } from '../../model/port-range.ts';
import { judgeReservation } from '../../model/rules/reservation.ts';
import { describeUnresolved } from '../../model/backend/unresolved-back-ends.ts';
import { mergeAlike } from '../../model/text/merge-alike.ts';
import type { Desired, DesiredExclusion } from '../../model/desired.ts';
import { explainUnread, exchangeQuestion } from '../../model/rules/unread-answers.ts';
import { noPaint, type Paint } from './colour.ts';
import { renderHostFailure } from './failure-text.ts';
import { findLeftGuards } from '../../model/rules/left-guards.ts';
import { describePorts } from '../../model/rules/service-port.ts';
import type { Finding } from '../../model/plan.ts';
import { reservationWords } from '../view/reservation-words.ts';
import { renderSilentNetworks } from './silent-networks.ts';
import { counted } from '../../model/text/counted.ts';
import { renderFittingTable, wrapNames, wrapText } from './table.ts';

export interface CollectedHost {
  readonly host: string;
  /** Where it was asked: an address, or a name that led to none. */
  readonly address: string;
  readonly desired: Desired;
  readonly facts: HostFacts | null;
  readonly failure: FailureRecord | null;
}

export interface VersionNames {
  readonly windows: (version: HostFacts['windows']) => string;
  readonly exchange: (version: NonNullable<HostFacts['exchange']>) => string;
}

export interface CollectedOptions {
  /** Left out: none. */
  readonly paint?: Paint;
  /** Of the terminal; left out: there is none. */
  readonly width?: number | undefined;
}

/** The table of hosts that answered, then the failures of those that did not, then the answers that could not be read. */
export function renderCollected(
  hosts: readonly CollectedHost[],
  names: VersionNames,
  { paint = noPaint, width }: CollectedOptions = {},
): string {
  const answered = hosts.filter((one) => one.facts !== null);
  const ranges = distinctRanges(hosts.flatMap((one) => one.desired.exclusions));
  const head = ['HOST', 'WINDOWS', 'EXCHANGE', 'DYNAMIC', ...ranges.map((one) => nameColumn(one).toUpperCase())];
  const rows = answered.map((one) => renderRow(one, ranges, names));
  const failures = renderFailures(hosts, paint);
  const gaps = renderUnread(answered, paint);
  const ports = renderPorts(answered, paint);
  const guards = renderGuards(answered, paint);
  const noise = answered.flatMap((one) => {
    const [first] = one.facts?.noise ?? [];
    const { length } = one.facts?.noise ?? [];
    if (first === undefined) return [];
    return [`${one.host}: lines around ${length} answers that are not part of them: ${JSON.stringify(first.line)}\n`];
  });
  const silent = renderSilentNetworks(hosts.map(({ address, failure }) => ({ address, code: failure?.code ?? null })));
  return [
    answered.length === 0 ? '' : renderFittingTable([head, ...rows], width),
    ...failures,
    silent.trimEnd(),
    ...gaps,
    ...ports,
    ...guards,
    ...noise,
  ]
    .filter((one) => one !== '')
    .map((one) => (one.endsWith('\n') ? one : `${one}\n`))
    .join('\n');
}

/** What was not answered, with its fix. */
function renderUnread(hosts: readonly CollectedHost[], paint: Paint): readonly string[] {
  const found = hosts.flatMap(({ host, facts }) =>
    facts === null ? [] : explainUnread(facts).map((one) => ({ ...one, host, severity: 'warning' as const })),
  );
  return renderAlike(found, 'collected in part', paint);
}

/** Guards of runs: what they undo may be what is to be changed next. */
function renderGuards(hosts: readonly CollectedHost[], paint: Paint): readonly string[] {
  const found = hosts.flatMap(({ host, facts }) =>
    facts === null ? [] : findLeftGuards(facts, collectedSeverities).map((one) => ({ ...one, host })),
  );
  return renderAlike(found, 'about guards', paint);
}

const collectedSeverities = { left: 'warning', unknown: 'warning' } as const;

/** Whether the desired ports are those that the services use, and what Windows could hand out. */
function renderPorts(hosts: readonly CollectedHost[], paint: Paint): readonly string[] {
  const found = hosts.flatMap(({ host, facts, desired }) => {
    if (facts === null) return [];
    const told = [...describeUnresolved(facts, desired), ...describePorts(facts, desired.exclusions)];
    return mergeAlike(told, ({ code, hint }) => JSON.stringify([code, hint])).map((one) => ({ ...one, host }));
  });
  return renderAlike(found, 'about the ports', paint);
}

interface SaidOfHost extends Pick<Finding, 'severity' | 'sentence' | 'hint'> {
  readonly host: string;
}

/** Hosts of which the same is true stand together. */
function renderAlike(found: readonly SaidOfHost[], what: string, paint: Paint): readonly string[] {
  return [...groupBy(found, ({ sentence, hint }) => JSON.stringify([sentence, hint])).values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    const { host, severity, sentence, hint } = first;
    const one = alike.length === 1;
    const head = paint('strong', one ? `${host}: ${what}` : `${counted(alike.length, 'host')}: ${what}`);
    const names = one
      ? ''
      : `${wrapNames(
          alike.map((each) => each.host),
          '  ',
        )}\n`;
    const sign = severity === 'info' ? paint('quiet', 'i') : paint('attention', '?');
    const fix = hint === null ? '' : `${wrapText(hint, `      ${paint('quiet', 'fix:')} `, '        ')}\n`;
    return `${head}\n${names}${wrapText(sentence, `    ${sign} `, '      ')}\n${fix}`;
  });
}

/** Hosts that failed alike stand together. */
function renderFailures(hosts: readonly CollectedHost[], paint: Paint): readonly string[] {
  const groups = new Map<string, { readonly names: string[]; readonly failure: FailureRecord }>();
  for (const { host, failure } of hosts) {
    if (failure === null) continue;
    const words = renderHostFailure(failure, null, '    ', paint);
    const group = groups.get(words) ?? { names: [], failure };
    groups.set(words, group);
    group.names.push(host);
  }
  return [...groups].map(([words, { names, failure }]) =>
    names.length === 1
      ? `${paint('strong', `${names[0] ?? ''}: not collected`)}\n${renderHostFailure(failure, names[0] ?? null, '    ', paint)}`
      : `${paint('strong', `${counted(names.length, 'host')}: not collected`)}\n${wrapNames(names, '  ')}\n${words}`,
  );
}

function renderRow(
  { host, desired, facts }: CollectedHost,
  ranges: readonly DesiredExclusion[],
  names: VersionNames,
): readonly string[] {
  if (facts === null) return [host];
  return [
    host,
    short(names.windows(facts.windows)),
    describeExchange(facts, names),
    describeDynamicRange(facts),
    ...ranges.map((one) => {
      // Of its back-end port another host may ask; this one was not asked about it.
      const own = desired.exclusions.find((other) => isSameColumn(one, other));
      return own === undefined ? '-' : renderCell(facts, own);
    }),
  ];
}

function describeExchange({ exchange, gaps }: HostFacts, names: VersionNames): string {
  if (exchange !== null) return short(names.exchange(exchange));
  return gaps.some((one) => one.question === exchangeQuestion) ? 'unknown' : 'none';
}

/** The column's head says the rest. */
function short(name: string): string {
  return name.replace(/^(Windows|Exchange) (Server )?/, '');
}

function describeDynamicRange(facts: HostFacts): string {
  return alike(
    families.map((family) => [family, findDynamicRange(facts.state, family, 'tcp')] as const),
    (range) => (range === null ? '?' : formatRange(range)),
  );
}

/** What the tables and sockets say of one desired range, both families told apart only where they differ. */
function renderCell(facts: HostFacts, desired: DesiredExclusion): string {
  if (!facts.exclusionSupport) return 'no excludedportrange';
  const state = alike(
    desired.families.map((family) => [family, describeState(facts, family, desired)] as const),
    (one) => one,
  );
  const owners = findOwners(facts, desired);
  if (owners === null) return `${state}; open ports not read`;
  const names = [...new Set(owners.map(shortOwner))];
  return names.length === 0 ? state : `${state}; open: ${names.join(', ')}`;
}

function describeState(facts: HostFacts, family: Family, { protocol, range }: DesiredExclusion): string {
  return reservationWords[judgeReservation(facts.state, family, protocol, range).state];
}

function alike<T>(perFamily: readonly (readonly [Family, T])[], words: (value: T) => string): string {
  const distinct = new Set(perFamily.map(([, value]) => words(value)));
  return distinct.size === 1
    ? ([...distinct][0] ?? '')
    : perFamily.map(([family, value]) => `${family}: ${words(value)}`).join(', ');
}

/** `Imap4Service 5210`: the whole name stands in a plan and in a report. */
function shortOwner(owner: PortOwner): string {
  if (owner.process === null || owner.kind === 'closing') return describeOwner(owner);
  return `${owner.process.imageName.replace(/^Microsoft\.Exchange\.|\.exe$/g, '')} ${owner.processId}`;
}

function distinctRanges(desired: readonly DesiredExclusion[]): readonly DesiredExclusion[] {
  return [...new Map(desired.map((one) => [nameColumn(one), one])).values()];
}

function nameColumn({ protocol, range }: DesiredExclusion): string {
  return `${protocol} ${formatRange(range)}`;
}

function isSameColumn(one: DesiredExclusion, other: DesiredExclusion): boolean {
  return nameColumn(one) === nameColumn(other);
}
