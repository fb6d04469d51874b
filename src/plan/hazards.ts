// What would make a change fail, hurt, or be in vain on one host, and what a person should know about it. Findings only.
import type { HostFacts } from '../model/facts.ts';
import { findDynamicRange, findExclusions, isPersistentShown, stores, type Family } from '../model/host-state.ts';
import { describeUnresolved } from '../model/backend/unresolved-back-ends.ts';
import type { Finding, FindingSeverity, FindingCode } from '../model/plan.ts';
import { formatRange, sameRange } from '../model/port-range.ts';
import { findOwners, findService } from '../model/rules/port-owners.ts';
import {
  isCoveredInBoth,
  judgeReservation,
  type OverlappingRow,
  type Reservation,
} from '../model/rules/reservation.ts';
import { isSettable } from '../model/rules/dynamic-range.ts';
import { nameExchangeRow } from '../model/rules/fixed-ports.ts';
import { describePorts } from '../model/rules/service-port.ts';
import type { Desired, DesiredExclusion } from '../model/desired.ts';
import { explainUnread, exchangeQuestion } from '../model/rules/unread-answers.ts';
import { deleteExclusion } from '../windows/excluded-ports.ts';
import { diffDynamicRanges, isOnlyHalves, type Change } from './diff.ts';
import { judgeOwner, judgeOwnerOfReleased } from './owner-findings.ts';

const mostLinesShown = 3;

/** All findings of one host, blockers first. */
export function findHazards(facts: HostFacts, desired: Desired, changes: readonly Change[]): readonly Finding[] {
  const found = [
    ...support(facts, desired),
    ...describeUnresolved(facts, desired),
    ...gaps(facts, desired, changes),
    ...noise(facts),
    ...desired.exclusions.flatMap((one) => [...rangesInTheWay(facts, one), ...owners(facts, desired, one, changes)]),
    ...listServiceWishes(desired).flatMap((one) => services(facts, one)),
    ...exchange(facts, desired),
    ...describePorts(facts, desired.exclusions, desired.dynamicRange),
    ...limits(facts, desired),
  ];
  const unique = found.filter((one, index) => found.findIndex((other) => other.sentence === one.sentence) === index);
  return [...unique.filter((one) => one.severity === 'blocker'), ...unique.filter((one) => one.severity !== 'blocker')];
}

function finding(severity: FindingSeverity, code: FindingCode, sentence: string, hint: string | null = null): Finding {
  return { severity, code, sentence, hint };
}

function support(facts: HostFacts, { exclusions }: Desired): readonly Finding[] {
  if (facts.exclusionSupport || exclusions.length === 0) return [];
  return [
    finding(
      'blocker',
      'netsh-too-old',
      "this Windows' netsh has no excludedportrange command",
      'install the Microsoft fix KB2665809 (Windows Server 2008 R2), or a newer Windows',
    ),
  ];
}

/** An unread exclusion table blocks always; any other unread answer, and an account that can't change it, where something has to be changed. */
function gaps(facts: HostFacts, desired: Desired, changes: readonly Change[]): readonly Finding[] {
  if (!facts.exclusionSupport && desired.exclusions.length > 0) return [];
  const dynamicChanges = diffDynamicRanges(facts.state, desired);
  const unreadTable = desired.exclusions.some((one) =>
    one.families.some((family) =>
      stores.some((store) => findExclusions(facts.state, family, one.protocol, store) === null),
    ),
  );
  const { dynamicRange } = desired;
  const unreadRange =
    dynamicRange?.families.some((family) => findDynamicRange(facts.state, family, dynamicRange.protocol) === null) ===
    true;
  const ofRights = changes.length + dynamicChanges.length > 0 ? 'blocker' : 'warning';
  const severity = unreadTable || unreadRange ? 'blocker' : ofRights;
  return explainUnread(facts).map(({ code, sentence, hint }) =>
    finding(code === 'account-rights' ? ofRights : severity, code, sentence, hint),
  );
}

/** One for the host: the same line often stands around every answer. */
function noise(facts: HostFacts): readonly Finding[] {
  const found = facts.noise ?? [];
  const lines = [...new Set(found.map((one) => JSON.stringify(one.line)))];
  if (lines.length === 0) return [];
  const shown = lines.slice(0, mostLinesShown).join(', ');
  const more = lines.length > mostLinesShown ? ' and others' : '';
  return [
    finding(
      'warning',
      'unexpected-lines',
      `Windows printed lines around ${found.length} of its answers that are not part of them: ${shown}${more}; the answers were read without them`,
      'run the command on the server and look: netsh interface ipv4 show excludedportrange protocol=tcp',
    ),
  ];
}

function rangesInTheWay(facts: HostFacts, desired: DesiredExclusion): readonly Finding[] {
  return desired.families.flatMap((family) => {
    const reservation = judgeReservation(facts.state, family, desired.protocol, desired.range);
    return desired.presence === 'present'
      ? [
          ...foreign(reservation, desired, family),
          ...hidden(reservation, desired, family),
          ...partial(reservation, desired, family),
        ]
      : [...tooWide(reservation, desired, family), ...mayComeBack(facts, reservation, desired, family)];
  });
}

function foreign(reservation: Reservation, desired: DesiredExclusion, family: Family): readonly Finding[] {
  return reservation.foreign.map((row) =>
    finding(
      'blocker',
      'foreign-range',
      `${what(desired)} on ${family} lies in ${formatRange(row.range)}, which Windows itself holds (no *): the service couldn't bind it either`,
      'find out who holds it (HTTP.sys, winnat, Hyper-V); how it is released: fencepost explain foreign-range',
    ),
  );
}

