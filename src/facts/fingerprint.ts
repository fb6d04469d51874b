// The digest of exactly what a plan rests on, so that apply can tell whether a host is still the one that was planned for.
// Left out on purpose: process ids, sockets off the desired ports, exclusions that touch no desired range, revision numbers of
// updates, times, and closing connections (TIME_WAIT, process 0), which come and go on a port in use. They change no plan. Guards are left
// out too: only one that appears counts, which run/hosts/compare-with-plan.ts says.
import { createHash } from 'node:crypto';
import type { HostFacts } from '../model/facts.ts';
import { lastPort, overlaps } from '../model/port-range.ts';
import type { PortRange } from '../model/port-range.ts';
import type { Desired, DesiredExclusion } from '../model/desired.ts';
import { findHolders, listListeningPorts } from '../windows/holders.ts';

/**
 * SHA-256, in hex, over the JSON of (in this key order, each list sorted and without duplicates):
 * rights of an account that is no administrator, windows `major.minor.build`, exclusionSupport, whether Exchange was found, gaps (questions), rows of each table that overlap
 * a desired range of its protocol, all dynamic ranges, owners of desired ports by image and services, and of each desired
 * service its state, start type and whether it listens on its range, elsewhere, both or nowhere.
 */
export function fingerprintFacts(facts: HostFacts, desired: Desired): string {
  const { major, minor, build } = facts.windows;
  const basis = {
    // An administrator's plans on disk bear no rights.
    ...(facts.rights === 'administrator' ? {} : { rights: facts.rights }),
    windows: `${major}.${minor}.${build}`,
    exclusionSupport: facts.exclusionSupport,
    exchange: facts.exchange !== null,
    gaps: sortDistinct(facts.gaps.map((gap) => gap.question)),
    tables: sortDistinct(describeTables(facts, desired)),
    dynamicRanges: sortDistinct(
      facts.state.dynamicRanges.map((one) => joinWords(one.family, one.protocol, writeRange(one.range))),
    ),
    holders: sortDistinct(desired.exclusions.flatMap((exclusion) => describeOwners(facts, exclusion))),
    services: sortDistinct(desired.exclusions.flatMap((exclusion) => describeService(facts, exclusion))),
  };
  return createHash('sha256').update(JSON.stringify(basis)).digest('hex');
}

/** Each table by name, so that one which was not read differs from one without rows; and its rows of interest. */
function describeTables(facts: HostFacts, desired: Desired): readonly string[] {
  return facts.state.exclusionTables.map((table) => {
    const rows = table.exclusions
      .filter((row) =>
        desired.exclusions.some((one) => one.protocol === table.protocol && overlaps(one.range, row.range)),
      )
      .map((row) => `${writeRange(row.range)}${row.administered ? '*' : ''}`);
    // Where nothing shows the store, no rows are another finding than no ranges.
    const hidden = table.witness === 'none' ? ['not shown'] : [];
    return joinWords(table.family, table.protocol, table.store, ...hidden, ...sortDistinct(rows));
  });
}

function describeOwners(facts: HostFacts, desired: DesiredExclusion): readonly string[] {
  return desired.families.flatMap((family) =>
    findHolders(facts, family, desired.protocol, desired.range)
      .filter(({ socket }) => socket.processId !== 0)
      .map(({ socket, process }) =>
        joinWords(
          family,
          desired.protocol,
          socket.localPort,
          process?.imageName ?? '?',
          ...sortDistinct(process?.services ?? []),
        ),
      ),
  );
}

function describeService(facts: HostFacts, desired: DesiredExclusion): readonly string[] {
  const { service: name, range } = desired;
  if (name === null) return [];
  const service = facts.services.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (service === undefined) return [joinWords(name, 'not read')];
  if (!service.installed) return [joinWords(name, 'not installed')];
  const ports = listListeningPorts(facts, name);
  const here = ports.some((port) => port >= range.firstPort && port <= lastPort(range));
  const elsewhere = ports.some((port) => port < range.firstPort || port > lastPort(range));
  return [joinWords(name, service.state, service.startType ?? '?', writeRange(range), here, elsewhere)];
}

function writeRange(range: PortRange): string {
  return `${range.firstPort}+${range.portCount}`;
}

/** Words as one string from which they can be told apart again. */
function joinWords(...parts: readonly (string | number | boolean)[]): string {
  return JSON.stringify(parts);
}

/** By UTF-16 code unit, so that no locale has a say. */
function sortDistinct(list: readonly string[]): readonly string[] {
  return [...new Set(list)].sort();
}
