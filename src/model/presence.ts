// Words for where an administered range is.
import type { Presence } from './plan.ts';

/** `in both stores`, `in the active store only`, `in the persistent store only` or `in neither store`. */
export function describePresence(presence: Presence): string {
  if (presence.active && presence.persistent) return 'in both stores';
  if (presence.active) return 'in the active store only';
  if (presence.persistent) return 'in the persistent store only';
  return 'in neither store';
}
