// How far one gets to a listener without logging on: a TCP connection, TLS, and what answers to Identify. For a doctor's questions; the
// connections made here are closed and carry no secret. Source: MS-WSMV 3.1.4.1.23 (Identify without authentication).
import { X509Certificate } from 'node:crypto';
import type { Connection } from '../model/target.ts';
import { formatSchemes, readChallenges } from './auth/challenges.ts';
import { readSoapText } from './channel/soap-answer.ts';
import { openConnection, type HttpEndpoint } from './http/http-connection.ts';
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
export async function identifyListener(connection: Connection, signal?: AbortSignal): Promise<ListenerAnswer> {
  const opened = await openConnection(toEndpoint(connection), signal);
  try {
    const answer = await opened.post({
      headers: { 'content-type': 'application/soap+xml;charset=UTF-8', wsmanidentify: 'unauthenticated' },
      body: Buffer.from(writeIdentifyRequest(), 'utf8'),
      timeoutMs: connection.timeouts.requestMs,
      signal,
    });
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

/** Proxy, pin and what else the inventory says of TLS count here as they do for a session. */
function toEndpoint({ timeouts, ...endpoint }: Connection): HttpEndpoint {
  return { ...endpoint, connectMs: timeouts.connectMs };
}
