// A range whose permanent half a run has deleted, and which it left in force: a restart of Windows takes it out of force, for nothing permanent
// brings it back. No command of the run did that, and without the run the range would be in force. From somebody who took it out of force
// nobody can tell it apart: it is disputed. Pure.
import type { Store } from '../../host-state.ts';
import type { OwnedValue, StepOwnership } from '../claims.ts';
import { findTwin, type Values } from '../step-values.ts';

/** Values of which the look tells that they went out of force so. */
export function findOutOfForce(look: Values, values: ReadonlyMap<string, OwnedValue>): ReadonlyMap<string, OwnedValue> {
  const lost = new Map<string, OwnedValue>();
  for (const [key, shown] of look) {
    if (!key.endsWith(' active')) continue;
    const made = judge(values.get(key), values.get(findTwin(key)), shown);
    if (made !== null) lost.set(key, made);
  }
  return lost;
}

/** The same of one step by a look that its host's events do not tell of. */
export function outOfForceAfterLook(
  ownership: StepOwnership,
  shown: Readonly<Record<Store, boolean | null>>,
): StepOwnership {
  const active = judge(ownership.active, ownership.persistent, shown.active);
  return active === null ? ownership : { ...ownership, active };
}

/** `permanent`: what was known of the other store before the look. */
function judge(
  inForce: OwnedValue | undefined,
  permanent: OwnedValue | undefined,
  shown: boolean | null,
): OwnedValue | null {
  if (inForce?.seen !== true || inForce.claim !== null || shown !== false) return null;
  return permanent?.claim?.before === true ? { seen: false, claim: { before: true, certainty: 'disputed' } } : null;
}
