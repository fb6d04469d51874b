// What of a run's own may be somebody else's, once its guard is seen to be gone and nobody called it off: it has run, or a person deleted its task. A
// guard deletes a range from both stores. So where the next look shows a range in one store as before the run, what is in the other is not the
// run's for sure any more. A range that is as the run left it still is (decision 0067). Pure.
import type { Store } from '../../host-state.ts';
import type { OwnedValue, StepOwnership } from '../claims.ts';
import type { Step } from '../../plan.ts';
import { findTwin, isRange, makeKeys, type Values } from '../step-values.ts';

/** Of one value; only what a guard deletes is marked. */
export function withGuardGone(key: string, value: OwnedValue): OwnedValue {
  return isRange(key) && value.claim?.certainty === 'sure' ? { ...value, guardGone: true } : value;
}

/** Of all that a run knows of one step. */
export function markGuardGone(step: Step, ownership: StepOwnership): StepOwnership {
  const marked = makeKeys(step).flatMap(([key, part]) => {
    const value = ownership[part];
    return value === undefined ? [] : [[part, withGuardGone(key, value)] as const];
  });
  return { ...ownership, ...Object.fromEntries(marked) };
}

/** Values of which the look tells that the guard may have undone them, and somebody else made them again. */
export function findDoubted(look: Values, values: ReadonlyMap<string, OwnedValue>): ReadonlyMap<string, OwnedValue> {
  const doubted = new Map<string, OwnedValue>();
  for (const [key, shown] of look) {
    const twin = findTwin(key);
    const made = doubt({ known: values.get(key), shown }, { known: values.get(twin), shown: look.get(twin) });
    if (made !== null) doubted.set(key, made);
  }
  return doubted;
}

/** The same of one step by a look that its host's events do not tell of yet. */
export function doubtAfterLook(
  ownership: StepOwnership,
  shown: Readonly<Record<Store, boolean | null>>,
): StepOwnership {
  const { active: known, persistent: other } = ownership;
  const active = doubt({ known, shown: shown.active }, { known: other, shown: shown.persistent });
  const persistent = doubt({ known: other, shown: shown.persistent }, { known, shown: shown.active });
  return { ...ownership, ...(active === null ? {} : { active }), ...(persistent === null ? {} : { persistent }) };
}

interface Looked {
  readonly known: OwnedValue | undefined;
  /** Null, undefined: not shown. */
  readonly shown: boolean | null | undefined;
}

function doubt({ known, shown }: Looked, twin: Looked): OwnedValue | null {
  const claim = known?.guardGone === true ? known.claim : null;
  const other = twin.known?.guardGone === true ? twin.known.claim : null;
  if (claim === null || other === null || typeof shown !== 'boolean' || shown === claim.before) return null;
  return twin.shown === other.before ? { seen: shown, claim: { ...claim, certainty: 'disputed' } } : null;
}
