// How far one gets to a listener without logging on: a TCP connection, TLS, and what answers to Identify. For a doctor's questions; the
// connections made here are closed and carry no secret; the one request is traced like those of a session. Source: MS-WSMV 3.1.4.1.23 (Identify without authentication).
import { X509Certificate } from 'node:crypto';
import { asFailure } from '../model/failure.ts';
import type { Connection } from '../model/target.ts';
import { formatSchemes, readChallenges } from './auth/challenges.ts';
import { readSoapText } from './channel/soap-answer.ts';
import type { Tracer } from './channel/trace.ts';
import type { HttpAnswer } from './http/answer-reader.ts';
import { openConnection, type HttpConnection, type HttpEndpoint } from './http/http-connection.ts';
import { createStatusFailure } from './http/status-failures.ts';
import { readEnvelope } from './soap/envelope.ts';
import { writeIdentifyRequest } from './soap/requests.ts';
import { readIdentifyResponse } from './soap/responses.ts';

export interface Certificate {
  readonly subject: string;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
}

export interface ListenerAnswer {
  /** `OS: 0.0.0 SP: 0.0 Stack: 3.0`; null when the listener asks for a logon first. */
  readonly product: string | null;
  /** Ways to log on, as it offers them; null when it did not say. */
  readonly offers: string | null;
  /** The Server header. */
  readonly server: string | null;
}

/** TCP alone. Throws Failure `connect/...`. */
export async function probePort(connection: Connection, signal?: AbortSignal): Promise<void> {
  (await openConnection({ ...toEndpoint(connection), scheme: 'http' }, signal)).close();
}

/** TCP and TLS with every check of the certificate; null over http. Throws Failure `connect/...`, `tls/...`, `inventory/unreadable`. */
export async function probeTls(connection: Connection, signal?: AbortSignal): Promise<Certificate | null> {
  const opened = await openConnection(toEndpoint(connection), signal);
  opened.close();
  if (opened.peerCertificate === null) return null;
  const certificate = new X509Certificate(opened.peerCertificate);
  return { subject: certificate.subject, expiresAt: new Date(certificate.validTo).toISOString() };
}

/** Asks who answers. A request for a logon is an answer too. Throws Failure `http/...`, `wire/...` and those of the connection. */
export async function identifyListener(
  connection: Connection,
  { signal, tracer = null }: { readonly signal?: AbortSignal; readonly tracer?: Tracer | null } = {},
): Promise<ListenerAnswer> {
  const opened = await openConnection(toEndpoint(connection), signal);
  try {
    const answer = await askWhoAnswers(opened, connection.timeouts.requestMs, tracer, signal);
    const server = answer.headers['server']?.[0] ?? null;
    const challenges = readChallenges(answer.headers['www-authenticate'] ?? []);
    const offers = challenges.length === 0 ? null : formatSchemes(challenges);
    if (answer.status === 401 && offers !== null) return { product: null, offers, server };
    if (answer.status !== 200) throw createStatusFailure(answer.status, opened.where, 'none');
    const identity = readIdentifyResponse(readEnvelope(readSoapText(answer, null, opened.where)));
    return { product: identity.productVersion, offers, server };
  } finally {
    opened.close();
  }
}

const note = 'before the logon';

async function askWhoAnswers(
  opened: HttpConnection,
  timeoutMs: number,
  tracer: Tracer | null,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  const body = Buffer.from(writeIdentifyRequest(), 'utf8');
  const startedMs = tracer?.start() ?? 0;
  const entry = { what: 'identify', requestBytes: body.length, startedMs } as const;
  try {
    const answer = await opened.post({
      headers: { 'content-type': 'application/soap+xml;charset=UTF-8', wsmanidentify: 'unauthenticated' },
      body,
      timeoutMs,
      signal,
    });
    tracer?.record({ ...entry, answer: { status: answer.status, bytes: answer.body.length }, note });
    return answer;
  } catch (thrown) {
    const failure = asFailure(thrown);
    tracer?.record({ ...entry, answer: null, note: `${failure.code}; ${note}` });
    throw failure;
  }
}

/** Proxy, pin and what else the inventory says of TLS count here as they do for a session. */
function toEndpoint({ timeouts, ...endpoint }: Connection): HttpEndpoint {
  return { ...endpoint, connectMs: timeouts.connectMs };
}
