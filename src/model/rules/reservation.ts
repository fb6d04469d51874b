// What the exclusion tables say of one range, on one protocol and family: the ONE place where "is it reserved?" is decided. Collect, plan,
// verify, report and doctor all ask here. It knows nothing of open ports and services, and words nothing: rooms that speak do.
// Source: product.md ("What is desired, exactly"), facts windows.md sections 1 to 3.
import { findExclusions, isPersistentShown, stores } from '../host-state.ts';
import type { Exclusion, Family, HostState, Protocol, Store } from '../host-state.ts';
import type { Presence } from '../plan.ts';
import { covers, lastPort, overlaps, portRangeFromEnds, sameRange } from '../port-range.ts';
import type { PortRange } from '../port-range.ts';

/**
 * - `not-read`: one of the two tables was not read, so neither "reserved" nor "not reserved" would be true.
 * - `foreign`: a range without netsh's `*` (winnat, Hyper-V) has at least one of the ports. Whatever else is there, nothing can bind it.
 * - `reserved`: administered ranges cover every port in the active AND in the persistent store. A wider range counts, several that are
 *   adjacent or overlap count together (9933 and 9934-9940 cover 9933-9940), and the two stores may do it with different ranges.
 * - `active-only` (until the next boot), `persistent-only` (from the next boot on): that is so in this one store.
 * - `not-shown`: so in the active store, and nothing shows the persistent one (host-state.ts, witness): it may be permanent or not.
 * - `partly-reserved`: administered ranges have some of the ports, but all of them in neither store.
 * - `not-reserved`: no range has any of them.
 */
export type ReservationState =
  | 'reserved'
  | 'active-only'
  | 'persistent-only'
  | 'not-shown'
  | 'partly-reserved'
  | 'not-reserved'
  | 'foreign'
  | 'not-read';

/** A row of a table that has at least one port of the range asked for, and the stores it is in. */
export interface OverlappingRow {
  readonly range: PortRange;
  readonly stores: readonly Store[];
}

export interface Reservation {
  readonly state: ReservationState;
  /** In which store administered ranges have every port, whatever foreign ranges there are; null: `not-read`. */
  readonly cover: Presence | null;
  /** Rows with the `*` that have a port of the range, by port: what reserves it, in part or whole, or is in the way of adding it. */
  readonly administered: readonly OverlappingRow[];
  /** Rows without it: somebody's runtime reservation, which netsh can't delete. */
  readonly foreign: readonly OverlappingRow[];
}

/** The rows of both stores; null: that table was not read. */
export interface StoreTables extends Readonly<Record<Store, readonly Exclusion[] | null>> {
  /** False: nothing shows what is permanent, so the persistent rows may not be all. */
  readonly isPersistentShown: boolean;
}

/** Judges one range by the tables of a host. */
export function judgeReservation(state: HostState, family: Family, protocol: Protocol, range: PortRange): Reservation {
  return judgeTables(
    {
      active: findExclusions(state, family, protocol, 'active'),
      persistent: findExclusions(state, family, protocol, 'persistent'),
      isPersistentShown: isPersistentShown(state, family, protocol),
    },
    range,
  );
}

/** The same for the two tables alone, as a picture of them has them. */
export function judgeTables(tables: StoreTables, range: PortRange): Reservation {
  const administered = findOverlapping(tables, range, true);
  const foreign = findOverlapping(tables, range, false);
  const { active, persistent } = tables;
  const cover =
    active === null || persistent === null
      ? null
      : { active: isCovered(active, range), persistent: isCovered(persistent, range) };
  const found = judgeState(cover, administered, foreign);
  const state = found === 'active-only' && !tables.isPersistentShown ? 'not-shown' : found;
  return { state, cover, administered, foreign };
}

/** True only when both tables were read and administered ranges have every port in each. */
export function isCoveredInBoth({ cover }: Reservation): boolean {
  return cover !== null && cover.active && cover.persistent;
}

function judgeState(
  cover: Presence | null,
  administered: readonly OverlappingRow[],
  foreign: readonly OverlappingRow[],
): ReservationState {
  if (cover === null) return 'not-read';
  if (foreign.length > 0) return 'foreign';
  if (cover.active && cover.persistent) return 'reserved';
  if (cover.active) return 'active-only';
  if (cover.persistent) return 'persistent-only';
  return administered.length > 0 ? 'partly-reserved' : 'not-reserved';
}

/** Whether the administered rows, alone or together, have every port of the range. */
function isCovered(rows: readonly Exclusion[], range: PortRange): boolean {
  const ranges = rows.filter((row) => row.administered).map((row) => row.range);
  return joinRanges(ranges).some((one) => covers(one, range));
}

/** The same ports in the fewest ranges, by port. */
function joinRanges(ranges: readonly PortRange[]): readonly PortRange[] {
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

function findOverlapping(tables: StoreTables, range: PortRange, administered: boolean): readonly OverlappingRow[] {
  const found: { range: PortRange; stores: Store[] }[] = [];
  for (const store of stores) {
    for (const row of tables[store] ?? []) {
      if (row.administered !== administered || !overlaps(row.range, range)) continue;
      const known = found.find((one) => sameRange(one.range, row.range));
      if (known === undefined) found.push({ range: row.range, stores: [store] });
      else if (!known.stores.includes(store)) known.stores.push(store);
    }
  }
  return found.sort((a, b) => a.range.firstPort - b.range.firstPort);
}
