// Permanent rows that a command may have brought about in a table which shows nothing: nobody sees whether it did until the table shows its rows.
// Then what it shows came since, for a table that shows its rows had none before. Pure.
import { families } from '../../host-state.ts';
import type { CommandGoal } from '../../outcome.ts';
import type { Step } from '../../plan.ts';
import type { OwnedValue } from '../claims.ts';
import { isHidden, makeKey, type Values } from '../step-values.ts';

/** Of the other family, along with its own: an add for one may change both (facts: windows.md section 3). */
export function listUnlit(step: Step, goal: CommandGoal, before: Values): readonly string[] {
  if (step.kind !== 'exclusion' || goal.kind !== 'exclusion' || goal.store !== 'persistent' || !goal.present) return [];
  const others = families.filter((one) => one !== step.family && isHidden(before, { ...step, family: one }));
  return others.map((family) => makeKey(step, family, 'persistent'));
}

/** Nobody has seen it, and nothing else is known of it. */
export function asUnlit(known: OwnedValue): OwnedValue {
  return known.seen === null && known.claim === null ? { ...known, unlit: true } : known;
}

/** What a look shows of it now. */
export function isBroughtToLight({ unlit, claim }: OwnedValue, value: boolean): boolean {
  return unlit === true && claim === null && value;
}
