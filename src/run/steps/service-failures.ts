// Why a service step failed, in words: what Windows refused, how the service ended, and what to type on the host. It decides nothing.
import { isAccepted, type ServiceExit, type ServiceRefusal } from '../../facts/service-change.ts';
import { Failure } from '../../model/failure.ts';
import { describeListeningPorts, hasListeningPort } from '../../model/listening-port.ts';
import type { StepState } from '../../model/outcome.ts';
import type { ServiceStep } from '../../model/plan.ts';
import { noEffect } from './send.ts';

interface FailedService {
  readonly host: string;
  readonly line: string;
  readonly exitCode: number;
  readonly step: ServiceStep;
  readonly starting: boolean;
  readonly state: Extract<StepState, { kind: 'service' }>;
}

/** Windows refused the command, and the service is as it was. */
export function refusedCommand({
  host,
  line,
  exitCode,
  refusal,
  step,
  starting,
  state,
}: FailedService & { readonly refusal: ServiceRefusal }): Failure {
  const { service } = step;
  const message = `Windows refused "${line}" (${exitCode}: ${refusal.reason}); ${service} is ${state.state}, as before`;
  return new Failure('step/refused', message, {
    where: host,
    hint: starting ? `${refusal.fix}; then start it on the host: sc start ${service}` : refusal.fix,
  });
}

/** The command was accepted, and the service did not get there in time. */
export function notReached({
  host,
  line,
  exitCode,
  text,
  step,
  starting,
  state,
  exit,
}: FailedService & { readonly text: string; readonly exit: ServiceExit | null }): Failure {
  const { service } = step;
  const ended = starting && state.state === 'stopped' && exit !== null ? `; it ended with ${describeExit(exit)}` : '';
  const advice = starting
    ? `see why in the host's Application and System event logs; to start it by hand, on the host: sc start ${service}`
    : `see what keeps it, on the host: sc queryex ${service}`;
  const found = `${describe(step, state, starting)}${ended}`;
  if (!isAccepted(service, text, exitCode)) return noEffect(host, line, exitCode, text, found, advice);
  return new Failure('step/no-effect', `Windows accepted "${line}", but afterwards ${found}`, {
    where: host,
    hint: advice,
  });
}

/** Somebody may have stopped it: left to the operator. */
export function disputedStop({ service }: ServiceStep, host: string): Failure {
  const message = `${service} is stopped, although Windows refused this run's command to stop it`;
  return new Failure('step/disputed', `${message}; left as it is`, {
    where: host,
    hint: `ask who stopped it; to start it: sc start ${service}`,
  });
}

function describe(step: ServiceStep, { state, listensOn }: FailedService['state'], starting: boolean): string {
  const { service } = step;
  const missing = step.listensOn.filter((one) => !hasListeningPort(listensOn, one));
  if (starting && state === 'running')
    return `${service} runs but does not listen on ${describeListeningPorts(missing)}`;
  if (!starting && state === 'stopped') return `${service} is stopped but its port is still listened on`;
  return `${service} is ${state}`;
}

/** 1066 and 1067: winerror.h, ERROR_SERVICE_SPECIFIC_ERROR and ERROR_PROCESS_ABORTED. */
function describeExit({ win32, own }: ServiceExit): string {
  if (win32 === 1066) return `exit code ${own} of its own (SERVICE_EXIT_CODE; WIN32_EXIT_CODE 1066)`;
  const words = win32 === 1067 ? ': its process ended unexpectedly' : '';
  return `WIN32_EXIT_CODE ${win32}${words} (SERVICE_EXIT_CODE ${own})`;
}
