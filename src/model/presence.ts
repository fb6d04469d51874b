// Words for where an administered range is.
import type { ShownPresence } from './plan.ts';

/** `in both stores`, `in the active store only`, `in the persistent store only` or `in neither store`. */
export function describePresence(presence: ShownPresence): string {
  if (presence.persistent === 'not-shown') {
    const shown = presence.active ? 'in the active store' : 'not in the active store';
    return `${shown}; nothing shows whether it is in the persistent one`;
  }
  if (presence.active && presence.persistent) return 'in both stores';
  if (presence.active) return 'in the active store only';
  if (presence.persistent) return 'in the persistent store only';
  return 'in neither store';
}
