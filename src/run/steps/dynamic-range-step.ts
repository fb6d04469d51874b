// Sets the dynamic range of one family, or sets it back. What Windows shows afterwards decides, never what netsh printed. It touches only a
// range that is as its plan found it (or, to undo, as the run left it): any other was set by somebody else since and is left alone.
import { readDynamicRangeChange, writeDynamicRangeChange } from '../../facts/dynamic-range-change.ts';
import { asFailure, Failure } from '../../model/failure.ts';
import type { Direction, StepState } from '../../model/outcome.ts';
import type { DynamicRangeStep } from '../../model/plan.ts';
import { formatRange, sameRange, type PortRange } from '../../model/port-range.ts';
import { noEffect, sendChange, type ChangeResult } from './send.ts';
import type { StepContext, StepOutcome } from './step-context.ts';

type RangeState = Extract<StepState, { kind: 'dynamic-range' }>;

/** A lost change may still be at work when the host is asked first; it is asked once more after this long. */
const settleMs = 2000;

export async function runDynamicRangeStep(
  step: DynamicRangeStep,
  direction: Direction,
  context: StepContext,
): Promise<StepOutcome> {
  let sent = false;
  const end = (result: StepOutcome['result'], range: PortRange | null, failure: Failure | null): StepOutcome => {
    const state: RangeState | null = range === null ? null : { kind: 'dynamic-range', range };
    return { result, sent, state, look: state, failure };
  };
  const [from, goal, line] =
    direction === 'do' ? [step.before, step.after, step.line] : [step.after, step.before, step.undo];

  let found: PortRange;
  try {
    found = await look(step, context);
  } catch (thrown) {
    return end('failed', null, asFailure(thrown));
  }
  if (sameRange(found, goal)) return end('not-needed', found, null);
  if (direction === 'undo') {
    const claim = context.ownership.of(step).range?.claim ?? null;
    if (claim === null) return end('not-needed', found, null);
    if (claim.certainty === 'disputed') return end('failed', found, disputed(step, found, context.host));
  }
  if (!sameRange(found, from)) return end('failed', found, changedMeanwhile(step, found, context.host));

  sent = true;
  const script = writeDynamicRangeChange(line, step, context.session.newNonce());
  const answer = await sendChange<RangeState>(
    {
      step,
      direction,
      line,
      goal: { kind: 'dynamic-range', desired: (direction === 'do') !== step.undoes },
      before: { kind: 'dynamic-range', range: found },
      script: script.line,
      read: (text) => readLook(readDynamicRangeChange(text, script, line)),
    },
    context,
  );
  if ('seen' in answer && answer.seen.state !== null) {
    const { exitCode, text, state } = answer.seen;
    if (sameRange(state.range, goal)) return end('done', state.range, null);
    const shown = `${describe(step)} is ${formatRange(state.range)}`;
    return end('failed', state.range, noEffect(context.host, line, exitCode, text, shown));
  }
  const lost = 'lost' in answer ? answer.lost : unread(step, context.host);
  if (lost.effect === 'none') return end('failed', found, lost);
  const shown = await lookUntil(step, goal, context);
  if (shown === null) return end('in-doubt', null, lost);
  return sameRange(shown, goal) ? end('done', shown, null) : end('failed', shown, lost);
}

function readLook({ change, before, range }: ReturnType<typeof readDynamicRangeChange>): ChangeResult<RangeState> {
  const stateOf = (one: PortRange | null): RangeState | null =>
    one === null ? null : { kind: 'dynamic-range', range: one };
  return {
    exitCode: change?.exitCode ?? 0,
    text: change?.text ?? '',
    state: stateOf(range),
    before: stateOf(before),
    after: stateOf(range),
  };
}

async function look(step: DynamicRangeStep, context: StepContext): Promise<PortRange> {
  const script = writeDynamicRangeChange(null, step, context.session.newNonce());
  const answer = await context.session.ask(script.line, { signal: context.signal });
  const { range } = readDynamicRangeChange(answer, script, null);
  if (range === null) throw unread(step, context.host);
  return range;
}

/** After a lost answer, as `lookUntil` for exclusions. */
async function lookUntil(step: DynamicRangeStep, goal: PortRange, context: StepContext): Promise<PortRange | null> {
  try {
    const first = await look(step, context);
    if (sameRange(first, goal)) return first;
    await context.clock.sleep(settleMs, context.signal);
    const second = await look(step, context);
    if (sameRange(second, goal)) return second;
    await context.session.endLeft({ signal: context.signal });
    return await look(step, context);
  } catch {
    return null;
  }
}

function describe({ protocol, family }: DynamicRangeStep): string {
  return `the ${protocol} dynamic range on ${family}`;
}

function changedMeanwhile(step: DynamicRangeStep, found: PortRange, host: string): Failure {
  return new Failure(
    'step/disputed',
    `${describe(step)} is ${formatRange(found)}: somebody else changed it meanwhile; left as it is`,
    { where: host, hint: 'ask who changed it, then plan again' },
  );
}

function disputed(step: DynamicRangeStep, found: PortRange, host: string): Failure {
  const message = `${describe(step)} is ${formatRange(found)}: changed by this run or by somebody else; which one is not known`;
  return new Failure('step/disputed', `${message}; left as it is`, {
    where: host,
    hint: 'check it; if this run made the change: fencepost rollback RUN --force',
  });
}

function unread(step: DynamicRangeStep, host: string): Failure {
  return new Failure('step/unread', `${describe(step)} could not be read`, {
    where: host,
    hint: `check on the host: netsh interface ${step.family} show dynamicportrange protocol=${step.protocol}`,
    effect: 'unknown',
  });
}
