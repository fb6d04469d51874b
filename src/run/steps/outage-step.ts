// A whole outage in one command line: its one intent is on disk before it is sent, and what is told of its steps afterwards is what the looks
// in it show, and what the host shows then. It is sent once; when its answer is lost, the host is asked until the line is through. What is
// in the line: windows/outage-line.ts; which steps they are: model/rules/outage.ts.
import { outageBoundMs, readOutage, writeOutage, type OutageRequest, type OutageResult } from '../../facts/outage.ts';
import { readServiceRefusal } from '../../facts/service-change.ts';
import type { HostFacts } from '../../model/facts.ts';
import { asFailure, Failure, failureRecord } from '../../model/failure.ts';
import type { StepLook } from '../../model/outcome.ts';
import type { ExclusionStep, ServiceStep, Step } from '../../model/plan.ts';
import { listSteps, makeGoal, type Outage } from '../../model/rules/outage.ts';
import { findService } from '../../model/rules/port-owners.ts';
import { cutText } from '../../model/text/cut-text.ts';
import { isHidden, lookIn } from './exclusion-look.ts';
import { askAfterLost } from './lost-outage.ts';
import { judgeRange } from './outage-range.ts';
import { throwIfAborted, type ChangeResult } from './send.ts';
import { notReached, refusedCommand } from './service-failures.ts';
import { awaitService, isServing, isStopped, makeLook, readLook, type ServiceLook } from './service-step.ts';
import { recordEnd } from './step.ts';
import type { StepContext, StepOutcome } from './step-context.ts';

/** How a step of the outage ended; steps of which nothing was sent have none. */
export interface StepEnd {
  readonly step: Step;
  readonly outcome: StepOutcome;
}

const againMs = 1000;

/**
 * Carries it out. Null, and nothing was sent: it has to go step by step, for the line would be too long or the service does not run.
 * `found`: the host's facts of a moment ago. Rejects only with Failure `journal/unwritable`.
 */
export async function runOutage(
  outage: Outage,
  found: HostFacts,
  context: StepContext,
): Promise<readonly StepEnd[] | null> {
  const { stop } = outage;
  const service = findService(found, stop.service);
  if (service?.installed !== true || service.state !== 'running') return null;
  context.view.tables ??= found.state.exclusionTables;
  // Where nothing shows what is permanent, each command's own answer is the only evidence: they are sent one by one.
  if (outage.exclusions.some((one) => isHidden(one, context))) return null;
  const request: OutageRequest = {
    outage,
    protocols: context.protocols,
    isHidden: (step) => isHidden(step, context),
  };
  for (let attempt = 1; ; attempt += 1) {
    const sent = await send(request, context);
    if (sent === null) return null;
    if ('lost' in sent) return askAfterLost(outage, sent.lost, outageBoundMs, context);
    const isRefused = readServiceRefusal(sent.result.stop.exitCode, stop.service)?.isMomentary === true;
    if (!isRefused || sent.result.start !== null || attempt > 1) return tell(outage, sent.result, context);
    await recordStop(outage, sent.result, context);
    await recordUnsent(outage.exclusions, context);
    await recordUnsent([outage.start], context);
    await context.clock.sleep(againMs, context.signal);
  }
}

/** Null: too long. */
async function send(
  request: OutageRequest,
  context: StepContext,
): Promise<{ readonly result: OutageResult } | { readonly lost: Failure } | null> {
  const { stop } = request.outage;
  const script = writeOutage(request, context.session.newNonce());
  if (script === null) return null;
  const about = { host: context.host, step: stop.number, direction: 'do' } as const;
  const [, ...then] = listSteps(request.outage).map((one) => ({ step: one.number, before: findLook(one, context) }));
  await context.recorder.record({
    type: 'command-planned',
    ...about,
    line: stop.line,
    goal: makeGoal(stop),
    before: findLook(stop, context),
    outage: { boundMs: outageBoundMs, then },
  });
  try {
    throwIfAborted(context);
    const late = context.checkTime?.(stop) ?? null;
    if (late !== null) throw late;
    const answer = await context.session.change(script.line, { signal: context.signal, runsOn: true });
    return { result: readOutage(answer, script, request) };
  } catch (thrown) {
    const lost = asFailure(thrown);
    const { effect } = lost;
    await context.recorder.record({ type: 'command-lost', ...about, effect, failure: failureRecord(lost) });
    return { lost };
  }
}

