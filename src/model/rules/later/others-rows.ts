// Rows of somebody else that came into a store while a rollback was under way which leaves that store empty of the range: a delete from the
// persistent store may take the active row along (netsh-samples/help-delete-es-1). What is there in time is left, with the host; what
// came in the very moment of the delete is named, for nothing may be called rolled back beside it. Pure.
import { stores, type Store } from '../../host-state.ts';
import type { ExclusionStep, Presence } from '../../plan.ts';
import type { StepOwnership } from '../claims.ts';

/** Stores with a row that the plan of the rollback did not find, and no command of the rollback has made. */
export function findOthersRows(
  step: Pick<ExclusionStep, 'before' | 'after'>,
  found: Presence,
  ownership: StepOwnership,
): readonly Store[] {
  return emptyStores(step).filter((store) => found[store] && (ownership[store]?.claim ?? null) === null);
}

/** Stores with such a row right before a command of the rollback, and without it behind that. */
export function findTakenAlong(
  step: Pick<ExclusionStep, 'before' | 'after'>,
  ownership: StepOwnership,
): readonly Store[] {
  return emptyStores(step).filter((store) => {
    const { seen = null, claim = null } = ownership[store] ?? {};
    return seen === false && claim?.certainty === 'sure' && claim.before;
  });
}

/** Before the step and behind it. */
function emptyStores({ before, after }: Pick<ExclusionStep, 'before' | 'after'>): readonly Store[] {
  return stores.filter((store) => !before[store] && !after[store]);
}
