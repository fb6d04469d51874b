// The messages of a shell as calls: each writes its request, sends it over the Link, reads the answer, and turns a fault into a Failure
// that says whether the request may have been carried out. It repeats nothing but a Create (for old systems). See shell.ts for that.
import { asFailure } from '../model/failure.ts';
import { withEffect } from './effect.ts';
import type { Link, SendOptions } from './link.ts';
import { readEnvelope } from './wire/envelope.ts';
import type { Envelope } from './wire/envelope.ts';
import { failureOfFault, isOperationTimeout, readFault } from './wire/fault.ts';
import type { WsManFault } from './wire/fault.ts';
import { commandRequest, createShellRequest, deleteRequest, receiveRequest, signalRequest } from './wire/requests.ts';
import type { RequestBase } from './wire/requests.ts';
import { readCommandResponse, readCreateResponse, readReceiveResponse } from './wire/responses.ts';
import type { Received } from './wire/responses.ts';

/** UTF-8, and the code page that every Windows has (wsman.md section 2.9). */
const codePages = [65001, 437] as const;
/** A shell that nobody deleted (our process was killed) goes away after this, and frees its place in MaxShellsPerUser. */
const idleTimeoutMs = 15 * 60_000;
/** What native clients ask for; the server takes the smaller of this and its own limit (wsman.md section 2.3). */
const maxEnvelopeBytes = 512_000;

export interface MessageOptions {
  readonly signal?: AbortSignal | undefined;
  /** For the trace. */
  readonly note?: string | null;
  readonly careful?: boolean;
  readonly onFlushed?: () => void;
  readonly background?: boolean;
}

export interface ShellMessagesParts {
  readonly link: Link;
  /** `http://ex01:5985/wsman` */
  readonly url: string;
  readonly operationMs: number;
  /** `uuid:` and a new upper-case GUID. */
  readonly newId: () => string;
}

export class ShellMessages {
  readonly #parts: ShellMessagesParts;
  #codePage: (typeof codePages)[number] = codePages[0];

  constructor(parts: ShellMessagesParts) {
    this.#parts = parts;
  }

  /** The id of a new shell. A server that knows no code page 65001 gets one more chance with 437. */
  async create(options: MessageOptions): Promise<string> {
    try {
      return await this.#createWith(this.#codePage, options);
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.code !== 'wire/fault' || failure.retry !== 'never' || this.#codePage !== codePages[0]) throw failure;
      const shellId = await this.#createWith(codePages[1], { ...options, note: 'again with code page 437' });
      this.#codePage = codePages[1];
      return shellId;
    }
  }

  async #createWith(codePage: number, options: MessageOptions): Promise<string> {
    const request = createShellRequest({ ...this.#base(), codePage, noProfile: true, idleTimeoutMs });
    return await this.#call('create', request, options, (envelope) => readCreateResponse(envelope).shellId);
  }

  /** The id of the started command. `careful`: see SendOptions. */
  async command(shellId: string, line: string, options: MessageOptions): Promise<string> {
    const request = commandRequest({ ...this.#base(), shellId, command: line });
    return await this.#call('command', request, options, (envelope) => readCommandResponse(envelope).commandId);
  }

  /** Output so far; null for "nothing yet" (fault 2150858793). */
  async receive(shellId: string, commandId: string, options: MessageOptions): Promise<Received | null> {
    const request = receiveRequest({ ...this.#base(), shellId, commandId });
    return await this.#call('receive', request, options, readReceiveResponse, (fault) => isOperationTimeout(fault));
  }

  async terminate(shellId: string, commandId: string, options: MessageOptions): Promise<void> {
    const request = signalRequest({ ...this.#base(), shellId, commandId, code: 'terminate' });
    await this.#call('signal', request, options, () => true);
  }

  async delete(shellId: string, options: MessageOptions): Promise<void> {
    await this.#call('delete', deleteRequest({ ...this.#base(), shellId }), options, () => true);
  }

  disconnect(): void {
    this.#parts.link.close();
  }

  #base(): RequestBase {
    const { url, operationMs, newId } = this.#parts;
    return {
      url,
      messageId: newId(),
      sessionId: null,
      operationTimeoutMs: operationMs,
      maxEnvelopeBytes,
      locale: 'en-US',
    };
  }

  async #call<T>(
    what: SendOptions['what'],
    request: string,
    options: MessageOptions,
    read: (envelope: Envelope) => T,
  ): Promise<T>;
  async #call<T>(
    what: SendOptions['what'],
    request: string,
    options: MessageOptions,
    read: (envelope: Envelope) => T,
    isNothingYet: (fault: WsManFault) => boolean,
  ): Promise<T | null>;
  async #call<T>(
    what: SendOptions['what'],
    request: string,
    options: MessageOptions,
    read: (envelope: Envelope) => T,
    isNothingYet: (fault: WsManFault) => boolean = () => false,
  ): Promise<T | null> {
    const { link } = this.#parts;
    const text = await link.send(request, { ...options, what, note: options.note ?? null });
    try {
      const envelope = readEnvelope(text);
      const fault = readFault(envelope);
      if (fault === null) return read(envelope);
      if (isNothingYet(fault)) return null;
      throw failureOfFault(fault, link.where);
    } catch (thrown) {
      const failure = asFailure(thrown);
      throw neverRan.includes(failure.code) ? failure : withEffect(failure, 'unknown', link.where);
    }
  }
}

/** Faults by which a server rejects a request before it does anything. After any other the request may have been carried out. */
const neverRan: readonly string[] = [
  'wire/access-denied',
  'auth/refused',
  'wire/quota',
  'wire/shell-gone',
  'command/too-long',
];
