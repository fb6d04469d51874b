// The commands that bring one range on one family from one presence to another, and back. Pure; whether one is needed the table decides.
import type { Family, Protocol, Store } from '../model/host-state.ts';
import type { ExclusionCommand, Presence } from '../model/plan.ts';
import type { PortRange } from '../model/port-range.ts';
import { addExclusion, deleteExclusion } from './excluded-ports.ts';

/**
 * The commands that bring a range from one presence to another. The persistent store comes first because a change of it
 * also acts on the active one (netsh-samples/help-add-es-1, help-delete-es-1). Whatever it takes along without being asked to
 * is brought back by the command for the active store, which is sent only if the table then needs it.
 */
export function commandsBetween(
  family: Family,
  at: { readonly protocol: Protocol; readonly range: PortRange },
  from: Presence,
  to: Presence,
): readonly ExclusionCommand[] {
  const command = (store: Store): ExclusionCommand => ({
    line: (to[store] ? addExclusion : deleteExclusion)(family, at.protocol, at.range, store),
    store,
    present: to[store],
  });
  if (from.persistent !== to.persistent) return [command('persistent'), command('active')];
  return [command('active'), command('persistent')];
}
