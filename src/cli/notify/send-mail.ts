// I/O: one note by SMTP, with nodemailer, which is loaded here only. TLS is required and verified unless the server is this machine; nothing
// of a note is taken for a file or an address. Sources: RFC 5321 section 4.2 (4yz may pass, 5yz does not), RFC 3207 (STARTTLS).
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import { Failure } from '../../model/failure.ts';
import type { MailWay } from '../../model/notifications/channel.ts';
import type { SendResult } from '../../model/notifications/letter.ts';
import { cutText } from '../../model/text/cut-text.ts';
import { visibleText } from '../../model/text/visible-text.ts';
import { writeMailMessage } from '../../report/notify/mail-message.ts';
import { loadTrustContext } from '../../winrm/http/trust.ts';
import type { ReadSecret, SendRequest } from './send-webhook.ts';

const waitMs = 8000;

/**
 * Rejects with a Failure when a secret or the CA file is missing. `refusedLogins`: digests, added to; a login that the server refused is not
 * tried again with every note, or the account is locked.
 */
export async function sendMail(
  way: MailWay,
  request: SendRequest,
  readSecret: ReadSecret,
  refusedLogins: Set<string>,
): Promise<SendResult> {
  const { server, port, security, login, from, to, caFile } = way;
  const auth = login === null ? null : { user: login.username, pass: await readSecret(login.password) };
  const loginId = auth === null ? null : digestLogin([server, port, auth.user, auth.pass]);
  if (loginId !== null && refusedLogins.has(loginId)) {
    return { kind: 'refused', reason: 'the mail server refused the login, and the same password is not tried again' };
  }
  const secureContext = security === 'none' ? null : await loadTrustContext({ caFile });
  const transport = createTransport({
    host: server,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(auth === null ? {} : { auth }),
    tls: {
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ...(secureContext === null ? {} : { secureContext }),
      ...(isIP(server) === 0 ? { servername: server } : {}),
    },
    connectionTimeout: waitMs,
    greetingTimeout: waitMs,
    socketTimeout: waitMs,
    dnsTimeout: waitMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = (): void => {
      transport.close();
      reject(new Failure('interrupted', 'there was no time left'));
    };
    request.signal.addEventListener('abort', stop, { once: true });
  });
  try {
    const sending = transport.sendMail({ from, to: [...to], ...writeMailMessage(request.note, request.id) });
    await Promise.race([sending, stopped]);
    return { kind: 'sent' };
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    const result = judgeMailError(thrown);
    const isLogin = result.kind === 'refused' && thrown instanceof Error && 'code' in thrown && thrown.code === 'EAUTH';
    if (isLogin && loginId !== null) refusedLogins.add(loginId);
    return result;
  } finally {
    request.signal.removeEventListener('abort', stop);
    transport.close();
  }
}

function digestLogin(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

interface MailError {
  /** Nodemailer's own: EAUTH, ETLS, EENVELOPE, ... */
  readonly code?: string;
  /** Node's, where there is one. */
  readonly originalCode?: string;
  readonly responseCode?: number;
  /** What the server said; nodemailer repeats it in the message. */
  readonly response?: unknown;
  readonly message: string;
}

/** A server without STARTTLS, a certificate that nobody vouches for, a login that it does not take: only new settings help. */
const settled =
  /^(?:EAUTH|ENOAUTH|ETLS|EREQUIRETLS|EENVELOPE|EMESSAGE|ECONFIG|EOAUTH2|ERR_TLS_.*|.*CERT.*|.*VERIFY.*)$/;

/** What the server said beside its number is not repeated. */
export function judgeMailError(thrown: unknown): SendResult {
  const error: MailError = thrown instanceof Error ? thrown : { message: String(thrown) };
  const { code = '', originalCode = '', responseCode, response } = error;
  if (responseCode !== undefined && responseCode >= 400) {
    const reason = `the mail server answered ${responseCode}${code === 'EAUTH' ? ' to the login' : ''}`;
    return responseCode < 500 ? { kind: 'later', reason, afterMs: null } : { kind: 'refused', reason };
  }
  const isQuoted = response !== undefined && response !== false;
  const message = isQuoted ? `the mail server answered otherwise than by SMTP (${code})` : error.message;
  const reason = cutText(visibleText(message), 200);
  const isSettled = settled.test(code) || settled.test(originalCode);
  return isSettled ? { kind: 'refused', reason } : { kind: 'later', reason, afterMs: null };
}
