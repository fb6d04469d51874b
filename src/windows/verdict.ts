// What exclusion tables mean for one range: is it there, is it covered, who else has it. Judged by the tables read again, never
// by what a command printed or its exit code (product: an answer to a change is kept for the report only).
import { exclusionsOf, stores } from '../model/host-state.ts';
import type { Exclusion, Family, HostState, Protocol, Store } from '../model/host-state.ts';
import type { ExclusionCommand, Presence } from '../model/plan.ts';
import { covers, lastPort, overlaps, portRangeFromEnds, sameRange } from '../model/port-range.ts';
import type { PortRange } from '../model/port-range.ts';

/** Whether exactly this administered range (same start, same count) is in each store; null when one of the tables was not read. */
export function presenceOf(state: HostState, family: Family, protocol: Protocol, range: PortRange): Presence | null {
  return perStore(state, family, protocol, (rows) =>
    rows.some((row) => row.administered && sameRange(row.range, range)),
  );
}

/**
 * Whether administered ranges cover all of `range` in each store; null when one of the tables was not read. Adjacent and
 * overlapping ranges count together: 9933 and 9934-9940 cover 9933-9940.
 */
export function coverOf(state: HostState, family: Family, protocol: Protocol, range: PortRange): Presence | null {
  return perStore(state, family, protocol, (rows) =>
    joined(administeredRanges(rows)).some((one) => covers(one, range)),
  );
}

/** Covered in both stores, be it by different ranges. Null when one of the tables was not read: neither yes nor no. */
export function isReserved(state: HostState, family: Family, protocol: Protocol, range: PortRange): boolean | null {
  const cover = coverOf(state, family, protocol, range);
  return cover === null ? null : cover.active && cover.persistent;
}

/** A row of a table that has at least one port of the range asked for, and the stores it is in. */
export interface OverlappingRow {
  readonly range: PortRange;
  readonly stores: readonly Store[];
}

/** Rows without the star that overlap the range: somebody's runtime reservation, which netsh can't delete. */
export function foreignCover(
  state: HostState,
  family: Family,
  protocol: Protocol,
  range: PortRange,
): readonly OverlappingRow[] {
  return overlapping(state, family, protocol, range, false);
}

/** Administered rows that overlap the range: what covers it, in part or whole, and what is in the way of adding it. */
export function administeredOverlap(
  state: HostState,
  family: Family,
  protocol: Protocol,
  range: PortRange,
): readonly OverlappingRow[] {
  return overlapping(state, family, protocol, range, true);
}

/** Whether the table still needs this command. */
export function isNeeded(command: ExclusionCommand, presence: Presence): boolean {
  return presence[command.store] !== command.present;
}

export function samePresence(a: Presence, b: Presence): boolean {
  return stores.every((store) => a[store] === b[store]);
}

function perStore(
  state: HostState,
  family: Family,
  protocol: Protocol,
  holds: (rows: readonly Exclusion[]) => boolean,
): Presence | null {
  const active = exclusionsOf(state, family, protocol, 'active');
  const persistent = exclusionsOf(state, family, protocol, 'persistent');
  return active === null || persistent === null ? null : { active: holds(active), persistent: holds(persistent) };
}

function administeredRanges(rows: readonly Exclusion[]): readonly PortRange[] {
  return rows.filter((row) => row.administered).map((row) => row.range);
}

/** The same ports in the fewest ranges, by port. */
function joined(ranges: readonly PortRange[]): readonly PortRange[] {
  const result: PortRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.firstPort - b.firstPort)) {
    const before = result.at(-1);
    if (before !== undefined && range.firstPort <= lastPort(before) + 1) {
      result[result.length - 1] = portRangeFromEnds(before.firstPort, Math.max(lastPort(before), lastPort(range)));
    } else {
      result.push(range);
    }
  }
  return result;
}

function overlapping(
  state: HostState,
  family: Family,
  protocol: Protocol,
  range: PortRange,
  administered: boolean,
): readonly OverlappingRow[] {
  const found: { range: PortRange; stores: Store[] }[] = [];
  for (const store of stores) {
    for (const row of exclusionsOf(state, family, protocol, store) ?? []) {
      if (row.administered !== administered || !overlaps(row.range, range)) continue;
      const known = found.find((one) => sameRange(one.range, row.range));
      if (known === undefined) found.push({ range: row.range, stores: [store] });
      else if (!known.stores.includes(store)) known.stores.push(store);
    }
  }
  return found.sort((a, b) => a.range.firstPort - b.range.firstPort);
}
