// Windows' word about deletes in a store that nothing shows: it counts until the active row that was to go with the hidden one shows that the
// account can delete nothing. An account that has lost its rights gets exit code 0 or 1 for every delete; which, nobody measured (windows.md
// section 2); or it has lost them between the two. So what is deleted again after such a word may be what somebody else made permanent meanwhile:
// its origin is unknown from then on. ownership.ts feeds it with a run's events. It asks no host.
import type { CommandGoal } from '../../outcome.ts';
import type { Step } from '../../plan.ts';
import { isOwnHidden, unknown, type OwnedValue } from '../claims.ts';
import { makeKey, type Values } from '../step-values.ts';

type OwnedValues = ReadonlyMap<string, OwnedValue>;

interface Told {
  readonly step: Step;
  readonly goal: CommandGoal;
  readonly exitCode: number;
  readonly before: Values;
  readonly afterwards: Values;
  /** What was the run's before the command. */
  readonly old: OwnedValues;
}

export interface HiddenWords {
  /** A command was answered. Returns the values for which the word is not taken after all. */
  weigh(told: Told): OwnedValues;
  /** Another command for the hidden store is sent: the word about the one before it was not taken. Returns the values without it. */
  drop(step: Step, goal: CommandGoal, values: OwnedValues): OwnedValues;
  /**
   * The value for whoever goes on where the run ended between the two deletes: nothing has shown yet whether the account can delete
   * anything. Null: no word is held back.
   */
  findHeldBack(step: Step, values: OwnedValues): OwnedValue | null;
  /** All that is remembered, for `createHiddenWords`. */
  readonly held: readonly HeldWord[];
}

/** A value as it was before Windows' word was taken, by its key; doubted, where the word was that the delete was done. */
export type HeldWord = readonly [key: string, before: OwnedValue];

/** `held`: what is remembered already. */
export function createHiddenWords(held: readonly HeldWord[] = []): HiddenWords {
  const beforeWord = new Map(held);

  const findHeldBack = (step: Step, values: OwnedValues): OwnedValue | null => {
    if (step.kind !== 'exclusion') return null;
    const earlier = beforeWord.get(makeKey(step, step.family, 'persistent')) ?? unknown;
    const isShownStill = values.get(makeKey(step, step.family, 'active'))?.seen === true;
    return earlier.claim?.before === false && isShownStill ? earlier : null;
  };

  return {
    weigh({ step, goal, exitCode, before, afterwards, old }) {
      if (step.kind !== 'exclusion') return new Map();
      const key = makeKey(step, step.family, 'persistent');
      const isWord = isHiddenDelete(step, goal, afterwards);
      if (isWord && !beforeWord.has(key)) {
        const known = old.get(key) ?? unknown;
        beforeWord.set(key, exitCode === 0 ? asDoubted(known) : known);
      }
      const earlier = beforeWord.get(key);
      const isFalse = earlier !== undefined && isPowerless(step, goal, before, afterwards);
      if (isFalse || afterwards.get(makeKey(step, step.family, 'active')) === false) beforeWord.delete(key);
      return isFalse ? new Map([[key, earlier]]) : new Map<string, OwnedValue>();
    },
    drop(step, goal, values) {
      if (step.kind !== 'exclusion' || goal.kind !== 'exclusion' || goal.store !== 'persistent') return new Map();
      const key = makeKey(step, step.family, 'persistent');
      const earlier = findHeldBack(step, values);
      beforeWord.delete(key);
      return earlier === null ? new Map() : new Map([[key, earlier]]);
    },
    findHeldBack,
    get held() {
      return [...beforeWord];
    },
  };
}

/** Nothing ever showed the value, and Windows has said that it is deleted. */
function asDoubted(value: OwnedValue): OwnedValue {
  const { seen, claim } = value;
  if (seen !== null) return value;
  if (claim === null) return { ...value, claim: { before: true, certainty: 'disputed' } };
  return claim.certainty === 'unseen' && !claim.before
    ? { ...value, claim: { ...claim, certainty: 'unconfirmed' } }
    : value;
}

/** A delete was about the persistent store, which nothing shows: only Windows' word tells what became of it. */
function isHiddenDelete(step: Step, goal: CommandGoal, afterwards: Values): boolean {
  if (step.kind !== 'exclusion' || goal.kind !== 'exclusion' || goal.present) return false;
  return isOwnHidden(makeKey(step, step.family, 'persistent'), step, goal, afterwards);
}

/** A delete left in the active store what is shown there: the account can delete nothing. */
function isPowerless(step: Step, goal: CommandGoal, before: Values, afterwards: Values): boolean {
  if (step.kind !== 'exclusion' || goal.kind !== 'exclusion' || goal.present || goal.store !== 'active') return false;
  const active = makeKey(step, step.family, 'active');
  return before.get(active) === true && afterwards.get(active) === true;
}