/** Neither "as desired" nor "until the next boot only" would be true. */
function hidden({ state }: Reservation, desired: DesiredExclusion, family: Family): readonly Finding[] {
  if (state !== 'not-shown') return [];
  return [
    finding(
      'blocker',
      'persistent-not-shown',
      `${what(desired)} on ${family} is reserved now; whether also after a reboot cannot be told: netsh shows no permanent range and the registry could not be read`,
      'look at the registry with an account that may read it (fencepost explain persistent-not-shown), or set it again: delete the range, then plan again',
    ),
  ];
}

function partial(reservation: Reservation, desired: DesiredExclusion, family: Family): readonly Finding[] {
  if (reservation.cover === null || isCoveredInBoth(reservation)) return [];
  return otherAdministered(reservation, desired).map((row) =>
    finding(
      'blocker',
      'range-in-the-way',
      `the administered range ${formatRange(row.range)} on ${family} overlaps ${what(desired)} without fully reserving it in both stores`,
      adviceOnExchangeRow(row, desired) ??
        `add that range to both stores, or delete it: ${row.stores.map((store) => deleteExclusion(family, desired.protocol, row.range, store)).join(' & ')}`,
    ),
  );
}

/** Gone now, and nobody can see whether for good. */
function mayComeBack(
  { state }: HostFacts,
  { cover }: Reservation,
  desired: DesiredExclusion,
  family: Family,
): readonly Finding[] {
  if (isPersistentShown(state, family, desired.protocol) || cover?.active !== false) return [];
  return [
    finding(
      'warning',
      'persistent-not-shown',
      `${what(desired)} on ${family} is not reserved now; whether it is again after a reboot cannot be told: netsh shows no permanent range and the registry could not be read`,
      'look at the registry with an account that may read it: fencepost explain persistent-not-shown',
    ),
  ];
}

function tooWide(reservation: Reservation, desired: DesiredExclusion, family: Family): readonly Finding[] {
  return otherAdministered(reservation, desired).map((row) =>
    finding(
      'blocker',
      'range-in-the-way',
      `${what(desired)} on ${family} is to be released, but the administered range ${formatRange(row.range)} overlaps it, and netsh deletes only a whole range`,
      adviceOnExchangeRow(row, desired) ?? 'name that whole range in the playbook, with state: absent',
    ),
  );
}

/** Null: the row is none that Exchange setup makes. */
function adviceOnExchangeRow({ range }: OverlappingRow, { protocol }: DesiredExclusion): string | null {
  const own = protocol === 'tcp' ? nameExchangeRow(range) : null;
  return own === null ? null : `leave that range alone: it is ${own}; name other ports in the playbook`;
}

function otherAdministered({ administered }: Reservation, desired: DesiredExclusion): readonly OverlappingRow[] {
  return administered.filter((row) => !sameRange(row.range, desired.range));
}

function owners(
  facts: HostFacts,
  desired: Desired,
  one: DesiredExclusion,
  changes: readonly Change[],
): readonly Finding[] {
  if (!changes.some((change) => change.desired === one)) return [];
  const found = findOwners(facts, one) ?? [];
  if (one.presence === 'absent') return found.flatMap((owner) => judgeOwnerOfReleased(facts, desired, one, owner));
  const isHalf = one.service !== null && isOnlyHalves(changes, one.service);
  return found.map((owner) => judgeOwner(facts, desired, one, owner, isHalf));
}

type ServiceWish = Pick<DesiredExclusion, 'service' | 'presence'>;

/** A back end whose port is not known may be one that is not there. */
function listServiceWishes({ exclusions, unresolved = [] }: Desired): readonly ServiceWish[] {
  return [...exclusions, ...unresolved.map(({ service }) => ({ service, presence: 'present' as const }))];
}

function services(facts: HostFacts, desired: ServiceWish): readonly Finding[] {
  if (desired.service === null || desired.presence === 'absent' || facts.exchange === null) return [];
  const known = findService(facts, desired.service);
  if (known === null || known.installed) return [];
  return [finding('info', 'service-not-installed', `the service ${desired.service} is not installed on this host`)];
}

function exchange(facts: HostFacts, desired: Desired): readonly Finding[] {
  const forExchange = listServiceWishes(desired).some((one) => one.service?.startsWith('MSExchange') === true);
  if (facts.exchange !== null || !forExchange) return [];
  if (facts.gaps.some((gap) => gap.question === exchangeQuestion)) return [];
  return [
    finding(
      'warning',
      'not-exchange',
      'no Exchange 2013 or later is installed on this host',
      'if this is the wrong host, remove it from the group that the playbook names',
    ),
  ];
}

/** Nothing is changed whose undo Windows would refuse. */
function limits(facts: HostFacts, desired: Desired): readonly Finding[] {
  return diffDynamicRanges(facts.state, desired)
    .filter(({ before }) => !isSettable(before))
    .map(({ family, protocol, before }) =>
      finding(
        'blocker',
        'dynamic-range-limits',
        `the ${protocol} dynamic range of ${family} is ${formatRange(before)}: Windows would refuse to set it back to that`,
        'set it by hand, if nothing depends on the range that is there',
      ),
    );
}

function what(desired: DesiredExclusion): string {
  return `${desired.protocol} ${formatRange(desired.range)}`;
}
