// A service told to stop or start between two looks, in ONE command line: the service control manager's state, and behind it also who
// has the ports open. sc returns before the service has stopped, so the caller looks again (with no line) until it has.
import type { Gap, Socket } from '../model/facts.ts';
import type { Answer } from '../model/seams.ts';
import { readSockets, showSockets } from '../windows/listeners.ts';
import { prepareScript, writeScript } from '../windows/cmd/script.ts';
import type { Script, ScriptPart } from '../windows/cmd/script.ts';
import { readServiceExit, readServiceState, showServiceState } from '../windows/services.ts';
import type { ServiceExit, ServiceStatus } from '../windows/services.ts';
import { readAnswerParts } from './answer-parts.ts';

/** `line` null: only look; then it is a question and may be asked. With a line it must be sent with `session.change`. */
export function writeServiceChange(
  line: string | null,
  service: string,
  ports: readonly number[],
  nonce: string,
): Script {
  const questions = [showServiceState(service), showSockets(ports)];
  return writeScript(prepareScript(line === null ? questions : [showServiceState(service), line, ...questions]), nonce);
}

export { readServiceRefusal } from '../windows/service-refusals.ts';
export { isAccepted } from '../windows/services.ts';
export type { ServiceRefusal } from '../windows/service-refusals.ts';
export type { ServiceExit, ServiceStatus };

export interface ServiceChangeResult {
  /** What sc printed; null when nothing was changed. */
  readonly change: ScriptPart | null;
  /** Right before the change. Null: there was none, or it was not read. */
  readonly serviceBefore: ServiceStatus | null;
  /** Null: not read, see `gaps`. */
  readonly service: ServiceStatus | null;
  /** How it ended last; null: not read. */
  readonly exit: ServiceExit | null;
  /** All listening sockets and every socket on `ports`; null: not read, see `gaps`. */
  readonly sockets: readonly Socket[] | null;
  readonly gaps: readonly Gap[];
}

/**
 * Reads the answer to `asked`, which `writeServiceChange` made of the same line, service and ports. Throws Failure `answer/incomplete`, with effect
 * `unknown` when there was a change.
 */
export function readServiceChange(
  answer: Answer,
  asked: Script,
  line: string | null,
  service: string,
  ports: readonly number[],
): ServiceChangeResult {
  const parts = readAnswerParts(answer, asked, line !== null);
  const [beforePart, changePart] = line === null ? [] : parts;
  const [statePart, socketPart] = line === null ? parts : parts.slice(2);
  const before = readServiceState(service, beforePart?.text ?? '', beforePart?.exitCode ?? 0);
  return {
    change: changePart ?? null,
    serviceBefore: beforePart !== undefined && 'value' in before ? before.value : null,
    ...readServiceParts(statePart, socketPart, service, ports),
  };
}

/** A look at a service and at who has its ports open. */
export function readServiceParts(
  statePart: ScriptPart | undefined,
  socketPart: ScriptPart | undefined,
  service: string,
  ports: readonly number[],
): Pick<ServiceChangeResult, 'service' | 'exit' | 'sockets' | 'gaps'> {
  const status = readServiceState(service, statePart?.text ?? '', statePart?.exitCode ?? 0);
  const sockets = readSockets(socketPart?.text ?? '');
  const gaps: Gap[] = [];
  if ('problem' in status) gaps.push({ question: `state of service ${service}`, reason: status.problem });
  if ('problem' in sockets) gaps.push({ question: 'listeners', reason: sockets.problem });
  return {
    service: 'value' in status ? status.value : null,
    exit: readServiceExit(service, statePart?.text ?? '', statePart?.exitCode ?? 0),
    sockets: 'value' in sockets ? sockets.value.filter((one) => one.listening || ports.includes(one.localPort)) : null,
    gaps,
  };
}
