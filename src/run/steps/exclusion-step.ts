// Moves one range on one family from one presence to another. Each command is sent only while the table still needs it, for
// IPv4 and IPv6 may share one list (facts: windows.md section 3); the table read again decides, never what a command printed. A half that
// Windows does not complete is replaced: deleted and added in one line, and only while nobody has the port open.
// An undo reverses only what the run's commands changed (model/rules/ownership.ts).
import { readExclusionChange, writeExclusionChange, type ExclusionChangeResult } from '../../facts/exclusion-change.ts';
import { asFailure, Failure } from '../../model/failure.ts';
import { stores } from '../../model/host-state.ts';
import type { Direction, StepState } from '../../model/outcome.ts';
import { isUnseenClaim, type StepOwnership } from '../../model/rules/claims.ts';
import { afterLook } from '../../model/rules/later/after-run.ts';
import { findOthersRows, findTakenAlong } from '../../model/rules/later/others-rows.ts';
import { untoldOrigin } from '../../model/rules/untold-origin.ts';
import { disputedStores, presenceWithout } from '../../model/rules/ownership.ts';
import type { ExclusionCommand, ExclusionStep, Presence } from '../../model/plan.ts';
import { describePresence } from '../../model/presence.ts';
import { commandsBetween } from '../../windows/exclusion-commands.ts';
import { isNeeded, samePresence } from '../../windows/verdict.ts';
import { describeRange, isHidden, lookAtExclusion, lookIn, lookUntil, presenceIn } from './exclusion-look.ts';
import {
  assumePresence,
  isNothingLeft,
  isOriginHidden,
  owesHidden,
  settlesHidden,
  showPresence,
} from './hidden-store.ts';
import { findRefusalCause, findWhyNotReplace } from './refusal-cause.ts';
import { noEffect, sendChange, type ChangeResult } from './send.ts';
import type { StepContext, StepOutcome } from './step-context.ts';

type ExclusionState = Extract<StepState, { kind: 'exclusion' }>;

