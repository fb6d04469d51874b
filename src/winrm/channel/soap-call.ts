// One request over a SoapChannel and its answer read, as one call: a fault becomes a Failure that says whether the request may have been carried
// out. It repeats nothing.
import { asFailure } from '../../model/failure.ts';
import type { Failure } from '../../model/failure.ts';
import { withEffect } from '../effect.ts';
import type { SoapChannel } from './reconnecting-channel.ts';
import type { OperationName } from './trace.ts';
import { readEnvelope } from '../soap/envelope.ts';
import type { Envelope } from '../soap/envelope.ts';
import { createFaultFailure, readFault } from '../soap/fault.ts';
import type { WsManFault } from '../soap/fault.ts';

export interface MessageOptions {
  readonly signal?: AbortSignal | undefined;
  /** For the trace. */
  readonly note?: string | null;
  readonly careful?: boolean;
  readonly onFlushed?: () => void;
  readonly background?: boolean;
}

export interface SoapCall<T> {
  readonly what: OperationName;
  readonly request: string;
  readonly read: (envelope: Envelope) => T;
  /** Default: the faults of shells. */
  readonly failureOf?: (fault: WsManFault, where: string) => Failure;
}

/** Throws Failure. */
export async function callSoap<T>(channel: SoapChannel, call: SoapCall<T>, options: MessageOptions): Promise<T> {
  const { failureOf = createFaultFailure } = call;
  const answer = await callUnlessFault(channel, call, options);
  if (!('fault' in answer)) return answer.value;
  throw withFaultEffect(failureOf(answer.fault, channel.where), channel.where);
}

/** The same, but null for the faults that `isNothingYet` knows. */
export async function callSoapUnlessNothingYet<T>(
  channel: SoapChannel,
  call: SoapCall<T>,
  isNothingYet: (fault: WsManFault) => boolean,
  options: MessageOptions,
): Promise<T | null> {
  const { failureOf = createFaultFailure } = call;
  const answer = await callUnlessFault(channel, call, options);
  if (!('fault' in answer)) return answer.value;
  if (isNothingYet(answer.fault)) return null;
  throw withFaultEffect(failureOf(answer.fault, channel.where), channel.where);
}

async function callUnlessFault<T>(
  channel: SoapChannel,
  { what, request, read }: SoapCall<T>,
  options: MessageOptions,
): Promise<{ readonly value: T } | { readonly fault: WsManFault }> {
  const text = await channel.send(request, { what, ...options, note: options.note ?? null });
  try {
    const envelope = readEnvelope(text);
    const fault = readFault(envelope);
    return fault === null ? { value: read(envelope) } : { fault };
  } catch (thrown) {
    throw withFaultEffect(asFailure(thrown), channel.where);
  }
}

function withFaultEffect(failure: Failure, where: string): Failure {
  return neverRan.includes(failure.code) ? failure : withEffect(failure, 'unknown', where);
}

/** Faults by which a server rejects a request before it does anything. After any other the request may have been carried out. */
const neverRan: readonly string[] = [
  'wire/access-denied',
  'auth/refused',
  'wire/quota',
  'wire/shell-gone',
  'command/too-long',
  'cim/not-found',
];
