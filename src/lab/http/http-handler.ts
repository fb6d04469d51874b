// One HTTP request to a simulated server, from its head to what the socket is to do: HTTP rules, authentication, mishaps,
// the service, sealing, the record. It touches no socket itself; fleet.ts carries out the reply.
// Source: MS-WSMV 3.1.4.1.20 and 3.1.4.1.31.8; facts wsman.md sections 2.1, 2.13 and 8.
import { Failure } from '../../model/failure.ts';
import type { Acceptor, Admission } from './acceptor.ts';
import type { WinrmService, SoapAnswer } from '../wsman/winrm-service.ts';
import type { LabClock } from '../lab-clock.ts';
import type { MishapDeck, SoapOperation } from '../mishaps.ts';
import type { Caller } from '../wsman/shell-operations.ts';
import type { MishapAct } from '../scenario/server-spec.ts';
import { readSoapRequest } from '../wsman/soap.ts';
import type { SoapRequest } from '../wsman/soap.ts';
import { chunkedRequest, faultWithCode, schemaError } from '../wsman/soap-faults.ts';

export interface LabHttpRequest {
  readonly method: string;
  /** Path and query as the client wrote them. */
  readonly target: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** The body went on beyond what any message may have; `body` is cut. */
  readonly isTooLarge: boolean;
  readonly clientAddress: string;
  /** 1, 2, 3, ... over the connections that carried a request. */
  readonly connection: number;
}

/** What the socket is to do. `silence`: no answer, the connection stays; `drop`: no answer, the connection is cut. */
export type HttpReply =
  | {
      readonly kind: 'send' | 'send-half';
      readonly status: number;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly body: Uint8Array;
      readonly close: boolean;
      /** To be called when the last byte has left. */
      readonly delivered: () => void;
    }
  | { readonly kind: 'silence' }
  | { readonly kind: 'drop' };

/** One line of a server's log. */
export interface RequestRecord {
  /** 1, 2, 3, ... over all HTTP requests to this server. */
  readonly n: number;
  readonly connection: number;
  /** Null: no SOAP in it. */
  readonly operation: SoapOperation | null;
  readonly commandLine: string | null;
  /** The shell that the request is for; null: it names none. */
  readonly shellId: string | null;
  /** Who sent the message, `DOMAIN\\user`; null: no SOAP in it, or Identify without a logon. */
  readonly user: string | null;
  /** Null: no answer was given. */
  readonly status: number | null;
  /** The mishap that this request met. */
  readonly mishap: MishapAct['kind'] | null;
  /** ISO 8601, UTC: when the request was there. */
  readonly at: string;
}

export interface HttpHandlerOptions {
  readonly scheme: 'http' | 'https';
  readonly service: WinrmService;
  readonly mishaps: MishapDeck;
  readonly clock: LabClock;
  /** How long every answer is held back, for benches. */
  readonly delayMs: number;
  readonly record: (record: RequestRecord) => void;
}

export interface HttpHandler {
  /** Never rejects for what a client sent. */
  serve(request: LabHttpRequest, acceptor: Acceptor): Promise<HttpReply>;
}