export async function runExclusionStep(
  step: ExclusionStep,
  direction: Direction,
  context: StepContext,
): Promise<StepOutcome> {
  let sent = false;
  let untold: Failure | null = null;
  let last: { line: string; exitCode: number; text: string } | null = null;
  const end = (result: StepOutcome['result'], presence: Presence | null, failure: Failure | null): StepOutcome => ({
    result,
    sent,
    state: presence === null ? null : { kind: 'exclusion', presence },
    look: presence === null ? null : lookIn(context.view.tables ?? [], step),
    failure,
    untold,
  });

  let found: Presence;
  try {
    found = await lookAtExclusion(step, context);
  } catch (thrown) {
    return end('failed', null, asFailure(thrown));
  }
  if (direction === 'do' && step.undoes && isChangedAgain(step, found, context)) {
    return end('failed', found, changedAgain(step, found, context.host));
  }
  let owes = isHidden(step, context) && owesHidden(step, direction, found, context.ownership);
  const { goal, commands, isLeft } = work(step, direction, found, owes, context);
  /** As far as it is shown; the rest as Windows answered. */
  const assume = (shown: Presence): Presence => (isHidden(step, context) ? assumePresence(shown, goal, owes) : shown);
  const isReached = (shown: Presence): boolean => samePresence(assume(shown), goal);
  const due = commands.filter((one) => one.isDue || !isReached(found));
  if (due.length === 0 && isLeft) return end('failed', found, leftToOthers(step, found, context));
  if (due.length === 0) return end('not-needed', found, null);

  const first = direction === 'do' ? step.before : found;
  let notReplaced: string | null = null;
  let isHiddenRefused = false;
  for (const { line, isDue, ...command } of due) {
    if (!isDue && (isReached(found) || !isNeeded({ line, ...command }, assume(found)))) continue;
    if ((direction === 'undo' || step.undoes) && isOthersSince(command, step, first, context)) {
      return end('failed', found, changedAgain(step, found, context.host));
    }
    if (command.replaces === true) {
      if (isHidden(step, context) || found.active === found.persistent) continue;
      // What is deleted under an open port Windows could not add again.
      notReplaced = await findWhyNotReplace(step, context);
      if (notReplaced !== null) continue;
    }
    sent = true;
    const isUntold = direction === 'undo' && command.store === 'persistent' && isOriginHidden(step, context);
    const script = writeExclusionChange(line, context.protocols, context.session.newNonce());
    const answer = await sendChange(
      {
        step,
        direction,
        line,
        goal: { kind: 'exclusion', ...command },
        before: lookIn(context.view.tables ?? [], step),
        script: script.line,
        read: (text) => readSeen(readExclusionChange(text, script, line, context.protocols), step, context),
      },
      context,
    );
    if ('seen' in answer && answer.seen.state !== null) {
      found = answer.seen.state.presence;
      if (command.store === 'persistent' && settlesHidden(step, direction, answer.seen.exitCode, context.ownership)) {
        owes = false;
      }
      if (command.store === 'persistent') isHiddenRefused = answer.seen.exitCode !== 0 && found.active;
      // What Windows refuses to delete was not there.
      if (isUntold && answer.seen.exitCode === 0) untold = untoldOrigin([step], context.host);
      last = { line, exitCode: answer.seen.exitCode, text: answer.seen.text };
      continue;
    }
    const lost = 'lost' in answer ? answer.lost : unread(context.host, line);
    // It may have deleted what was there before; that a second one finds nothing says nothing about it.
    if (isUntold && lost.effect !== 'none') untold = untoldOrigin([step], context.host);
    if (lost.effect === 'none') return end('failed', found, lost);
    const shown = await lookUntil(step, isReached, context);
    if (shown === null) return end('in-doubt', null, lost);
    if (!isReached(shown)) return end('failed', shown, lost);
    found = shown;
  }
  if (isHiddenRefused && isNothingLeft(step, first, found)) owes = false;
  if (isReached(found)) {
    const taken = direction === 'do' && step.undoes ? findTaken(step, context) : null;
    const left = isLeft ? leftToOthers(step, found, context) : taken;
    return end(left === null ? 'done' : 'failed', found, left);
  }
  const isAdding = stores.some((store) => goal[store] && !found[store]);
  const cause = notReplaced ?? (isAdding ? await findRefusalCause(step, context) : null);
  return end(
    'failed',
    found,
    noEffect(
      context.host,
      last?.line ?? step.sentence,
      last?.exitCode ?? 0,
      last?.text ?? '',
      `${describeRange(step)} is ${describePresence(showPresence(found, isHidden(step, context)))}`,
      cause,
    ),
  );
}

interface Work {
  readonly goal: Presence;
  /** `isDue`: sent whatever the tables show, for they may not show what it undoes. */
  readonly commands: readonly (ExclusionCommand & { readonly isDue: boolean })[];
  /** An undo leaves something of it for the operator to decide. */
  readonly isLeft: boolean;
}

function work(step: ExclusionStep, direction: Direction, found: Presence, owes: boolean, context: StepContext): Work {
  if (direction === 'do') {
    return {
      goal: step.after,
      commands: step.commands.map((one) => ({ ...one, isDue: isDueInRollback(one, step, found, context) })),
      isLeft: false,
    };
  }
  const hidden = isHidden(step, context);
  const ownership = afterLook(context.ownership.of(step), { ...found, ...(hidden ? { persistent: null } : {}) });
  const goal = presenceWithout(found, ownership);
  const from = hidden ? assumePresence(found, goal, owes) : found;
  const commands = commandsBetween(step.family, step, from, goal);
  const isHiddenDisputed = hidden && ownership.persistent?.claim?.certainty === 'disputed';
  return {
    goal,
    commands: commands.map((one) => ({ ...one, isDue: isUnseen(one, ownership) })),
    isLeft: disputedStores(found, ownership).length > 0 || isHiddenDisputed,
  };
}

/**
 * A rollback undoes what Windows accepted, whatever is shown; not once another family's command has changed it along: what is deleted then
 * is what somebody else adds in that moment.
 */
