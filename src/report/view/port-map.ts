// The ports of one host as a picture and a report need them: per family and protocol the dynamic range, both stores' exclusions laid
// over each other, and who has a port open. It reads facts and adds what steps did; it judges only what a table shows. No drawing.
import type { HostFacts } from '../../model/facts.ts';
import { dynamicRangeOf, exclusionsOf, families, protocols, stores } from '../../model/host-state.ts';
import type { Exclusion, Family, Protocol, Store } from '../../model/host-state.ts';
import type { Presence } from '../../model/plan.ts';
import { covers, formatRange, overlaps, sameRange, type PortRange } from '../../model/port-range.ts';
import type { WantedExclusion } from '../../model/wanted.ts';

/** One exclusion, wherever it is. */
export interface MappedExclusion {
  readonly range: PortRange;
  readonly administered: boolean;
  readonly presence: Presence;
}

export interface PortMap {
  readonly family: Family;
  readonly protocol: Protocol;
  /** Null: not read. */
  readonly dynamicRange: PortRange | null;
  /** By port. */
  readonly exclusions: readonly MappedExclusion[];
  /** Stores whose table could not be read: what is not shown there may still exist. */
  readonly unreadStores: readonly Store[];
}

/** Who has a port open: `MSExchangeIMAP4BE in Microsoft.Exchange.Imap4Service.exe, pid 5210`. */
export interface PortHolder {
  readonly family: Family;
  readonly protocol: Protocol;
  readonly port: number;
  readonly listening: boolean;
  readonly who: string;
}

/** What one step left behind, or will: exactly this administered range, in each store. */
export interface RangeChange {
  readonly family: Family;
  readonly protocol: Protocol;
  readonly range: PortRange;
  readonly presence: Presence;
}

/** A map for each family and protocol that the facts say anything about. */
export function portMapsOf(facts: HostFacts): readonly PortMap[] {
  return protocols.flatMap((protocol) =>
    families.flatMap((family) => {
      const tables = stores.map((store) => [store, exclusionsOf(facts.state, family, protocol, store)] as const);
      const dynamicRange = dynamicRangeOf(facts.state, family, protocol);
      if (dynamicRange === null && tables.every(([, rows]) => rows === null)) return [];
      return [
        {
          family,
          protocol,
          dynamicRange,
          exclusions: layOver(tables.flatMap(([store, rows]) => (rows ?? []).map((row) => [store, row] as const))),
          unreadStores: tables.flatMap(([store, rows]) => (rows === null ? [store] : [])),
        },
      ];
    }),
  );
}

function layOver(rows: readonly (readonly [Store, Exclusion])[]): readonly MappedExclusion[] {
  const laid = new Map<string, MappedExclusion>();
  for (const [store, { range, administered }] of rows) {
    const key = `${formatRange(range)}${administered ? '*' : ''}`;
    const known = laid.get(key) ?? { range, administered, presence: { active: false, persistent: false } };
    laid.set(key, { ...known, presence: { ...known.presence, [store]: true } });
  }
  return [...laid.values()].sort(byPort);
}

/** The maps with each change brought in; the last one wins for a range named twice. */
export function withChanges(maps: readonly PortMap[], changes: readonly RangeChange[]): readonly PortMap[] {
  return maps.map((map) => {
    const own = changes.filter((one) => one.family === map.family && one.protocol === map.protocol);
    return { ...map, exclusions: own.reduce(withChange, map.exclusions) };
  });
}

function withChange(
  exclusions: readonly MappedExclusion[],
  { range, presence }: RangeChange,
): readonly MappedExclusion[] {
  const others = exclusions.filter((one) => !(one.administered && sameRange(one.range, range)));
  if (!presence.active && !presence.persistent) return others;
  return [...others, { range, administered: true, presence }].sort(byPort);
}

function byPort(a: MappedExclusion, b: MappedExclusion): number {
  return a.range.firstPort - b.range.firstPort || a.range.portCount - b.range.portCount;
}

/** What a map says of one wanted range, in the words of `collect`. */
export type Reservation =
  'reserved' | 'not reserved' | 'until reboot only' | 'after reboot only' | 'taken by Windows' | 'not read';

/** A wider administered range counts; one without the star that touches the range makes it useless (product.md, what is desired). */
export function reservationIn(
  maps: readonly PortMap[],
  { protocol, range }: Pick<WantedExclusion, 'protocol' | 'range'>,
  family: Family,
): Reservation {
  const map = maps.find((one) => one.family === family && one.protocol === protocol);
  if (map === undefined || map.unreadStores.length > 0) return 'not read';
  if (map.exclusions.some((one) => !one.administered && overlaps(one.range, range))) return 'taken by Windows';
  const covering = map.exclusions.filter((one) => one.administered && covers(one.range, range));
  const active = covering.some((one) => one.presence.active);
  const persistent = covering.some((one) => one.presence.persistent);
  if (active && persistent) return 'reserved';
  if (active) return 'until reboot only';
  return persistent ? 'after reboot only' : 'not reserved';
}

/** Every open port in the facts, each holder once. */
export function portHoldersOf(facts: HostFacts): readonly PortHolder[] {
  const holders = new Map<string, PortHolder>();
  for (const { family, protocol, localPort: port, listening, processId } of facts.sockets) {
    const process = facts.processes.find((one) => one.processId === processId);
    const services = process === undefined || process.services.length === 0 ? '' : ` (${process.services.join(', ')})`;
    const who = `${process?.imageName ?? 'unknown process'}${services}, pid ${processId}`;
    holders.set(`${family} ${protocol} ${port} ${who} ${String(listening)}`, {
      family,
      protocol,
      port,
      listening,
      who,
    });
  }
  return [...holders.values()];
}
