// What of a host's values is a run's own: the claim, and what a command under way, its answer, a later look and a later run make of it.
// Two looks around a command decide; Windows' words do not. Pure; ownership.ts feeds it with a run's events.
import { stores } from '../host-state.ts';
import type { Store } from '../host-state.ts';
import type { CommandGoal } from '../outcome.ts';
import type { Step } from '../plan.ts';
import { isService, keyOf, keysInReach, type Values } from './step-values.ts';

/**
 * sure: seen to change around a command of the run.
 * open: a command may have changed it, and nobody has looked since.
 * releasing: sure, and a command that may have undone it is without an answer.
 * disputed: it changed although Windows refused the command, or it changed long after a lost command: the run or somebody else.
 * unseen: the command was accepted and the table does not show it. It may be there (facts: windows.md 0.9), so its undo is sent.
 */
export const certainties = ['sure', 'open', 'releasing', 'disputed', 'unseen'] as const;
export type Certainty = (typeof certainties)[number];

/** A value that the run changed, or may have. */
export interface Claim {
  /** The value before the run's command; the value to go back to. */
  readonly before: boolean;
  readonly certainty: Certainty;
}

/** One value of a host: whether a range is in one store, or whether a service is up. */
export interface OwnedValue {
  /** As the host last showed it to the run; null = never read. */
  readonly seen: boolean | null;
  /** Null: not the run's. */
  readonly claim: Claim | null;
}

/** The values that a step is about: `active` and `persistent` of a range on its family, or `up` of a service. */
export type StepOwnership = Readonly<Partial<Record<Store | 'up', OwnedValue>>>;

export const unknown: OwnedValue = { seen: null, claim: null };

/**
 * Claims of a command that is under way. A change of the persistent store may act on the active one as well
 * (netsh-samples/help-add-es-1), and a command for one family on both (windows.md section 3).
 */
export function mayChange(
  step: Step,
  goal: CommandGoal,
  before: Values,
  values: ReadonlyMap<string, OwnedValue>,
): ReadonlyMap<string, Claim> {
  const made = new Map<string, Claim>();
  for (const key of keysInReach(step, goal)) {
    const was = before.get(key) ?? null;
    const isUp = goal.kind === 'service' ? goal.running : goal.present;
    if (was === null || was === isUp) continue;
    const known = values.get(key)?.claim ?? null;
    made.set(
      key,
      known !== null && known.before === isUp
        ? { before: known.before, certainty: known.certainty === 'disputed' ? 'disputed' : 'releasing' }
        : { before: was, certainty: 'open' },
    );
  }
  return made;
}

export interface Answered {
  readonly key: string;
  readonly step: Step;
  readonly goal: CommandGoal;
  readonly exitCode: number;
  readonly before: Values;
  readonly after: boolean | null;
  /** The claim before the command, and the one while it was under way. */
  readonly known: Claim | null;
  readonly open: Claim | null;
}

/**
 * The two looks stand in the command's own line, milliseconds around it. A stranger within these cannot be told apart, except where
 * Windows refused the command: then the change is disputed, neither undone nor passed over. No exit code of netsh's add or delete was ever
 * measured (windows.md section 2), so a refusal alone proves neither.
 */
export function claimAfterCommand({ key, step, goal, exitCode, before, after, known, open }: Answered): Claim | null {
  const was = before.get(key) ?? null;
  const isAccepted = exitCode === 0;
  if (after === null) {
    if (isAccepted || open === null || open === known) return open;
    return open.certainty === 'releasing' ? known : { ...open, certainty: 'disputed' };
  }
  if (was === null) return known !== null && known.before === after ? null : known;
  if (was !== after) {
    if (known !== null && known.before === after) return null;
    return { before: was, certainty: isAccepted ? 'sure' : 'disputed' };
  }
  if (!isAccepted) return known;
  // A service takes its time after sc has answered.
  if (isService(key)) return open;
  return known ?? unseenClaim(key, step, goal, before);
}

/** A permanent entry may be there without being shown. Where the range was shown before in any store, it is not the run's alone. */
export function unseenClaim(key: string, step: Step, goal: CommandGoal, before: Values): Claim | null {
  if (step.kind !== 'exclusion' || goal.kind !== 'exclusion') return null;
  const isOwn = goal.present && goal.store === 'persistent' && key === keyOf(step, step.family, 'persistent');
  const isShown = stores.some((store) => before.get(keyOf(step, step.family, store)) !== false);
  return isOwn && !isShown ? { before: false, certainty: 'unseen' } : null;
}

export function claimAfterLook(claim: Claim | null, value: boolean, slow: boolean): Claim | null {
  if (claim === null) return null;
  const isBack = value === claim.before;
  switch (claim.certainty) {
    case 'sure':
    case 'releasing':
      return isBack ? null : { ...claim, certainty: 'sure' };
    case 'open':
      if (!isBack) return { ...claim, certainty: 'sure' };
      return slow ? claim : { ...claim, certainty: 'disputed' };
    case 'unseen':
      return isBack ? claim : { ...claim, certainty: 'disputed' };
    case 'disputed':
      return claim;
  }
}

export function claimAfterRun(first: Claim | null, later: Claim | null, seen: boolean | null): Claim | null {
  if (first === null) return later;
  if (later === null) return seen === first.before && first.certainty === 'sure' ? null : first;
  if (later.before === first.before) return first;
  if (later.certainty === 'sure' || later.certainty === 'releasing') return null;
  return first.certainty === 'sure' ? { ...first, certainty: 'releasing' } : first;
}
