// What would make a change fail, hurt, or be in vain on one host, and what a person should know about it. Findings only.
import type { HostFacts } from '../model/facts.ts';
import { dynamicRangeOf, exclusionsOf, stores, type Family } from '../model/host-state.ts';
import type { Finding, FindingSeverity, FindingCode } from '../model/plan.ts';
import {
  containsPort,
  covers,
  formatRange,
  lastPort,
  overlaps,
  sameRange,
  type PortRange,
} from '../model/port-range.ts';
import { findOwners, findService } from '../model/port-owners.ts';
import { exchangeQuestion, explainUnread } from '../model/unread-answers.ts';
import { isCoveredInBoth, judgeReservation, type OverlappingRow, type Reservation } from '../model/reservation.ts';
import type { Wanted, WantedExclusion } from '../model/wanted.ts';
import { deleteExclusion } from '../windows/excluded-ports.ts';
import type { Change } from './diff.ts';
import { listeningPortsOf } from '../windows/holders.ts';
import { judgeOwner } from './owner-findings.ts';

/** All findings of one host, blockers first. */
export function findHazards(facts: HostFacts, wanted: Wanted, changes: readonly Change[]): readonly Finding[] {
  const found = [
    ...support(facts),
    ...gaps(facts, wanted, changes),
    ...wanted.exclusions.flatMap((one) => [...rangesInTheWay(facts, one), ...owners(facts, wanted, one, changes)]),
    ...wanted.exclusions.flatMap((one) => services(facts, one)),
    ...exchange(facts, wanted),
    ...dynamicRanges(facts, wanted),
  ];
  const unique = found.filter((one, index) => found.findIndex((other) => other.sentence === one.sentence) === index);
  return [...unique.filter((one) => one.severity === 'blocker'), ...unique.filter((one) => one.severity !== 'blocker')];
}

function finding(severity: FindingSeverity, code: FindingCode, sentence: string, hint: string | null = null): Finding {
  return { severity, code, sentence, hint };
}

