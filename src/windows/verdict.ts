// Whether a change had its effect: is exactly this administered range there, and is a command still needed. Judged by the tables read
// again, never by what a command printed or its exit code. Whether a range counts as reserved is another question: model/rules/reservation.ts.
import { findExclusions, stores } from '../model/host-state.ts';
import type { Exclusion, Family, HostState, Protocol } from '../model/host-state.ts';
import type { ExclusionCommand, Presence } from '../model/plan.ts';
import { sameRange } from '../model/port-range.ts';
import type { PortRange } from '../model/port-range.ts';

/** Whether exactly this administered range (same start, same count) is in each store; null when one of the tables was not read. */
export function findPresence(state: HostState, family: Family, protocol: Protocol, range: PortRange): Presence | null {
  return perStore(state, family, protocol, (rows) =>
    rows.some((row) => row.administered && sameRange(row.range, range)),
  );
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
  const active = findExclusions(state, family, protocol, 'active');
  const persistent = findExclusions(state, family, protocol, 'persistent');
  return active === null || persistent === null ? null : { active: holds(active), persistent: holds(persistent) };
}
