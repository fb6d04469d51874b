// The commands that bring one range on one family from one presence to another, and back. Pure; whether one is needed the table decides.
import type { Family, Protocol, Store } from '../model/host-state.ts';
import type { ExclusionCommand, Presence } from '../model/plan.ts';
import type { PortRange } from '../model/port-range.ts';
import { addExclusion, deleteExclusion } from './excluded-ports.ts';

type At = { readonly protocol: Protocol; readonly range: PortRange };

/** How the parts of a command that has several stand in its one line; a netsh command has no `&` in it. */
const joint = ' & ';

/**
 * The commands that bring a range from one presence to another. The persistent store comes first because a change of it
 * also acts on the active one (netsh-samples/help-add-es-1, help-delete-es-1). Whatever it takes along without being asked to
 * is brought back by the command for the active store, which is sent only if the table then needs it. Where only one half is missing
 * Windows may refuse to add it, for the range matches what is there (facts: windows.md section 2): then the range is replaced.
 */
export function commandsBetween(family: Family, at: At, from: Presence, to: Presence): readonly ExclusionCommand[] {
  const command = (store: Store): ExclusionCommand => ({
    line: (to[store] ? addExclusion : deleteExclusion)(family, at.protocol, at.range, store),
    store,
    present: to[store],
  });
  const isCompleted = to.active && to.persistent && from.active !== from.persistent;
  const replacement = isCompleted ? [replaceHalf(family, at, from.active ? 'active' : 'persistent')] : [];
  if (from.persistent !== to.persistent) return [command('persistent'), command('active'), ...replacement];
  return [command('active'), command('persistent'), ...replacement];
}

/** The parts of a command in the order in which its line runs them. */
export function splitCommand(line: string): readonly string[] {
  return line.split(joint);
}

/**
 * Deletes the half that is there and adds the range to both stores, in one line, so that nothing comes between. The last part puts the
 * half back if the add was refused; if it was not, Windows refuses the last part or has nothing to do. (Of a persistent half the add is
 * that itself.)
 */
function replaceHalf(family: Family, { protocol, range }: At, half: Store): ExclusionCommand {
  const parts = [
    deleteExclusion(family, protocol, range, half),
    addExclusion(family, protocol, range, 'persistent'),
    addExclusion(family, protocol, range, 'active'),
  ];
  return {
    line: parts.join(joint),
    store: half === 'active' ? 'persistent' : 'active',
    present: true,
    replaces: true,
  };
}
