// One authenticated connection: the 401 dance, then SOAP text out and SOAP text in, sealed where the security context seals. The first
// message travels together with the last token, which saves a request. It never connects anew and sends nothing twice: link.ts does.
// Sources: MS-WSMV 2.2.9.1 and 4.5; wsman.md sections 0 (fact 1), 2.13 and 3.1.
import { asFailure, Failure } from '../model/failure.ts';
import {
  failureOfDeclinedNtlm,
  failureOfLostLogon,
  failureOfMissingScheme,
  failureOfRefusedLogon,
} from './auth-failures.ts';
import type { LogonNames } from './auth-failures.ts';
import type { SecurityContext } from './auth/security-context.ts';
import { readChallenges, tokenFor } from './challenges.ts';
import type { Challenge } from './challenges.ts';
import { withEffect } from './effect.ts';
import type { HttpAnswer, HttpConnection } from './http.ts';
import { contentTypeOf, readSoapText } from './http-answer.ts';
import { writeSealedBody } from './sealed-body.ts';
import { failureOfForeignAnswer, failureOfStatus } from './status-failures.ts';
import type { ExchangeName, OperationName, Tracer } from './trace.ts';

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
  exchange(message: string, options: ChannelSend): Promise<string | null>;
  close(): void;
}

export interface ChannelParts {
  readonly connection: HttpConnection;
  readonly context: SecurityContext;
  readonly names: LogonNames;
  readonly requestMs: number;
  readonly tracer: Tracer;
  /** The cookie that binds a shell to one machine behind a load balancer [MS-WSMV 3.1.4.1.31.4]; shared by a host's channels. */
  readonly affinity: { cookie: string | null };
}

export function createChannel(parts: ChannelParts): Channel {
  const { connection, context, names } = parts;
  let authenticated = false;
  let basicToken: Uint8Array | null = null;

  async function exchange(message: string, options: ChannelSend): Promise<string | null> {
    if (authenticated) return await sendMessage(message, options, null);
    if (context.scheme === 'Basic') {
      basicToken = context.step(null);
      authenticated = true;
      return await sendMessage(message, options, null);
    }
    const token = await beforeMessage(() => negotiate(options));
    if (options.separately) {
      await beforeMessage(() => finishHandshake(token, options));
      authenticated = true;
      return await sendMessage(message, options, null);
    }
    return await sendMessage(message, options, token);
  }

  /** All tokens but the last, on empty requests. Returns the last one, which may carry a message. */
  async function negotiate(options: ChannelSend): Promise<Uint8Array> {
    let token = context.step(null);
    while (token !== null && !context.done) {
      const answer = await post('type1', new Uint8Array(), { authorization: authorization(token) }, options);
      token = context.step(readNextToken(answer));
    }
    if (token === null) throw new Failure('auth/server', `${names.where}: the handshake ended without a last token`);
    return token;
  }

  function readNextToken(answer: HttpAnswer): Uint8Array {
    const offered = challengesOf(answer);
    const token = tokenFor(offered, context.scheme);
    if (answer.status === 401 && token !== null) return token;
    if (answer.status !== 401) {
      if (answer.status < 300) throw failureOfForeignAnswer(answer.status, contentTypeOf(answer), names.where);
      throw failureOfStatus(answer.status, names.where, 'none');
    }
    if (offered.some((one) => one.scheme.toLowerCase() === 'negotiate')) throw failureOfDeclinedNtlm(names);
    throw failureOfMissingScheme(names, context.scheme, offered);
  }

  async function finishHandshake(token: Uint8Array, options: ChannelSend): Promise<void> {
    const answer = await post('type3', new Uint8Array(), { authorization: authorization(token) }, options);
    if (answer.status === 401) throw failureOfRefusedLogon(names, challengesOf(answer));
    if (answer.status !== 200) throw failureOfStatus(answer.status, names.where, 'none');
    takeFinalToken(answer);
  }

  /** `token`: the last one of the handshake, when it goes with this message. */
  async function sendMessage(message: string, options: ChannelSend, token: Uint8Array | null): Promise<string | null> {
    const plain = Buffer.from(message, 'utf8');
    const { sealing } = context;
    const framed =
      sealing === null
        ? { contentType: soapType, body: plain }
        : writeSealedBody({ protocol: 'application/HTTP-SPNEGO-session-encrypted', sealing, message: plain });
    const credentials = token ?? basicToken;
    const headers = {
      'content-type': framed.contentType,
      ...(credentials === null ? {} : { authorization: authorization(credentials) }),
    };
    const answer = await post(token === null ? options.what : `type3+${options.what}`, framed.body, headers, options);
    if (answer.status === 401) {
      if (token === null && basicToken === null) throw failureOfLostLogon(names);
      const offered = challengesOf(answer);
      const isOffered = offered.some((one) => one.scheme.toLowerCase() === context.scheme.toLowerCase());
      throw isOffered || token !== null
        ? failureOfRefusedLogon(names, offered)
        : failureOfMissingScheme(names, context.scheme, offered);
    }
    if (token !== null) {
      if (answer.status === 400 || (answer.status === 200 && answer.body.length === 0)) return null;
      authenticated = true;
      takeFinalToken(answer);
    }
    try {
      return readSoapText(answer, context.sealing, names.where);
    } catch (thrown) {
      connection.close();
      throw asFailure(thrown);
    }
  }

  /** SPNEGO ends with a token of the server's on the answer that has the message; it belongs before the unsealing. */
  function takeFinalToken(answer: HttpAnswer): void {
    const token = tokenFor(challengesOf(answer), context.scheme);
    if (token !== null) context.step(token);
  }

  function authorization(token: Uint8Array): string {
    return `${context.scheme} ${Buffer.from(token).toString('base64')}`;
  }

  async function post(
    what: ExchangeName,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    options: ChannelSend,
  ): Promise<HttpAnswer> {
    const { tracer, affinity, requestMs } = parts;
    const startedMs = tracer.start();
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
        note: options.note,
      });
      const cookie = answer.headers['set-cookie']?.find((one) => /^MS-WSMAN=/i.test(one));
      if (cookie !== undefined) affinity.cookie = cookie.replace(/;.*$/s, '');
      return answer;
    } catch (thrown) {
      const failure = asFailure(thrown);
      const note = options.note === null ? failure.code : `${failure.code}; ${options.note}`;
      tracer.record({ what, requestBytes: body.length, answer: null, startedMs, note });
      throw failure;
    }
  }

  /** Whatever happens here happens before the message is sent, and closes the connection. */
  async function beforeMessage<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      connection.close();
      throw withEffect(asFailure(thrown), 'none', names.where);
    }
  }

  return {
    get isOpen() {
      return connection.isOpen;
    },
    exchange,
    close() {
      connection.close();
    },
  };
}

function challengesOf(answer: HttpAnswer): readonly Challenge[] {
  return readChallenges(answer.headers['www-authenticate'] ?? []);
}
