// A step where nothing shows the persistent store (model/host-state.ts, witness): what of it is still to be sent, and what may be taken for
// there. Windows' answer to the run's own command is the only evidence then. Pure; the active store is always judged by its table.
import { isPersistentShown, type ExclusionTable } from '../../model/host-state.ts';
import type { Direction } from '../../model/outcome.ts';
import type { ExclusionStep, Presence, ShownPresence } from '../../model/plan.ts';
import { isOriginUnknown } from '../../model/rules/claims.ts';
import type { Ownership } from '../../model/rules/ownership.ts';
import type { StepContext } from './step-context.ts';

/** Whether nothing shows the persistent store that the step is about. */
export function isStoreHidden(tables: readonly ExclusionTable[], { family, protocol }: ExclusionStep): boolean {
  return !isPersistentShown({ exclusionTables: tables, dynamicRanges: [] }, family, protocol);
}

/** Nothing shows whether the range was permanent before the run's command, and that command may have found it so. */
export function isOriginHidden(step: ExclusionStep, { ownership, view }: StepContext): boolean {
  const { persistent = null } = ownership.of(step);
  return persistent !== null && isOriginUnknown(persistent) && isStoreHidden(view.tables ?? [], step);
}

/** The presence as a look tells it. */
export function showPresence(found: Presence, isHidden: boolean): ShownPresence {
  return isHidden && !found.persistent ? { ...found, persistent: 'not-shown' } : found;
}

/** Whether the step still has to send its command for the hidden store. */
export function owesHidden(step: ExclusionStep, direction: Direction, found: Presence, ownership: Ownership): boolean {
  const { active, persistent } = ownership.of(step);
  if (direction === 'undo') {
    const claim = persistent?.claim ?? null;
    return claim !== null && claim.certainty !== 'disputed';
  }
  if (step.before.persistent === step.after.persistent) return false;
  // IPv4 and IPv6 may share one list: a command of this run for the other family has changed this one along, in both stores.
  const changedByOtherFamily = found.active !== step.before.active && (active?.claim ?? null) !== null;
  return !changedByOtherFamily;
}

/**
 * Whether Windows' answer settles it: accepted, with an effect that is shown; or, for an undo, refused because there was nothing left to
 * undo. A rollback takes the latter from the table: the range is not in force, and Windows finds nothing to delete (the command never
 * came through, or its undo did).
 */
export function settlesHidden(
  step: ExclusionStep,
  direction: Direction,
  exitCode: number,
  ownership: Ownership,
): boolean {
  const claim = ownership.of(step).persistent?.claim ?? null;
  const isDoubtful = claim?.certainty === 'disputed' || claim?.certainty === 'unconfirmed';
  if (exitCode === 0) return direction === 'undo' || step.undoes || !isDoubtful;
  if (direction === 'undo') return claim === null;
  return step.undoes && !step.before.active && !step.after.persistent;
}

/**
 * A rollback's delete in the hidden store was refused, and the one in the active store behind it had its effect: the account can delete, so
 * there was nothing (a run that died in its undo had deleted it).
 */
export function isNothingLeft(step: ExclusionStep, first: Presence, found: Presence): boolean {
  return step.undoes && !step.after.persistent && first.active && !found.active;
}

/** The presence to judge by: what is hidden is at the goal once nothing is owed. */
export function assumePresence(found: Presence, goal: Presence, owes: boolean): Presence {
  return found.persistent ? found : { ...found, persistent: owes ? !goal.persistent : goal.persistent };
}