function support(facts: HostFacts): readonly Finding[] {
  if (facts.exclusionSupport) return [];
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
function gaps(facts: HostFacts, wanted: Wanted, changes: readonly Change[]): readonly Finding[] {
  if (!facts.exclusionSupport) return [];
  const unreadTable = wanted.exclusions.some((one) =>
    one.families.some((family) =>
      stores.some((store) => exclusionsOf(facts.state, family, one.protocol, store) === null),
    ),
  );
  const ofRights = changes.length > 0 ? 'blocker' : 'warning';
  const severity = unreadTable ? 'blocker' : ofRights;
  return explainUnread(facts).map(({ code, sentence, hint }) =>
    finding(code === 'account-rights' ? ofRights : severity, code, sentence, hint),
  );
}

function rangesInTheWay(facts: HostFacts, wanted: WantedExclusion): readonly Finding[] {
  return wanted.families.flatMap((family) => {
    const reservation = judgeReservation(facts.state, family, wanted.protocol, wanted.range);
    return wanted.presence === 'present'
      ? [...foreign(reservation, wanted, family), ...partial(reservation, wanted, family)]
      : tooWide(reservation, wanted, family);
  });
}

function foreign(reservation: Reservation, wanted: WantedExclusion, family: Family): readonly Finding[] {
  return reservation.foreign.map((row) =>
    finding(
      'blocker',
      'foreign-range',
      `${what(wanted)} on ${family} lies in ${formatRange(row.range)}, which Windows itself holds (no *): the service couldn't bind it either`,
      'find out who holds it (HTTP.sys, winnat, Hyper-V); winnat gives its ranges up with: net stop winnat, then net start winnat after the exclusion is made',
    ),
  );
}

function partial(reservation: Reservation, wanted: WantedExclusion, family: Family): readonly Finding[] {
  if (reservation.cover === null || isCoveredInBoth(reservation)) return [];
  return otherAdministered(reservation, wanted).map((row) =>
    finding(
      'blocker',
      'range-in-the-way',
      `the administered range ${formatRange(row.range)} on ${family} overlaps ${what(wanted)} without reserving it whole in both stores`,
      `bring that range into both stores, or delete it: ${row.stores.map((store) => deleteExclusion(family, wanted.protocol, row.range, store)).join(' & ')}`,
    ),
  );
}

function tooWide(reservation: Reservation, wanted: WantedExclusion, family: Family): readonly Finding[] {
  return otherAdministered(reservation, wanted).map((row) =>
    finding(
      'blocker',
      'range-in-the-way',
      `${what(wanted)} on ${family} is to be released, but the administered range ${formatRange(row.range)} overlaps it, and netsh deletes only a whole range`,
      'name that whole range in the playbook, with state: absent',
    ),
  );
}

function otherAdministered({ administered }: Reservation, wanted: WantedExclusion): readonly OverlappingRow[] {
  return administered.filter((row) => !sameRange(row.range, wanted.range));
}

function owners(
  facts: HostFacts,
  wanted: Wanted,
  one: WantedExclusion,
  changes: readonly Change[],
): readonly Finding[] {
  const adds = changes.some((change) => change.wanted === one && one.presence === 'present');
  if (!adds) return [];
  return (findOwners(facts, one) ?? []).map((owner) => judgeOwner(facts, wanted, one, owner));
}

function services(facts: HostFacts, wanted: WantedExclusion): readonly Finding[] {
  if (wanted.service === null || wanted.presence === 'absent') return [];
  const known = findService(facts, wanted.service);
  if (known !== null && !known.installed) {
    return facts.exchange === null
      ? []
      : [finding('info', 'service-not-installed', `the service ${wanted.service} is not installed on this host`)];
  }
  const ports = listeningPortsOf(facts, wanted.service);
  if (ports.length === 0 || ports.some((port) => containsPort(wanted.range, port))) return [];
  return [
    finding(
      'warning',
      'listens-elsewhere',
      `${wanted.service} listens on ${ports.join(', ')}, not on ${formatRange(wanted.range)}: the exclusion would not protect it`,
      'compare the ProxyTargetPort (Get-ImapSettings or Get-PopSettings | fl ProxyTargetPort) with the playbook, and make them agree',
    ),
  ];
}

function exchange(facts: HostFacts, wanted: Wanted): readonly Finding[] {
  const forExchange = wanted.exclusions.some((one) => one.service?.startsWith('MSExchange') === true);
  if (facts.exchange !== null || !forExchange) return [];
  if (facts.gaps.some((gap) => gap.question === exchangeQuestion)) return [];
  return [
    finding(
      'warning',
      'not-exchange',
      'no Exchange 2013 or later is installed on this host',
      'is it the right host? take it out of the group the playbook names if it is not',
    ),
  ];
}

function dynamicRanges(facts: HostFacts, wanted: Wanted): readonly Finding[] {
  return wanted.exclusions.flatMap((one) => {
    if (one.presence === 'absent') return [];
    return one.families.flatMap((family) => {
      const dynamic = dynamicRangeOf(facts.state, family, one.protocol);
      if (dynamic === null) return [];
      const outside =
        covers(dynamic, one.range) || overlaps(dynamic, one.range) ? [] : [outsideFinding(one, family, dynamic)];
      return isUsual(dynamic) ? outside : [...outside, unusualFinding(one, family, dynamic)];
    });
  });
}

function outsideFinding(wanted: WantedExclusion, family: Family, dynamic: PortRange): Finding {
  return finding(
    'info',
    'outside-dynamic-range',
    `${what(wanted)} lies outside the dynamic range of ${family} (${dynamic.firstPort}-${lastPort(dynamic)}): reserving it is a safeguard`,
  );
}

function unusualFinding(wanted: WantedExclusion, family: Family, dynamic: PortRange): Finding {
  return finding(
    'info',
    'unusual-dynamic-range',
    `the ${wanted.protocol} dynamic range of ${family} is ${dynamic.firstPort}-${lastPort(dynamic)}, neither Windows' default nor Exchange's`,
  );
}

/** Windows' default 49152 + 16384, and what Exchange setup makes of it: 6005 + 59530 (windows.md section 4, dynamic range). */
function isUsual(range: PortRange): boolean {
  return (
    sameRange(range, { firstPort: 49152, portCount: 16384 }) || sameRange(range, { firstPort: 6005, portCount: 59530 })
  );
}

function what(wanted: WantedExclusion): string {
  return `${wanted.protocol} ${formatRange(wanted.range)}`;
}
