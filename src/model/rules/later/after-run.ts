// What a later run, or a look long after a run, makes of what that run had left: whose it still is. Pure; what a run's own events make of it is
// ownership.ts.
import { stores, type Store } from '../../host-state.ts';
import {
  claimAfterLook,
  claimAfterRun,
  isOriginUnknown,
  isUnseenClaim,
  unknown,
  type OwnedValue,
  type StepOwnership,
} from '../claims.ts';
import { isBroughtToLight } from '../hidden/unlit.ts';
import { doubtAfterLook } from './guard-gone.ts';
import { outOfForceAfterLook } from './out-of-force.ts';
import { isService, type OwnedPart } from '../step-values.ts';

/** What is left of a run's own after a later run (a rollback) did this. */
export function ownershipAfter(left: StepOwnership, later: StepOwnership): StepOwnership {
  const { seen: isInForce = null, claim: made = null } = later.active ?? {};
  const first = made === null ? outOfForceAfterLook(left, { active: isInForce, persistent: null }) : left;
  const parts = ['active', 'persistent', 'up', 'range'] as const;
  return Object.fromEntries(
    parts.flatMap((part) => {
      const one = first[part];
      const other = later[part];
      if (one === undefined && other === undefined) return [];
      const seen = other?.seen ?? one?.seen ?? null;
      const known = isRuledOut(one, other, part) ? null : (one?.claim ?? null);
      const claim = other?.changedBack === true ? null : claimAfterRun(known, other?.claim ?? null, seen);
      const isUndone = one !== undefined && isOriginUnknown(one) && (other?.claim ?? null) !== null;
      const isUnlit = one?.unlit === true && seen === null;
      const marks = {
        ...(one?.untold === true || isUndone ? { untold: true } : {}),
        ...(isUnlit ? { unlit: true } : {}),
        ...(one?.guardGone === true && (other?.seen ?? null) === null ? { guardGone: true } : {}),
      };
      return [[part, { seen, claim, ...marks }] as const];
    }),
  );
}

/**
 * A command of the first run that is without an answer did not bring it about: the later run, which began after all of that was over, saw
 * the range as it was before. What is there since is somebody else's. Of a service that takes its time nothing is told so.
 */
function isRuledOut(first: OwnedValue | undefined, later: OwnedValue | undefined, part: OwnedPart): boolean {
  if ((part !== 'active' && part !== 'persistent') || first?.claim?.certainty !== 'open') return false;
  return later?.claim === null && later.seen === first.claim.before;
}

/**
 * The same by a look that no event of the run tells of: what Windows accepted and nothing showed is the run's at last, or somebody else's. Null: the
 * store is not shown.
 */
export function afterLook(ownership: StepOwnership, shown: Readonly<Record<Store, boolean | null>>): StepOwnership {
  const judge = (store: Store): StepOwnership => {
    const known = ownership[store] ?? unknown;
    const value = shown[store];
    if (value === null) return {};
    if (isBroughtToLight(known, value)) return { [store]: { seen: null, claim: { before: false, certainty: 'open' } } };
    const { seen, claim } = known;
    if (claim === null || seen === null || !isUnseenClaim(claim)) return {};
    return { [store]: { ...known, claim: claimAfterLook(claim, value, false) } };
  };
  const judged = { ...ownership, ...judge('active'), ...judge('persistent') };
  return outOfForceAfterLook(doubtAfterLook(judged, shown), shown);
}

/**
 * What a command without an answer may have brought about, and a later run saw there before it began: the command had. Whatever is different
 * afterwards somebody else has changed.
 */
export function asShown(ownership: StepOwnership, shown: Readonly<Record<Store, boolean | null>>): StepOwnership {
  const made = stores.flatMap((store) => {
    const { claim = null, untold } = ownership[store] ?? {};
    if (claim?.certainty !== 'open' || shown[store] !== !claim.before) return [];
    const value: OwnedValue = { seen: !claim.before, claim: { ...claim, certainty: 'sure' } };
    return [[store, untold === true ? { ...value, untold } : value] as const];
  });
  return { ...ownership, ...Object.fromEntries(made) };
}

/** Once a verdict of the host has named what may not be as it was. */
export function asTold(ownership: StepOwnership): StepOwnership {
  return Object.fromEntries(Object.entries(ownership).map(([part, value]) => [part, withoutMark(value)]));
}

/**
 * Of a host whose verdict says that all of it is as desired: it showed so, also what a command without an answer may have brought about and no
 * look of its own has told. What was never shown, and a service that takes its time, is not told by that.
 */
export function asVerified(key: string, value: OwnedValue): OwnedValue {
  const { seen, claim } = value;
  if (isService(key) || claim?.certainty !== 'open' || seen === null) return value;
  return { ...value, seen: !claim.before, claim: { ...claim, certainty: 'sure' } };
}

export function withoutMark(value: OwnedValue): OwnedValue {
  const left = { ...value };
  delete left.untold;
  return left;
}
