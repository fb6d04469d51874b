// What of a host's values is a run's own: the claim, and what a command under way, its answer, a later look and a later run make of it.
// Two looks around a command decide; Windows' words do not. Pure; ownership.ts feeds it with a run's events.
import { families, stores } from '../host-state.ts';
import type { CommandGoal } from '../outcome.ts';
import type { Step } from '../plan.ts';
import { isHidden, isRange, isService, makeKey, keysInReach, type OwnedPart, type Values } from './step-values.ts';

/**
 * sure: seen to change around a command of the run.
 * open: a command may have changed it, and nobody has looked since.
 * releasing: sure, and a command that may have undone it is without an answer.
 * disputed: it changed although Windows refused the command, or it changed long after a lost command: the run or somebody else.
 * unseen: Windows accepted the command and nothing shows its effect (facts: windows.md 0.9). So its undo is sent.
 * unconfirmed: the same, and the active store does not confirm it either (it may take effect at the next boot, or was there before).
 *   The undo is sent too (decision 0038), but what was there before cannot be told.
 */
export const certainties = ['sure', 'open', 'releasing', 'disputed', 'unseen', 'unconfirmed'] as const;
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
  /** The run had changed it, and a look showed it changed back without a command of the run: it is somebody else's now. */
  readonly changedBack?: true;
  /** A command of the run has undone it, nothing shows what it was before the run, and no verdict has said so yet. */
  readonly untold?: true;
  /** A command without an answer, for the other family, may have made it permanent, and nothing has shown the store since (hidden/unlit.ts). */
  readonly unlit?: true;
  /** The guard that would have undone it is gone, and nobody called it off; nothing has shown the range since (later/guard-gone.ts). */
  readonly guardGone?: true;
}

/** The values that a step is about: `active` and `persistent` of a range on its family, `up` of a service, or `range` of a dynamic range. */
export type StepOwnership = Readonly<Partial<Record<OwnedPart, OwnedValue>>>;

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
    const isUp = valueBroughtBy(goal, was);
    const known = values.get(key)?.claim ?? null;
    if ((was === null && !isOwnHidden(key, step, goal, before)) || was === isUp) continue;
    made.set(
      key,
      known !== null && known.before === isUp
        ? { before: known.before, certainty: known.certainty === 'disputed' ? 'disputed' : 'releasing' }
        : {
            before: !isUp,
            certainty: was === null && isInForceBefore(step, goal, before, known) ? 'disputed' : 'open',
          },
    );
  }
  return made;
}

/** What replaces a range deletes it first: it may end either way. */
function valueBroughtBy(goal: CommandGoal, was: boolean | null): boolean {
  if (goal.kind === 'service') return goal.running;
  if (goal.kind === 'dynamic-range') return goal.desired;
  return goal.replaces === true ? was !== true : goal.present;
}

/**
 * An add to the hidden store where the range is in force already: whoever put it in force may have made it permanent too, or the run's
 * command did. Not so where the run deleted it before.
 */
function isInForceBefore(step: Step, goal: CommandGoal, before: Values, known: Claim | null): boolean {
  if (step.kind !== 'exclusion' || goal.kind !== 'exclusion' || !goal.present) return false;
  if (known !== null && known.certainty !== 'disputed') return false;
  return before.get(makeKey(step, step.family, 'active')) !== false;
}

/** Of its own family's persistent store, which nothing shows. */
export function isOwnHidden(key: string, step: Step, goal: CommandGoal, values: Values): boolean {
  if (step.kind !== 'exclusion' || goal.kind !== 'exclusion' || goal.store !== 'persistent') return false;
  return key === makeKey(step, step.family, 'persistent') && isHidden(values, step);
}

export interface Answered {
  readonly key: string;
  readonly step: Step;
  readonly goal: CommandGoal;
  readonly exitCode: number;
  readonly before: Values;
  readonly after: boolean | null;
  /** Everything that was seen behind the command. */
  readonly afterwards: Values;
  /** The claim before the command, and the one while it was under way. */
  readonly known: Claim | null;
  readonly open: Claim | null;
  /** The claim on the same range in the other store, before the command. */
  readonly twin: Claim | null;
}

/**
 * The two looks stand in the command's own line, milliseconds around it. A stranger within these cannot be told apart, except where
 * Windows refused the command: then the change is disputed, neither undone nor passed over. No exit code of netsh's add or delete was ever
 * measured (windows.md section 2), so a refusal alone proves neither.
 */
