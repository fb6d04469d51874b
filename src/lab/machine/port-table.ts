// What `add`, `delete` and `set` do to a machine's port tables, and what they refuse. Pure apart from the machine; it prints
// nothing. Semantics: windows.md sections 2 and 3; what is doubtful there is asked of `machine.quirks`.
import type { Exclusion, Family, Protocol, Store } from '../../model/host-state.ts';
import { isPort, lastPort, overlaps, containsPort, sameRange } from '../../model/port-range.ts';
import type { PortRange } from '../../model/port-range.ts';
import { sortByPort } from './machine.ts';
import type { ExclusionStores, Machine } from './machine.ts';

export type PortRefusal = 'inUse' | 'exists' | 'fileNotFound' | 'accessDenied' | 'invalidParameter';

export interface ExclusionRequest {
  readonly family: Family;
  readonly protocol: Protocol;
  readonly firstPort: number;
  readonly portCount: number;
  /** `persistent`, the default, means both stores (help-add-es-1); `active` only until the next boot. */
  readonly store: Store;
}

/** Adds an administered exclusion; null when it was taken, else why not. */
export function addExclusion(machine: Machine, request: ExclusionRequest): PortRefusal | null {
  const range = readRange(request);
  if (range === null) return 'invalidParameter';
  const { quirks } = machine;
  if (quirks.refuseAdd === request.family) return 'inUse';
  const stores = machine.exclusions[request.protocol][request.family];
  const isHalf = isMissingHalf(stores, range, request.store);
  const ofHalf = request.store === 'persistent' ? quirks.addPersistentOverActive : quirks.addActiveOverPersistent;
  if (isHalf && ofHalf === 'refused') return 'inUse';
  const clash = isHalf ? undefined : findOverlap(stores, range, request.store);
  if (clash !== undefined) {
    if (!clash.administered || !sameRange(clash.range, range)) return 'inUse';
    if (quirks.duplicateAdd === 'ok') return null;
    return quirks.duplicateAdd === 'exists' ? 'exists' : 'inUse';
  }
  if (!(isHalf && ofHalf === 'in-use-too') && isInUse(machine, request, range)) return 'inUse';
  addRow(stores, range, request.store, quirks.addTakesEffect === 'next-boot');
  return null;
}

/** Deletes the administered exclusion with exactly this start and count (help-delete-es-1); null when it is gone. */
export function deleteExclusion(machine: Machine, request: ExclusionRequest): PortRefusal | null {
  const range = readRange(request);
  if (range === null) return 'invalidParameter';
  const stores = machine.exclusions[request.protocol][request.family];
  const isIt = (row: Exclusion): boolean => sameRange(row.range, range);
  const found = stores[request.store].find(isIt) ?? stores.active.find((row) => isIt(row) && !row.administered);
  if (found === undefined) return 'fileNotFound';
  if (!found.administered) return 'accessDenied';
  const keepsActive = machine.quirks.deletePersistentKeepsActive && request.store === 'persistent';
  if (!keepsActive) stores.active = stores.active.filter((row) => !isIt(row) || !row.administered);
  if (request.store === 'persistent') stores.persistent = stores.persistent.filter((row) => !isIt(row));
  return null;
}

/** Published commands start at 1024 (cloud.google.com, GKE on Windows: "the maximum possible (64,512)", start=1024 num=64512), none below. */
const lowestDynamicStart = 1024;

/** Sets a dynamic range: at least 255 ports and an end up to 65535 (windows.md section 3). Null when it was taken. */
export function setDynamicRange(
  machine: Machine,
  request: Omit<ExclusionRequest, 'store'>,
): Extract<PortRefusal, 'invalidParameter'> | null {
  const range = readRange(request);
  if (range === null || range.portCount < 255 || range.firstPort < lowestDynamicStart) return 'invalidParameter';
  machine.dynamic[request.family][request.protocol] = range;
  return null;
}

function readRange(request: { readonly firstPort: number; readonly portCount: number }): PortRange | null {
  const range = { firstPort: request.firstPort, portCount: request.portCount };
  return isPort(range.firstPort) && range.portCount >= 1 && isPort(lastPort(range)) ? range : null;
}

/** The range is in the other store only, and nothing else of it in either. */
function isMissingHalf(stores: ExclusionStores, range: PortRange, store: Store): boolean {
  const isIt = (row: Exclusion): boolean => row.administered && sameRange(row.range, range);
  const others = [...stores.active, ...stores.persistent].filter((row) => !isIt(row));
  const other = store === 'persistent' ? 'active' : 'persistent';
  return stores[other].some(isIt) && !stores[store].some(isIt) && !others.some((row) => overlaps(row.range, range));
}

function findOverlap(stores: ExclusionStores, range: PortRange, store: Store): Exclusion | undefined {
  // A range that is persistent only doesn't stand in the way of an `add store=active`: that is how it comes into force.
  const rows = store === 'active' ? stores.active : [...stores.active, ...stores.persistent];
  return rows.find((row) => overlaps(row.range, range));
}

/** Any socket on a port of the range, listening or not; of both families where they share one list. */
function isInUse(machine: Machine, request: ExclusionRequest, range: PortRange): boolean {
  return machine.sockets.some(
    (socket) =>
      socket.protocol === request.protocol &&
      (machine.quirks.oneList || socket.family === request.family) &&
      containsPort(range, socket.localPort),
  );
}

function addRow(stores: ExclusionStores, range: PortRange, store: Store, atNextBoot: boolean): void {
  const isIt = (row: Exclusion): boolean => sameRange(row.range, range);
  const row: Exclusion = { range, administered: true };
  const toActive = store === 'active' || !atNextBoot;
  if (toActive && !stores.active.some(isIt)) stores.active = sortByPort([...stores.active, row]);
  if (store === 'persistent' && !stores.persistent.some(isIt))
    stores.persistent = sortByPort([...stores.persistent, row]);
}
