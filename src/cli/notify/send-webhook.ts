// I/O: one note by HTTP, over the client's own connection: TLS verified, no redirect followed, answers bounded, a proxy by CONNECT without a
// login. Of the answer only status and Retry-After are looked at. Sources: RFC 9110 sections 10.2.3 and 15, draft-ietf-httpapi-idempotency-key.
import type { SendResult } from '../../model/notifications/letter.ts';
import type { WebhookWay } from '../../model/notifications/channel.ts';
import type { Note } from '../../model/notifications/note.ts';
import type { SecretRef } from '../../model/target.ts';
import { findAddressFault } from '../../policy/notify/read-channels.ts';
import { writeWebhookBody } from '../../report/notify/webhook-bodies.ts';
import { openConnection } from '../../winrm/http/http-connection.ts';

export interface SendRequest {
  readonly note: Note;
  /** The same for a note that is sent twice. */
  readonly id: string;
  readonly signal: AbortSignal;
}

export type ReadSecret = (ref: SecretRef) => Promise<string>;

const connectMs = 5000;
const answerMs = 8000;

/** Rejects with a Failure when there was no answer, or a secret is missing. */
export async function sendWebhook(way: WebhookWay, request: SendRequest, readSecret: ReadSecret): Promise<SendResult> {
  const address = (await readSecret(way.url)).trim();
  const fault = findAddressFault(address);
  if (fault !== null) return { kind: 'refused', reason: `its address: ${fault}` };
  const token = way.token === null ? null : (await readSecret(way.token)).trim();
  // Said here, for the request would say it of a bug of ours.
  if (token !== null && !/^[\x21-\x7e]+$/.test(token))
    return { kind: 'refused', reason: 'its token has signs that no header takes' };
  const url = new URL(address);
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const connection = await openConnection(
    {
      scheme,
      address: url.hostname.replaceAll(/[[\]]/g, ''),
      port: url.port === '' ? (scheme === 'https' ? 443 : 80) : Number(url.port),
      path: `${url.pathname}${url.search}`,
      caFile: way.caFile,
      tlsServerName: null,
      connectMs,
      ...(scheme === 'https' && way.proxy !== null ? { proxy: way.proxy } : {}),
    },
    request.signal,
  );
  try {
    const { status, headers } = await connection.post({
      headers: {
        'content-type': 'application/json; charset=utf-8',
        accept: 'application/json, text/plain, */*',
        'idempotency-key': request.id,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: Buffer.from(writeWebhookBody(way.kind, request.note, request.id)),
      timeoutMs: answerMs,
      signal: request.signal,
    });
    return judgeStatus(status, headers['retry-after']?.[0], Date.now());
  } finally {
    connection.close();
  }
}

const passing: readonly number[] = [408, 425, 429];

export function judgeStatus(status: number, retryAfter: string | undefined, nowMs: number): SendResult {
  if (status >= 200 && status < 300) return { kind: 'sent' };
  if (status >= 500 || passing.includes(status)) {
    return { kind: 'later', reason: `it answered HTTP ${status}`, afterMs: readRetryAfter(retryAfter, nowMs) };
  }
  const reason =
    status >= 300 && status < 400
      ? `it answered with a redirect (HTTP ${status}), which is not followed`
      : `it answered HTTP ${status}`;
  return { kind: 'refused', reason };
}

/** Seconds or a date; null: neither. */
function readRetryAfter(text: string | undefined, nowMs: number): number | null {
  if (text === undefined) return null;
  if (/^\d{1,6}$/.test(text.trim())) return Number(text) * 1000;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
