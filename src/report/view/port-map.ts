// The ports of one host as a picture and a report need them: per family and protocol the dynamic range, both stores' exclusions laid
// over each other, and who has a port open. It reads facts and adds what steps did; it judges only what a table shows. No drawing.
import type { HostFacts } from '../../model/facts.ts';
import {
  findDynamicRange,
  findExclusions,
  families,
  isPersistentShown,
  protocols,
  stores,
} from '../../model/host-state.ts';
import type { DynamicRange, Exclusion, Family, Protocol, Store } from '../../model/host-state.ts';
import type { Presence } from '../../model/plan.ts';
import { describeOwner, findProcess } from '../../model/rules/port-owners.ts';
import { formatRange, sameRange, type PortRange } from '../../model/port-range.ts';
import { judgeTables } from '../../model/rules/reservation.ts';
import type { DesiredExclusion } from '../../model/desired.ts';
import { reservationWords, type ReservationWords } from './reservation-words.ts';

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
  /** False: nothing shows which ranges are permanent. */
  readonly isPersistentShown: boolean;
  /** Stores whose table could not be read: what is not shown there may still exist. */
  readonly unreadStores: readonly Store[];
}

/** Who has a port open: `Microsoft.Exchange.Imap4Service.exe (MSExchangeIMAP4BE), pid 5210`. */
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
export function buildPortMaps(facts: HostFacts): readonly PortMap[] {
  return protocols.flatMap((protocol) =>
    families.flatMap((family) => {
      const tables = stores.map((store) => [store, findExclusions(facts.state, family, protocol, store)] as const);
      const dynamicRange = findDynamicRange(facts.state, family, protocol);
      if (dynamicRange === null && tables.every(([, rows]) => rows === null)) return [];
      return [
        {
          family,
          protocol,
          dynamicRange,
          exclusions: layOver(tables.flatMap(([store, rows]) => (rows ?? []).map((row) => [store, row] as const))),
          isPersistentShown: isPersistentShown(facts.state, family, protocol),
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
export function withChanges(
  maps: readonly PortMap[],
  changes: readonly RangeChange[],
  dynamicRanges: readonly DynamicRange[] = [],
): readonly PortMap[] {
  return maps.map((map) => {
    const own = changes.filter((one) => one.family === map.family && one.protocol === map.protocol);
    const set = dynamicRanges.find((one) => one.family === map.family && one.protocol === map.protocol);
    return {
      ...map,
      dynamicRange: set?.range ?? map.dynamicRange,
      exclusions: own.reduce(withChange, map.exclusions),
    };
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

/** What a map says of one desired range, in the words of `collect`. */
export function reservationIn(
  maps: readonly PortMap[],
  { protocol, range }: Pick<DesiredExclusion, 'protocol' | 'range'>,
  family: Family,
): ReservationWords {
  const map = maps.find((one) => one.family === family && one.protocol === protocol);
  const rowsOf = (store: Store): readonly Exclusion[] | null =>
    map === undefined || map.unreadStores.includes(store) ? null : map.exclusions.filter((one) => one.presence[store]);
  const tables = {
    active: rowsOf('active'),
    persistent: rowsOf('persistent'),
    isPersistentShown: map?.isPersistentShown ?? true,
  };
  return reservationWords[judgeTables(tables, range).state];
}

/** Every open port in the facts, each holder once. */
export function listPortOwners(facts: HostFacts): readonly PortHolder[] {
  const holders = new Map<string, PortHolder>();
  for (const { family, protocol, localPort: port, listening, processId } of facts.sockets) {
    const who = describeOwner({ processId, process: findProcess(facts, processId) });
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