export function claimAfterCommand(answered: Answered): Claim | null {
  const { key, step, goal, exitCode, before, after, afterwards, known, open } = answered;
  const was = before.get(key) ?? null;
  const isAccepted = exitCode === 0;
  if (isOwnHidden(key, step, goal, afterwards)) return claimAfterHidden(answered, isAccepted);
  if (after === null) {
    if (isAccepted || open === null || open === known) return open;
    return open.certainty === 'releasing' ? known : { ...open, certainty: 'disputed' };
  }
  if (was === null) {
    if (known !== null) return known.before === after ? null : known;
    // It was hidden before, and the command has brought it to light: it is shown now.
    if (open === null) return claimBroughtToLight(answered, isAccepted);
    if (open.before === after) return null;
    return { before: open.before, certainty: isAccepted ? 'sure' : 'disputed' };
  }
  if (was !== after) {
    // A command took along what may be somebody else's: then it is not as he left it.
    if (known?.certainty === 'disputed' && known.before === after && isRange(key))
      return { before: was, certainty: 'disputed' };
    if (known !== null && known.before === after) return null;
    return { before: was, certainty: isAccepted ? 'sure' : 'disputed' };
  }
  if (!isAccepted) return known;
  // A service takes its time after sc has answered.
  if (isService(key)) return open;
  return known ?? unseenClaim(key, step, goal, before);
}

/**
 * Where nothing shows the store, Windows' word counts when the active store confirms it: then what it accepted is there, or gone. What it
 * refused is as it was. Accepted without any effect that is shown may be the run's or not, for exit codes were never measured: that is
 * no success, and its undo is sent all the same.
 */
function claimAfterHidden(answered: Answered, isAccepted: boolean): Claim | null {
  const { step, goal, known, open, before, afterwards, twin } = answered;
  if (open === null) return known;
  if (step.kind !== 'exclusion') return known;
  const active = makeKey(step, step.family, 'active');
  const isConfirmed = before.get(active) !== afterwards.get(active);
  if (isAccepted && open.certainty === 'releasing') return null;
  if (isAccepted && open.certainty === 'disputed') return open;
  if (isAccepted) return { ...open, certainty: isConfirmed ? 'unseen' : 'unconfirmed' };
  // Refused, and yet it had an effect that is shown: nobody can tell about the one that is not.
  if (isConfirmed) return { ...open, certainty: 'disputed' };
  // A lost delete took the range out of force: that the add is refused does not say that it is permanent still.
  if (goal.kind === 'exclusion' && goal.present && twin?.before === true && afterwards.get(active) === false)
    return known;
  // Nothing was there to undo: the lost command had not come through, or its undo had.
  const isGone = known?.certainty === 'open' || known?.certainty === 'releasing' || known?.certainty === 'unconfirmed';
  return open.certainty === 'releasing' && isGone ? null : known;
}

/**
 * The other family's range that an add made permanent along with its own: nothing was shown before, and this table shows it now. A table
 * that shows its rows had none before, so it is not somebody else's.
 */
function claimBroughtToLight({ key, step, goal, before, after }: Answered, isAccepted: boolean): Claim | null {
  if (step.kind !== 'exclusion' || goal.kind !== 'exclusion' || after !== true || !goal.present) return null;
  const family = families.find((one) => key === makeKey(step, one, 'persistent'));
  if (family === undefined || goal.store !== 'persistent' || !isHidden(before, { ...step, family })) return null;
  return { before: false, certainty: isAccepted ? 'sure' : 'disputed' };
}

/** A permanent entry may be there without being shown. Where the range was shown before in any store, it is not the run's alone. */
function unseenClaim(key: string, step: Step, goal: CommandGoal, before: Values): Claim | null {
  if (step.kind !== 'exclusion' || goal.kind !== 'exclusion') return null;
  const isOwn = goal.present && goal.store === 'persistent' && key === makeKey(step, step.family, 'persistent');
  const isShown = stores.some((store) => before.get(makeKey(step, step.family, store)) !== false);
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
    case 'unconfirmed':
      return isBack ? claim : { ...claim, certainty: 'disputed' };
    case 'disputed':
      return claim;
  }
}

export function claimAfterRun(first: Claim | null, later: Claim | null, seen: boolean | null): Claim | null {
  if (first === null) return later;
  if (later === null) return seen === first.before && first.certainty === 'sure' ? null : first;
  // What was seen to change around the later command had not changed before.
  if (later.before === first.before) return later.certainty === 'sure' ? later : first;
  if (later.certainty === 'sure' || later.certainty === 'releasing') return null;
  // Windows has said that it is deleted, and then that the account can delete nothing.
  if (isUnseenClaim(first) && later.certainty === 'disputed' && seen === null)
    return { ...first, certainty: 'unconfirmed' };
  // Accepted, and the store that is shown still lacks it: nothing came of it.
  if (isUnseenClaim(later)) return seen === null || seen === first.before ? null : first;
  // Whatever brought that about, the host showed the value as the first run had left it, or as it was before that.
  if (later.certainty === 'disputed' && first.certainty === 'sure' && seen !== null) {
    return seen === first.before ? null : first;
  }
  return first.certainty === 'sure' ? { ...first, certainty: 'releasing' } : first;
}

/** Windows accepted the command, and nothing shows the store. */
export function isUnseenClaim({ certainty }: Claim): boolean {
  return certainty === 'unseen' || certainty === 'unconfirmed';
}

/**
 * Nothing ever showed the value and nothing confirms the run's command for it: it may have been before what the command was to make it. Its
 * undo is sent all the same; whoever sends it must say so.
 */
export function isOriginUnknown({ seen, claim }: OwnedValue): boolean {
  return seen === null && claim !== null && !['sure', 'unseen'].includes(claim.certainty);
}