function findLook(step: ServiceStep | ExclusionStep, { view }: StepContext): StepLook {
  return step.kind === 'service' ? { kind: 'service', state: 'running' } : lookIn(view.tables ?? [], step);
}

async function tell(outage: Outage, result: OutageResult, context: StepContext): Promise<readonly StepEnd[]> {
  const { stop, exclusions, start } = outage;
  const ends: StepEnd[] = [];
  const end = async (step: Step, outcome: StepOutcome): Promise<void> => {
    await recordEnd(step, 'do', outcome, context);
    ends.push({ step, outcome });
  };
  const seen = await recordStop(outage, result, context);
  const stopEnd = judgeStop(outage, result, seen, context);
  await end(stop, stopEnd);
  for (const [index, step] of exclusions.entries()) {
    const range = result.ranges[index];
    if (range === undefined) continue;
    context.view.tables = range.tables;
    // Nothing is added while the service may still have the port open.
    if (range.change === null && stopEnd.failure !== null) await recordUnsent([step], context);
    else await end(step, await judgeRange(step, range, context));
  }
  if (result.start === null) await recordUnsent([start], context);
  else await end(start, await finishStart(outage, result, context));
  return ends;
}

async function recordStop(
  { stop }: Outage,
  result: OutageResult,
  context: StepContext,
): Promise<ChangeResult<ServiceLook>> {
  const seen = readLook({ change: result.stop, serviceBefore: result.serviceBefore, ...result.stopped }, stop);
  const about = { host: context.host, step: stop.number, direction: 'do' } as const;
  await context.recorder.record({ type: 'command-finished', ...about, ...seen, text: cutText(seen.text) });
  return seen;
}

function judgeStop(
  { stop }: Outage,
  { stopped }: OutageResult,
  { exitCode, text, state }: ChangeResult<ServiceLook>,
  { host }: StepContext,
): StepOutcome {
  const end = (failure: Failure | null): StepOutcome => ({
    result: failure === null ? 'done' : 'failed',
    sent: true,
    state,
    look: makeLook(state),
    failure,
  });
  if (state === null) {
    return end(new Failure('step/unread', `the state of ${stop.service} could not be read`, { where: host }));
  }
  if (isStopped(state, stop)) return end(null);
  const about = { host, line: stop.line, exitCode, step: stop, starting: false, state };
  const refusal = readServiceRefusal(exitCode, stop.service);
  const isUnderWay = state.state === 'stopped' || state.state === 'stop-pending';
  if (refusal !== null && !isUnderWay) return end(refusedCommand({ ...about, refusal }));
  return end(notReached({ ...about, text, exit: stopped.exit }));
}

/** What the line left out: it surely did not run. */
async function recordUnsent(steps: readonly Step[], context: StepContext): Promise<void> {
  for (const { number } of steps) {
    const failure = new Failure('step/refused', 'left out: the service did not stop', { where: context.host });
    await context.recorder.record({
      type: 'command-lost',
      host: context.host,
      step: number,
      direction: 'do',
      effect: 'none',
      failure: failureRecord(failure),
    });
  }
}

/** The line has waited until the service runs; that it listens is waited for here. */
async function finishStart({ start }: Outage, result: OutageResult, context: StepContext): Promise<StepOutcome> {
  const seen = readLook({ change: result.start, serviceBefore: result.stopped.service, ...result.started }, start);
  const about = { host: context.host, step: start.number, direction: 'do' } as const;
  await context.recorder.record({ type: 'command-finished', ...about, ...seen, text: cutText(seen.text) });
  let { state } = seen;
  let { exit } = result.started;
  const end = (ended: StepOutcome['result'], failure: Failure | null): StepOutcome => ({
    result: ended,
    sent: true,
    state: ended === 'in-doubt' ? null : state,
    look: ended === 'in-doubt' ? null : makeLook(state),
    failure,
  });
  try {
    if (state === null || !isServing(state, start)) ({ state, exit } = await awaitService(start, true, context));
  } catch (thrown) {
    return end('in-doubt', asFailure(thrown));
  }
  if (isServing(state, start)) return end('done', null);
  const { exitCode, text } = seen;
  const failed = { host: context.host, line: start.line, exitCode, step: start, starting: true, state };
  const refusal = readServiceRefusal(exitCode, start.service);
  if (refusal !== null && state.state === 'stopped') return end('failed', refusedCommand({ ...failed, refusal }));
  return end('failed', notReached({ ...failed, text, exit }));
}
