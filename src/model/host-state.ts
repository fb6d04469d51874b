// The state of a host that Fencepost manages: exclusion tables and dynamic ranges, per family, protocol and store.
import type { PortRange } from './port-range.ts';

export const families = ['ipv4', 'ipv6'] as const;
export type Family = (typeof families)[number];

export const protocols = ['tcp', 'udp'] as const;
export type Protocol = (typeof protocols)[number];

/** `active` lasts until the next boot, `persistent` is permanent (netsh-samples/help-add-es-1). */
export const stores = ['active', 'persistent'] as const;
export type Store = (typeof stores)[number];

/** One row of an exclusion table. `administered`: it bears netsh's `*`, so an administrator made it and may delete it. */
export interface Exclusion {
  readonly range: PortRange;
  readonly administered: boolean;
}

/**
 * Where the rows of a persistent table come from when netsh shows none (facts: windows.md 0.9): `registry`, the second witness, has them;
 * `none`: there is no witness, so a range that is not in the rows may be there all the same: it is not shown.
 */
export const persistentWitnesses = ['registry', 'none'] as const;
type PersistentWitness = (typeof persistentWitnesses)[number];

export interface ExclusionTable {
  readonly family: Family;
  readonly protocol: Protocol;
  readonly store: Store;
  /** In the order Windows printed them: by port. */
  readonly exclusions: readonly Exclusion[];
  /** Only on a persistent table that netsh shows no rows of. Absent: netsh's own rows count. */
  readonly witness?: PersistentWitness;
}

export interface DynamicRange {
  readonly family: Family;
  readonly protocol: Protocol;
  readonly range: PortRange;
}

export interface HostState {
  readonly exclusionTables: readonly ExclusionTable[];
  readonly dynamicRanges: readonly DynamicRange[];
}

/** The table's rows, or null when that table was not read. Null is never "empty". */
export function findExclusions(
  state: HostState,
  family: Family,
  protocol: Protocol,
  store: Store,
): readonly Exclusion[] | null {
  return findTable(state, family, protocol, store)?.exclusions ?? null;
}

/** False: no witness shows permanent ranges of this host, so that none is in the rows proves nothing. */
export function isPersistentShown(state: HostState, family: Family, protocol: Protocol): boolean {
  return findTable(state, family, protocol, 'persistent')?.witness !== 'none';
}

function findTable(state: HostState, family: Family, protocol: Protocol, store: Store): ExclusionTable | undefined {
  return state.exclusionTables.find((one) => one.family === family && one.protocol === protocol && one.store === store);
}

export function findDynamicRange(state: HostState, family: Family, protocol: Protocol): PortRange | null {
  return state.dynamicRanges.find((one) => one.family === family && one.protocol === protocol)?.range ?? null;
}
