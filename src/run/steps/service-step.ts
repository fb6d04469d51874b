// Stops or starts one service and waits until Windows says so: running means that the service manager says running AND the
// service listens where it listened before, on each family. A command that Windows refuses ends at once; what it says when it fails: service-failures.ts.
import {
  readServiceChange,
  readServiceRefusal,
  writeServiceChange,
  type ServiceChangeResult,
  type ServiceExit,
  type ServiceStatus,
} from '../../facts/service-change.ts';
import { asFailure, Failure } from '../../model/failure.ts';
import { hasListeningPort, type ListeningPort } from '../../model/listening-port.ts';
import type { Direction, StepLook, StepState } from '../../model/outcome.ts';
import type { ServiceStep } from '../../model/plan.ts';
import { sendChange, type ChangeResult, type SendResult } from './send.ts';
import { disputedStop, notReached, refusedCommand } from './service-failures.ts';
import type { StepContext, StepOutcome } from './step-context.ts';

export type ServiceLook = Extract<StepState, { kind: 'service' }>;

const pollMs = 1000;
/** sc start answers before the service has started; a service seen stopped this often in a row has given up. */
const stoppedLooks = 3;

export async function runServiceStep(
  step: ServiceStep,
  direction: Direction,
  context: StepContext,
): Promise<StepOutcome> {
  const line = direction === 'do' ? step.line : step.undo;
  const starting = direction === 'do' ? step.verb === 'start' : step.verb === 'stop';
  let state: ServiceLook | null = null;
  let sent = false;
  const end = (result: StepOutcome['result'], failure: Failure | null): StepOutcome => ({
    result,
    sent,
    state,
    look: makeLook(state),
    failure,
  });
  if (line === null) return end('not-needed', null);
  const isReached = (look: ServiceLook): boolean => (starting ? isServing(look, step) : isStopped(look, step));

  try {
    state = await lookSettled(step, context);
  } catch (thrown) {
    return end('failed', asFailure(thrown));
  }
  if (isReached(state)) return end('not-needed', null);
  if (direction === 'undo') {
    const claim = context.ownership.of(step).up?.claim ?? null;
    // Somebody else stopped it: not the run's to start.
    if (claim === null) return end('not-needed', null);
    if (claim.certainty === 'disputed') return end('failed', disputedStop(step, context.host));
  }

  const send = (before: ServiceLook): Promise<SendResult<ServiceLook>> => {
    sent = true;
    const script = writeServiceChange(line, step.service, listPorts(step), context.session.newNonce());
    return sendChange(
      {
        step,
        direction,
        line,
        goal: { kind: 'service', running: starting },
        before: makeLook(before),
        script: script.line,
        read: (text) => readLook(readServiceChange(text, script, line, step.service, listPorts(step)), step),
      },
      context,
    );
  };
  let answer = await send(state);
  for (let attempt = 1; ; attempt += 1) {
    if ('lost' in answer) break;
    const { exitCode, state: shown } = answer.seen;
    const refusal = readServiceRefusal(exitCode, step.service);
    if (refusal === null || shown === null || isReached(shown) || isUnderWay(shown, starting)) break;
    state = shown;
    if (!refusal.isMomentary || attempt > 1) {
      return end('failed', refusedCommand({ host: context.host, line, exitCode, refusal, step, starting, state }));
    }
    try {
      await context.clock.sleep(pollMs, context.signal);
      state = await lookSettled(step, context);
    } catch (thrown) {
      return end('failed', asFailure(thrown));
    }
    if (isReached(state)) return end('done', null);
    answer = await send(state);
  }
  if ('lost' in answer && answer.lost.effect === 'none') return end('failed', answer.lost);

  let exit: ServiceExit | null;
  try {
    ({ state, exit } = await awaitService(step, starting, context));
    if ('lost' in answer && !isReached(state)) {
      // A command that is still on its way would run behind the verdict.
      await context.session.endLeft({ signal: context.signal });
      state = await lookSettled(step, context);
    }
  } catch (thrown) {
    state = null;
    return end('in-doubt', 'lost' in answer ? answer.lost : asFailure(thrown));
  }
  if (isReached(state)) return end('done', null);
  if ('lost' in answer) return end('failed', answer.lost);
  const { exitCode, text } = answer.seen;
  return end('failed', notReached({ host: context.host, line, exitCode, text, step, starting, state, exit }));
}

