// Found and desired -> the exclusions that have to change, per family. Knows nothing of holders and services.
import {
  findDynamicRange,
  isPersistentShown,
  type Family,
  type HostState,
  type Protocol,
} from '../model/host-state.ts';
import type { Presence } from '../model/plan.ts';
import { sameRange, type PortRange } from '../model/port-range.ts';
import { isCoveredInBoth, judgeReservation } from '../model/rules/reservation.ts';
import type { Desired, DesiredExclusion } from '../model/desired.ts';
import { inBoth, inNone } from '../windows/steps.ts';
import { findPresence } from '../windows/verdict.ts';

/** One exclusion on one family that is not as desired. */
export interface Change {
  readonly desired: DesiredExclusion;
  readonly family: Family;
  readonly before: Presence;
  readonly after: Presence;
}

/** Every difference, in the playbook's order, IPv4 before IPv6. A table that was not read yields no change: it is a blocker elsewhere. */
export function diffHostState(state: HostState, desired: Desired): readonly Change[] {
  return desired.exclusions.flatMap((one) =>
    one.families.flatMap((family) => {
      const before = findPresence(state, family, one.protocol, one.range);
      if (before === null) return [];
      const change =
        one.presence === 'present' ? toPresent(state, one, family, before) : toAbsent(state, one, family, before);
      return change === null ? [] : [change];
    }),
  );
}

/** One dynamic range that is not as desired. */
export interface DynamicRangeChange {
  readonly family: Family;
  readonly protocol: Protocol;
  readonly before: PortRange;
  readonly after: PortRange;
}

/** IPv4 before IPv6. A range that was not read yields no change: it is a blocker elsewhere. */
export function diffDynamicRanges(state: HostState, { dynamicRange }: Desired): readonly DynamicRangeChange[] {
  if (dynamicRange === undefined) return [];
  const { families, protocol, range: after } = dynamicRange;
  return families.flatMap((family) => {
    const before = findDynamicRange(state, family, protocol);
    return before === null || sameRange(before, after) ? [] : [{ family, protocol, before, after }];
  });
}

/** Whether the ranges of a service that have to be reserved are each in one store already: Windows may add the rest over an open port. */
export function isOnlyHalves(changes: readonly Change[], service: string): boolean {
  return changes
    .filter((one) => one.desired.service === service && one.desired.presence === 'present')
    .every(({ before }) => before.active !== before.persistent);
}

function toPresent(state: HostState, desired: DesiredExclusion, family: Family, before: Presence): Change | null {
  const reservation = judgeReservation(state, family, desired.protocol, desired.range);
  // Whether it is permanent already nobody can see: no change, but a blocker (hazards.ts).
  if (isCoveredInBoth(reservation) || reservation.state === 'not-shown') return null;
  return { desired, family, before, after: inBoth };
}

function toAbsent(state: HostState, desired: DesiredExclusion, family: Family, before: Presence): Change | null {
  if (!before.active && !before.persistent) return null;
  // What may be permanent without being shown is deleted there too.
  const isHidden = !isPersistentShown(state, family, desired.protocol);
  return { desired, family, before: { ...before, persistent: before.persistent || isHidden }, after: inNone };
}