function isDueInRollback(
  { store, present }: ExclusionCommand,
  step: ExclusionStep,
  found: Presence,
  { ownership }: StepContext,
): boolean {
  if (!step.undoes || store !== 'persistent' || present) return false;
  const claim = ownership.of(step).persistent?.claim ?? null;
  const isSeenGone = claim !== null && claim.before && claim.certainty === 'sure';
  return step.before.persistent && !found.persistent && found.active === step.before.active && !isSeenGone;
}

function isUnseen({ store, present }: ExclusionCommand, ownership: StepOwnership): boolean {
  const claim = ownership[store]?.claim ?? null;
  return claim !== null && isUnseenClaim(claim) && claim.before === present;
}

/** `found`: what is there once the rest is undone. */
function leftToOthers(step: ExclusionStep, found: Presence, context: StepContext): Failure {
  const shown = describePresence(showPresence(found, isHidden(step, context)));
  const message = `${describeRange(step)} is ${shown}: changed by this run or by somebody else; which one is not known`;
  return new Failure('step/disputed', `${message}; left as it is`, {
    where: context.host,
    hint: 'check it; if this run made the change: fencepost rollback RUN --force',
  });
}

/** A rollback saw the range where it has to be, for a command for the other family moved it along; what it is now is somebody else's. */
function isChangedAgain(step: ExclusionStep, found: Presence, context: StepContext): boolean {
  const values = context.ownership.of(step);
  // What netsh does not show cannot have been seen to change.
  const shown = stores.filter((store) => store === 'active' || !isHidden(step, context));
  const isMovedBack = shown.some(
    (store) =>
      found[store] !== step.after[store] &&
      (values[store]?.seen === step.after[store] || values[store]?.changedBack === true),
  );
  return isMovedBack || findOthersRows(step, found, values).length > 0;
}

/** The rollback's delete took along what somebody else had put there in that moment; null: nothing. */
function findTaken(step: ExclusionStep, { ownership, host }: StepContext): Failure | null {
  const [store] = findTakenAlong(step, ownership.of(step));
  if (store === undefined) return null;
  const message = `somebody else put ${describeRange(step)} into the ${store} store during this rollback, and its delete took that along`;
  const [putBack] = commandsBetween(step.family, step, step.after, { ...step.after, [store]: true });
  return new Failure('step/disputed', message, {
    where: host,
    hint: `the next fencepost rollback RUN puts it back; or by hand: ${putBack?.line ?? ''}`,
  });
}

/**
 * When the rollback was planned, or the undo came, the store was as this command is to make it, and no command of the run changed it since: somebody
 * else did. What they took away is not put back, and what they put there is not deleted.
 */
function isOthersSince(
  { store, present, replaces }: Omit<ExclusionCommand, 'line'>,
  step: ExclusionStep,
  first: Presence,
  context: StepContext,
): boolean {
  if (replaces === true || first[store] !== present || isHidden(step, context)) return false;
  return (context.ownership.of(step)[store]?.claim ?? null) === null;
}

function changedAgain(step: ExclusionStep, found: Presence, host: string): Failure {
  const message = `${describeRange(step)} is ${describePresence(found)}: somebody else changed it during this rollback`;
  return new Failure('step/disputed', `${message}; left as it is`, {
    where: host,
    hint: 'ask who changed it, then look at the host again: fencepost rollback RUN --dry-run',
  });
}

function readSeen(
  { change, tablesBefore, tables }: ExclusionChangeResult,
  step: ExclusionStep,
  context: StepContext,
): ChangeResult<ExclusionState> {
  context.view.tables = tables;
  const presence = presenceIn(tables, step);
  return {
    exitCode: change?.exitCode ?? 0,
    text: change?.text ?? '',
    state: presence === null ? null : { kind: 'exclusion', presence },
    before: lookIn(tablesBefore, step),
    after: lookIn(tables, step),
  };
}

function unread(host: string, line: string): Failure {
  return new Failure('step/unread', `after "${line}" the exclusion tables could not be read`, {
    where: host,
    effect: 'unknown',
  });
}