export function createHttpHandler(options: HttpHandlerOptions): HttpHandler {
  const { service, mishaps, clock } = options;
  let requestCount = 0;
  /** To be carried out once so many requests have come. */
  let late: readonly { readonly behind: number; readonly asked: RequestContent }[] = [];

  return {
    async serve(request, acceptor) {
      requestCount += 1;
      const n = requestCount;
      const at = clock.now();
      const asked = readRequest(request, acceptor);
      const soap = asked.kind === 'soap' ? asked.soap : null;
      const operation = asked.kind === 'identify' ? 'identify' : (soap?.operation ?? null);
      const commandLine = soap === null ? null : service.readCommandLine(soap);
      const act = mishaps.next({ operation, commandLine, requestNumber: n });
      if (act?.kind === 'stranger') service.doAsStranger(act.deed);
      if (act?.kind === 'late') late = [...late, { behind: n + act.byRequests, asked }];
      const reply = await makeReply(asked, act);
      await carryOutLate(n);
      const status = reply.kind === 'silence' || reply.kind === 'drop' ? null : reply.status;
      const { connection } = request;
      const user = asked.kind === 'soap' ? asked.caller.user : null;
      const shellId = soap?.shellId ?? null;
      options.record({ n, connection, operation, commandLine, shellId, user, status, mishap: act?.kind ?? null, at });
      return reply;
    },
  };

  async function carryOutLate(n: number): Promise<void> {
    const due = late.filter((one) => one.behind <= n);
    late = late.filter((one) => one.behind > n);
    for (const { asked } of due) await handleContent(asked, null);
  }

  /** What the request asks for, before any trouble. Authentication and unsealing happen here and only once. */
  function readRequest(request: LabHttpRequest, acceptor: Acceptor): RequestContent {
    const early = checkHttpRules(request, service.maxEnvelopeBytes);
    if (early !== null) return { kind: 'reply', reply: early };
    const admission = acceptor.admit({ headers: request.headers, body: request.body });
    if (admission.kind === 'identify') return { kind: 'identify' };
    if (admission.kind === 'answer') {
      const { status, close } = admission;
      return { kind: 'reply', reply: makeEmptyReply(status, listChallengeHeaders(admission.challenges), close) };
    }
    const host = request.headers['host'] ?? '127.0.0.1';
    const url = `${options.scheme}://${host}/wsman`;
    const caller = {
      user: admission.user,
      address: request.clientAddress,
      url: URL.canParse(url) ? url : `${options.scheme}://127.0.0.1/wsman`,
    };
    const isChunked = request.headers['transfer-encoding'] !== undefined;
    return { kind: 'soap', admission, caller, isChunked, soap: readSoapOrNull(admission.text) };
  }

  async function makeReply(asked: RequestContent, act: MishapAct | null): Promise<HttpReply> {
    if (act?.kind === 'drop-before' || act?.kind === 'refuse' || act?.kind === 'late') return { kind: 'drop' };
    if (act?.kind === 'hang') return { kind: 'silence' };
    if (act?.kind === 'status') return makeEmptyReply(act.status, [], false);
    const reply = await handleContent(asked, act);
    await pause(options.delayMs + (act?.kind === 'delay' ? act.delayMs : 0));
    if (act?.kind === 'drop-after') return { kind: 'drop' };
    return act?.kind === 'half-answer' ? { ...reply, kind: 'send-half' } : reply;
  }

  async function handleContent(asked: RequestContent, act: MishapAct | null): Promise<SendReply> {
    if (asked.kind === 'reply') return asked.reply;
    if (asked.kind === 'identify') return makeSoapReply(service.identify(false), wrapInClear, []);
    const { admission, caller, soap } = asked;
    const answer = await callService(asked, act, caller, soap);
    return makeSoapReply(answer, admission.wrap, admission.challenges);
  }

  function callService(
    asked: Extract<RequestContent, { kind: 'soap' }>,
    act: MishapAct | null,
    caller: Caller,
    soap: SoapRequest | null,
  ): SoapAnswer | Promise<SoapAnswer> {
    if (act?.kind === 'fault') return service.refuse(faultWithCode(act.code, act.text), soap, caller);
    if (asked.isChunked) return service.refuse(chunkedRequest, soap, caller);
    if (soap === null) return service.refuse(schemaError('Envelope'), null, caller);
    return service.handle(soap, caller);
  }

  function pause(delayMs: number): Promise<void> {
    return delayMs <= 0 ? Promise.resolve() : new Promise((resolve) => void clock.after(delayMs, resolve));
  }
}

type SendReply = Extract<HttpReply, { kind: 'send' | 'send-half' }>;

type RequestContent =
  | { readonly kind: 'reply'; readonly reply: SendReply }
  | { readonly kind: 'identify' }
  | {
      readonly kind: 'soap';
      readonly admission: Extract<Admission, { kind: 'soap' }>;
      readonly caller: Caller;
      readonly isChunked: boolean;
      /** Null: no SOAP could be read out of it. */
      readonly soap: SoapRequest | null;
    };

/** Room for the multipart framing and the signature around a sealed message. */
const framingBytes = 1024;

/** What HTTP.sys and WinRM refuse before anybody is asked who they are; null: nothing. */
function checkHttpRules(request: LabHttpRequest, maxEnvelopeBytes: number): SendReply | null {
  const path = request.target.split('?', 1)[0] ?? '';
  if (!/^\/wsman\/?$/i.test(path)) return makeEmptyReply(404, [], false);
  if (request.method !== 'POST') return makeEmptyReply(405, [['Allow', 'POST']], false);
  const isChunked = request.headers['transfer-encoding'] !== undefined;
  if (!isChunked && request.headers['content-length'] === undefined) return makeEmptyReply(411, [], true);
  const isTooLarge = request.isTooLarge || request.body.length > maxEnvelopeBytes + framingBytes;
  // The seal's sequence is lost with a message that was not read, so the connection ends here.
  return isTooLarge ? makeEmptyReply(413, [], true) : null;
}

function readSoapOrNull(text: string): SoapRequest | null {
  try {
    return readSoapRequest(text);
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}

const wrapInClear = (answer: string): { readonly contentType: string; readonly body: Uint8Array } => ({
  contentType: 'application/soap+xml;charset=UTF-8',
  body: Buffer.from(answer, 'utf8'),
});

function makeSoapReply(
  answer: SoapAnswer,
  wrap: (answer: string) => { readonly contentType: string; readonly body: Uint8Array },
  challenges: readonly string[],
): SendReply {
  const { contentType, body } = wrap(answer.body);
  const headers = [...listChallengeHeaders(challenges), ['Content-Type', contentType] as const];
  return { kind: 'send', status: answer.status, headers, body, close: false, delivered: answer.delivered };
}

function makeEmptyReply(status: number, headers: SendReply['headers'], close: boolean): SendReply {
  return { kind: 'send', status, headers, body: new Uint8Array(), close, delivered: () => undefined };
}

function listChallengeHeaders(challenges: readonly string[]): SendReply['headers'] {
  return challenges.map((value) => ['WWW-Authenticate', value] as const);
}
