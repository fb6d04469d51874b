// Brings one range on one family from one presence to another. Each command is sent only while the table still needs it, for
// IPv4 and IPv6 may share one list (facts: windows.md section 3); the table read again decides, never what a command printed.
import { readExclusionChange, writeExclusionChange } from '../facts/exclusion-change.ts';
import { asFailure, Failure } from '../model/failure.ts';
import type { ExclusionTable } from '../model/host-state.ts';
import type { Direction, StepState } from '../model/outcome.ts';
import type { ExclusionStep, Presence } from '../model/plan.ts';
import { formatRange } from '../model/port-range.ts';
import { describePresence } from '../model/presence.ts';
import { isNeeded, presenceOf, samePresence } from '../windows/verdict.ts';
import { noEffect, sendChange, type Seen } from './send.ts';
import type { StepContext, StepOutcome } from './step.ts';

type ExclusionState = Extract<StepState, { kind: 'exclusion' }>;

/** A lost change may still be at work when the host is asked first; it is asked once more after this long. */
const settleMs = 2000;

export async function runExclusionStep(
  step: ExclusionStep,
  direction: Direction,
  context: StepContext,
): Promise<StepOutcome> {
  const goal = direction === 'do' ? step.after : step.before;
  const commands = direction === 'do' ? step.commands : step.undo;
  let sent = false;
  let last: { line: string; exitCode: number; text: string } | null = null;
  const end = (result: StepOutcome['result'], presence: Presence | null, failure: Failure | null): StepOutcome => ({
    result,
    sent,
    state: presence === null ? null : { kind: 'exclusion', presence },
    failure,
  });

  let presence: Presence;
  try {
    presence = await look(step, context);
  } catch (thrown) {
    return end('failed', null, asFailure(thrown));
  }
  if (samePresence(presence, goal)) return end('not-needed', presence, null);

  for (const { line, ...command } of commands) {
    if (samePresence(presence, goal)) break;
    if (!isNeeded({ line, ...command }, presence)) continue;
    sent = true;
    const script = writeExclusionChange(line, context.protocols);
    const answer = await sendChange(
      { step, direction, line, script, read: (text) => readSeen(text, line, step, context) },
      context,
    );
    if ('seen' in answer && answer.seen.state !== null) {
      presence = answer.seen.state.presence;
      last = { line, exitCode: answer.seen.exitCode, text: answer.seen.text };
      continue;
    }
    const lost = 'lost' in answer ? answer.lost : unread(context.host, line);
    if (lost.effect === 'none') return end('failed', presence, lost);
    const found = await lookUntil(step, goal, context);
    if (found === null) return end('in-doubt', null, lost);
    if (!samePresence(found, goal)) return end('failed', found, lost);
    presence = found;
  }
  if (samePresence(presence, goal)) return end('done', presence, null);
  const words = `${step.protocol} ${formatRange(step.range)} on ${step.family} is ${describePresence(presence)}`;
  return end(
    'failed',
    presence,
    noEffect(
      context.host,
      last?.line ?? step.sentence,
      last?.exitCode ?? 0,
      last?.text ?? '',
      words,
      adviceFor(presence, goal),
    ),
  );
}

/** Whether Windows adds a persistent range over an active one is not known (architecture: doubts); deleting that one first is a person's choice. */
function adviceFor(found: Presence, goal: Presence): string | null {
  if (!goal.persistent || !found.active || found.persistent) return null;
  return 'it may refuse a range that the active store has already: delete it there (store=active), then add it anew at once';
}

/** Reads the tables. Throws a Failure when the host can't be asked or a table can't be read. */
async function look(step: ExclusionStep, context: StepContext): Promise<Presence> {
  const known = context.view.tables === null ? null : presenceIn(context.view.tables, step);
  if (known !== null) return known;
  const answer = await context.session.ask(writeExclusionChange(null, context.protocols), { signal: context.signal });
  const { tables, gaps } = readExclusionChange(answer, null, context.protocols);
  context.view.tables = tables;
  const presence = presenceIn(tables, step);
  if (presence !== null) return presence;
  const gap = gaps[0];
  throw new Failure('step/unread', `the exclusion tables could not be read: ${gap?.reason ?? 'a table is missing'}`, {
    where: context.host,
    hint: 'look at the host by hand: netsh interface ipv4 show excludedportrange protocol=tcp',
    effect: 'unknown',
  });
}

/** After a lost answer: what the host shows, given a moment to finish; null when it can't be asked. */
async function lookUntil(step: ExclusionStep, goal: Presence, context: StepContext): Promise<Presence | null> {
  try {
    context.view.tables = null;
    const first = await look(step, context);
    if (samePresence(first, goal)) return first;
    await context.clock.sleep(settleMs, context.signal);
    context.view.tables = null;
    return await look(step, context);
  } catch {
    return null;
  }
}

function readSeen(
  answer: Parameters<typeof readExclusionChange>[0],
  line: string,
  step: ExclusionStep,
  context: StepContext,
): Seen<ExclusionState> {
  const { change, tables } = readExclusionChange(answer, line, context.protocols);
  context.view.tables = tables;
  const presence = presenceIn(tables, step);
  return {
    exitCode: change?.exitCode ?? 0,
    text: change?.text ?? '',
    state: presence === null ? null : { kind: 'exclusion', presence },
  };
}

function presenceIn(tables: readonly ExclusionTable[], step: ExclusionStep): Presence | null {
  return presenceOf({ exclusionTables: tables, dynamicRanges: [] }, step.family, step.protocol, step.range);
}

function unread(host: string, line: string): Failure {
  return new Failure('step/unread', `after "${line}" the exclusion tables could not be read`, {
    where: host,
    effect: 'unknown',
  });
}
