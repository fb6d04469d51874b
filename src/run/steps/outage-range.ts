// One range of an outage, judged by the tables behind its commands as a step of its own is (exclusion-step.ts); its commands count as one.
import type { OutageResult } from '../../facts/outage.ts';
import { Failure } from '../../model/failure.ts';
import type { ExclusionStep } from '../../model/plan.ts';
import { describePresence } from '../../model/presence.ts';
import { cutText } from '../../model/text/cut-text.ts';
import { samePresence } from '../../windows/verdict.ts';
import { describeRange, isHidden, lookIn, presenceIn } from './exclusion-look.ts';
import { assumePresence, owesHidden, settlesHidden, showPresence } from './hidden-store.ts';
import { findOtherCause } from './refusal-cause.ts';
import { noEffect } from './send.ts';
import type { StepContext, StepOutcome } from './step-context.ts';

/** Records what the command came to, and judges the step. The tables behind it are in `context.view`. */
export async function judgeRange(
  step: ExclusionStep,
  { change, tablesBefore, tables }: OutageResult['ranges'][number],
  context: StepContext,
): Promise<StepOutcome> {
  const found = presenceIn(tables, step);
  const look = found === null ? null : lookIn(tables, step);
  if (change !== null) {
    await context.recorder.record({
      type: 'command-finished',
      host: context.host,
      step: step.number,
      direction: 'do',
      exitCode: change.exitCode,
      text: cutText(change.text),
      state: found === null ? null : { kind: 'exclusion', presence: found },
      before: lookIn(tablesBefore, step),
      after: look,
    });
  }
  const end = (result: StepOutcome['result'], failure: Failure | null): StepOutcome => ({
    result,
    sent: change !== null,
    state: found === null ? null : { kind: 'exclusion', presence: found },
    look,
    failure,
  });
  const line = step.commands[0]?.line ?? step.sentence;
  if (found === null) {
    const message = `after "${line}" the exclusion tables could not be read`;
    return end('in-doubt', new Failure('step/unread', message, { where: context.host, effect: 'unknown' }));
  }
  const { ownership } = context;
  const isSettled = change !== null && settlesHidden(step, 'do', change.exitCode, ownership);
  const owes = isHidden(step, context) && !isSettled && owesHidden(step, 'do', found, ownership);
  const shown = isHidden(step, context) ? assumePresence(found, step.after, owes) : found;
  if (samePresence(shown, step.after)) return end(change === null ? 'not-needed' : 'done', null);
  const cause = await findOtherCause(step, context);
  const about = `${describeRange(step)} is ${describePresence(showPresence(found, isHidden(step, context)))}`;
  return end('failed', noEffect(context.host, line, change?.exitCode ?? 0, change?.text ?? '', about, cause));
}
