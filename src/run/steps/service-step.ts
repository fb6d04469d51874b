// Stops or starts one service and waits until Windows says so: running means that the service manager says running AND the
// service listens where it listened before.
import {
  readServiceChange,
  writeServiceChange,
  type ServiceChangeResult,
  type ServiceStatus,
} from '../../facts/service-change.ts';
import { asFailure, Failure } from '../../model/failure.ts';
import type { Direction, StepLook, StepState } from '../../model/outcome.ts';
import type { ServiceStep } from '../../model/plan.ts';
import { noEffect, sendChange, type ChangeResult } from './send.ts';
import type { StepContext, StepOutcome } from './step-context.ts';

type ServiceLook = Extract<StepState, { kind: 'service' }>;

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
    look: lookOf(state),
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
    if (claim.certainty === 'disputed') return end('failed', disputed(step, context.host));
  }

  sent = true;
  const script = writeServiceChange(line, step.service, step.listensOn, context.session.newNonce());
  const answer = await sendChange(
    {
      step,
      direction,
      line,
      goal: { kind: 'service', running: starting },
      before: lookOf(state),
      script: script.line,
      read: (text) => readLook(readServiceChange(text, script, line, step.service, step.listensOn), step),
    },
    context,
  );
  if ('lost' in answer && answer.lost.effect === 'none') return end('failed', answer.lost);
  const said = 'seen' in answer ? answer.seen : null;

  const startedMs = context.clock.elapsedMs();
  let seenStopped = 0;
  for (;;) {
    try {
      state = await look(step, context);
    } catch (thrown) {
      state = null;
      return end('in-doubt', 'lost' in answer ? answer.lost : asFailure(thrown));
    }
    if (isReached(state)) return end('done', null);
    seenStopped = starting && state.state === 'stopped' ? seenStopped + 1 : 0;
    const waitedMs = context.clock.elapsedMs() - startedMs;
    if (seenStopped >= stoppedLooks || waitedMs >= context.serviceMs) break;
    await context.clock.sleep(pollMs, context.signal);
  }
  if ('lost' in answer) return end('failed', answer.lost);
  return end(
    'failed',
    noEffect(context.host, line, said?.exitCode ?? 0, said?.text ?? '', describe(step, state, starting)),
  );
}

function disputed({ service }: ServiceStep, host: string): Failure {
  const message = `${service} is stopped, although Windows refused this run's command to stop it`;
  return new Failure('step/disputed', `${message}; left as it is`, {
    where: host,
    hint: `ask who stopped it; to start it: sc start ${service}`,
  });
}

function describe(step: ServiceStep, look: ServiceLook, starting: boolean): string {
  if (starting && look.state === 'running') {
    return `${step.service} runs but does not listen on ${step.listensOn.join(', ')}`;
  }
  if (!starting && look.state === 'stopped') return `${step.service} is stopped but its port is still listened on`;
  return `${step.service} is ${look.state}`;
}

function isServing(look: ServiceLook, step: ServiceStep): boolean {
  return look.state === 'running' && step.listensOn.every((port) => look.listensOn.includes(port));
}

function isStopped(look: ServiceLook, step: ServiceStep): boolean {
  return look.state === 'stopped' && !step.listensOn.some((port) => look.listensOn.includes(port));
}

/** A service in transition takes no command: Windows refuses a start while it stops, and a stop while it starts. */
async function lookSettled(step: ServiceStep, context: StepContext): Promise<ServiceLook> {
  const startedMs = context.clock.elapsedMs();
  for (;;) {
    const seen = await look(step, context);
    const isMoving = seen.state.endsWith('-pending');
    if (!isMoving || context.clock.elapsedMs() - startedMs >= context.serviceMs) return seen;
    await context.clock.sleep(pollMs, context.signal);
  }
}

async function look(step: ServiceStep, context: StepContext): Promise<ServiceLook> {
  const script = writeServiceChange(null, step.service, step.listensOn, context.session.newNonce());
  const answer = await context.session.ask(script.line, { signal: context.signal });
  const seen = readLook(readServiceChange(answer, script, null, step.service, step.listensOn), step);
  if (seen.state !== null) return seen.state;
  throw new Failure('step/unread', `the state of ${step.service} could not be read`, {
    where: context.host,
    hint: `check on the host: sc queryex ${step.service}`,
    effect: 'unknown',
  });
}

function readLook(result: ServiceChangeResult, step: ServiceStep): ChangeResult<ServiceLook> {
  const { change, serviceBefore, service, sockets } = result;
  const listensOn = (sockets ?? []).filter((one) => one.listening && step.listensOn.includes(one.localPort));
  return {
    exitCode: change?.exitCode ?? 0,
    text: change?.text ?? '',
    state:
      service === null || sockets === null
        ? null
        : { kind: 'service', state: stateOf(service), listensOn: [...new Set(listensOn.map((one) => one.localPort))] },
    before: serviceBefore === null ? null : { kind: 'service', state: stateOf(serviceBefore) },
    after: service === null ? null : { kind: 'service', state: stateOf(service) },
  };
}

function stateOf(service: ServiceStatus): ServiceLook['state'] {
  return service.installed ? service.state : 'not-installed';
}

function lookOf(look: ServiceLook | null): StepLook | null {
  return look === null ? null : { kind: 'service', state: look.state };
}
