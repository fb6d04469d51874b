// One authenticated connection: the 401 dance, then SOAP text out and SOAP text in, sealed where the security context seals. The first
// message travels together with the last token, which saves a request. It never reconnects and sends nothing twice: reconnecting-channel.ts does.
// Sources: MS-WSMV 2.2.9.1 and 4.5; wsman.md sections 0 (fact 1), 2.13 and 3.1.
import { asFailure } from '../../model/failure.ts';
import { createLostLogonFailure } from '../auth/logon-failures.ts';
import type { LogonNames } from '../auth/logon-failures.ts';
import type { SecurityContext } from '../auth/security-context.ts';
import { withEffect } from '../effect.ts';
import {
  writeAuthorization,
  createRejectionFailure,
  nameLastToken,
  performHandshake,
  switchScheme,
  takeFinalToken,
} from '../auth/handshake.ts';
import type { PostToken } from '../auth/handshake.ts';
import type { HttpConnection } from '../http/http-connection.ts';
import type { HttpAnswer } from '../http/answer-reader.ts';
import { readSoapText } from './soap-answer.ts';
import { writeSealedBody } from './sealed-body.ts';
import type { SealedProtocol } from './sealed-body.ts';
import { createStatusFailure } from '../http/status-failures.ts';
import type { RoundTripName, OperationName, Tracer } from './trace.ts';

const soapType = 'application/soap+xml;charset=UTF-8';

export interface ChannelOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ChannelSend extends ChannelOptions {
  readonly what: OperationName;
  readonly note: string | null;
  /** True: the handshake is finished with an empty request before the message is sent. */
  readonly separately: boolean;
  readonly onFlushed?: () => void;
  readonly background?: boolean;
}

export interface Channel {
  readonly isOpen: boolean;
  /**
   * Sends a SOAP message; returns the SOAP text of the answer, a fault included. Null: the server took the last token, but not the
   * message that came with it; this connection is then of no use. Throws Failure, with `effect` for this very message.
   */
  request(message: string, options: ChannelSend): Promise<string | null>;
  close(): void;
}

export interface ChannelParts {
  readonly connection: HttpConnection;
  readonly context: SecurityContext;
  /** For the trace of the first request: which way to log on was taken, and why. Null when there is nothing to say. */
  readonly note: string | null;
  readonly names: LogonNames;
  readonly requestMs: number;
  readonly tracer: Tracer;
  /** The cookie that binds a shell to one machine behind a load balancer [MS-WSMV 3.1.4.1.31.4]; shared by a host's channels. */
  readonly affinity: { cookie: string | null };
}