interface AskedService {
  readonly state: ServiceLook;
  readonly exit: ServiceExit | null;
}

/** Looks until the service is where its command sent it, has given up, or has had its time. Throws a Failure when the host can't be asked. */
export async function awaitService(step: ServiceStep, starting: boolean, context: StepContext): Promise<AskedService> {
  const startedMs = context.clock.elapsedMs();
  let seenStopped = 0;
  for (;;) {
    const { state, exit } = await lookAtService(step, context);
    if (starting ? isServing(state, step) : isStopped(state, step)) return { state, exit };
    seenStopped = starting && state.state === 'stopped' ? seenStopped + 1 : 0;
    const waitedMs = context.clock.elapsedMs() - startedMs;
    if (seenStopped >= stoppedLooks || waitedMs >= context.serviceMs) return { state, exit };
    await context.clock.sleep(pollMs, context.signal);
  }
}

/** Somebody else gave the same command, or it was accepted all the same: then it is waited for, whatever sc said. */
function isUnderWay({ state }: ServiceLook, starting: boolean): boolean {
  return starting
    ? state === 'running' || state === 'start-pending' || state === 'continue-pending'
    : state === 'stopped' || state === 'stop-pending';
}

export function isServing(look: ServiceLook, step: ServiceStep): boolean {
  return look.state === 'running' && step.listensOn.every((one) => hasListeningPort(look.listensOn, one));
}

export function isStopped(look: ServiceLook, step: ServiceStep): boolean {
  return look.state === 'stopped' && !step.listensOn.some((one) => hasListeningPort(look.listensOn, one));
}

/** A service in transition takes no command: Windows refuses a start while it stops, and a stop while it starts. */
async function lookSettled(step: ServiceStep, context: StepContext): Promise<ServiceLook> {
  const startedMs = context.clock.elapsedMs();
  for (;;) {
    const { state: seen } = await lookAtService(step, context);
    const isMoving = seen.state.endsWith('-pending');
    if (!isMoving || context.clock.elapsedMs() - startedMs >= context.serviceMs) return seen;
    await context.clock.sleep(pollMs, context.signal);
  }
}

/** Throws a Failure when the host can't be asked. */
export async function lookAtService(step: ServiceStep, context: StepContext): Promise<AskedService> {
  const script = writeServiceChange(null, step.service, listPorts(step), context.session.newNonce());
  const answer = await context.session.ask(script.line, { signal: context.signal });
  const result = readServiceChange(answer, script, null, step.service, listPorts(step));
  const { state } = readLook(result, step);
  if (state !== null) return { state, exit: result.exit };
  throw new Failure('step/unread', `the state of ${step.service} could not be read`, {
    where: context.host,
    hint: `check on the host: sc queryex ${step.service}`,
    effect: 'unknown',
  });
}

export function readLook(
  result: Omit<ServiceChangeResult, 'exit' | 'gaps'>,
  step: ServiceStep,
): ChangeResult<ServiceLook> {
  const { change, serviceBefore, service, sockets } = result;
  const listening = (sockets ?? []).filter((one) => one.protocol === 'tcp' && one.listening);
  const open = listening.map((one): ListeningPort => ({ family: one.family, port: one.localPort }));
  const listensOn = step.listensOn.filter((one) => hasListeningPort(open, one));
  return {
    exitCode: change?.exitCode ?? 0,
    text: change?.text ?? '',
    state: service === null || sockets === null ? null : { kind: 'service', state: findState(service), listensOn },
    before: serviceBefore === null ? null : { kind: 'service', state: findState(serviceBefore) },
    after: service === null ? null : { kind: 'service', state: findState(service) },
  };
}

function listPorts(step: ServiceStep): readonly number[] {
  return [...new Set(step.listensOn.map((one) => one.port))];
}

function findState(service: ServiceStatus): ServiceLook['state'] {
  return service.installed ? service.state : 'not-installed';
}

export function makeLook(look: ServiceLook | null): StepLook | null {
  return look === null ? null : { kind: 'service', state: look.state };
}