export function createChannel(parts: ChannelParts): Channel {
  const { connection, names } = parts;
  let { context, note: firstNote } = parts;
  let authenticated = false;
  /** The Authorization header of every request, where there is no handshake. */
  let everyRequest: string | null = null;

  async function request(message: string, options: ChannelSend): Promise<string | null> {
    if (authenticated) return await sendMessage(message, options, null);
    if (context.method === 'basic' || context.method === 'certificate') {
      everyRequest = writeAuthorization(context, context.step(null) ?? new Uint8Array());
      authenticated = true;
      return await sendMessage(message, options, null);
    }
    const postToken: PostToken = (what, value) => post(what, new Uint8Array(), { authorization: value }, options);
    const handshake = await beforeMessage(() => performHandshake(context, names, postToken));
    ({ context } = handshake);
    const { token } = handshake;
    if (token !== null && options.separately) await beforeMessage(() => finishHandshake(token, options));
    if (token !== null && !options.separately) return await sendMessage(message, options, token);
    authenticated = true;
    return await sendMessage(message, options, null);
  }

  async function finishHandshake(token: Uint8Array, options: ChannelSend): Promise<void> {
    const headers = { authorization: writeAuthorization(context, token) };
    const answer = await post(nameLastToken(context), new Uint8Array(), headers, options);
    const other = await switchScheme(context, answer);
    if (other !== null) {
      context = other;
      await finishHandshake(context.step(null) ?? new Uint8Array(), options);
      return;
    }
    if (answer.status === 401) throw createRejectionFailure(context, names, answer);
    if (answer.status !== 200) throw createStatusFailure(answer.status, names.where, 'none');
    takeFinalToken(context, names, answer, 'none');
  }

  /** `token`: the last one of the handshake, when it goes with this message. */
  async function sendMessage(message: string, options: ChannelSend, token: Uint8Array | null): Promise<string | null> {
    const plain = Buffer.from(message, 'utf8');
    const { sealing } = context;
    const framed =
      sealing === null
        ? { contentType: soapType, body: plain }
        : writeSealedBody({ protocol: toSealedProtocol(context), sealing, message: plain });
    const authorization = token === null ? everyRequest : writeAuthorization(context, token);
    const headers = { 'content-type': framed.contentType, ...(authorization === null ? {} : { authorization }) };
    const what = token === null ? options.what : (`${nameLastToken(context)}+${options.what}` as const);
    const answer = await post(what, framed.body, headers, options);
    if (answer.status === 401) {
      if (token === null && everyRequest === null) throw createLostLogonFailure(names);
      const other = await switchScheme(context, answer);
      if (other === null) throw createRejectionFailure(context, names, answer);
      context = other;
      return await sendMessage(message, options, context.step(null));
    }
    try {
      if (token !== null) {
        if (answer.status === 400 || (answer.status === 200 && answer.body.length === 0)) return null;
        authenticated = true;
        takeFinalToken(context, names, answer, 'unknown');
      }
      return readSoapText(answer, context.sealing, names.where);
    } catch (thrown) {
      close();
      throw asFailure(thrown);
    }
  }

  async function post(
    what: RoundTripName,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    options: ChannelSend,
  ): Promise<HttpAnswer> {
    const { tracer, affinity, requestMs } = parts;
    const startedMs = tracer.start();
    const said = [firstNote, options.note].filter((one) => one !== null).join('; ');
    firstNote = null;
    const carriesMessage = body.length > 0;
    try {
      const answer = await connection.post({
        headers: affinity.cookie === null ? headers : { ...headers, cookie: affinity.cookie },
        body,
        timeoutMs: requestMs,
        signal: options.signal,
        onFlushed: carriesMessage ? options.onFlushed : undefined,
        background: carriesMessage ? options.background : undefined,
      });
      tracer.record({
        what,
        requestBytes: body.length,
        answer: { status: answer.status, bytes: answer.body.length },
        startedMs,
        note: said === '' ? null : said,
      });
      const cookie = answer.headers['set-cookie']?.find((one) => /^MS-WSMAN=/i.test(one));
      if (cookie !== undefined) affinity.cookie = cookie.replace(/;.*$/s, '');
      return answer;
    } catch (thrown) {
      const failure = asFailure(thrown);
      const note = said === '' ? failure.code : `${failure.code}; ${said}`;
      tracer.record({ what, requestBytes: body.length, answer: null, startedMs, note });
      throw failure;
    }
  }

  /** Whatever happens here happens before the message is sent, and closes the connection. */
  async function beforeMessage<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      close();
      throw withEffect(asFailure(thrown), 'none', names.where);
    }
  }

  return {
    get isOpen() {
      return connection.isOpen;
    },
    request,
    close,
  };

  function close(): void {
    connection.close();
    context.close();
  }
}

/** As Windows names it in each case [MS-WSMV 2.2.9.1.1.2.2, 2.2.9.1.2.2.2]; another answers 415. */
function toSealedProtocol({ scheme }: SecurityContext): SealedProtocol {
  return scheme === 'Kerberos'
    ? 'application/HTTP-Kerberos-session-encrypted'
    : 'application/HTTP-SPNEGO-session-encrypted';
}
