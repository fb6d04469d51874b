// What can go wrong with a request on a connection that was made, worded for a person. PURE. What may be wrong with the connection's
// making is connect-failures.ts, status lines are status-failures.ts. Source of the codes: undici's errors, Node's errors.md.
import { readErrnoCode } from '../../model/failures/errno-code.ts';
import { Failure } from '../../model/failure.ts';

/** A request that ended without a whole answer. `effect` says whether any byte of it may have left this machine. */
export function createRoundTripFailure(error: unknown, where: string, effect: 'none' | 'unknown'): Failure {
  const code = readErrnoCode(error);
  switch (code) {
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
    case 'UND_ERR_HEADERS_OVERFLOW':
      return new Failure('wire/too-large', `the answer is larger than WinRM allows`, {
        where,
        hint: 'check that this is a WinRM listener; `fencepost doctor` shows what answers there',
        effect,
        cause: error,
      });
    default:
      break;
  }
  // With TLS 1.3 a server says only after the handshake that it wants a certificate; it has read nothing then.
  if (code === 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED') {
    return new Failure('tls/failed', `the server requires a client certificate`, {
      where,
      hint: 'use `auth: certificate`, or use a listener that does not require one',
      effect: 'none',
      cause: error,
    });
  }
  // Two lengths that differ, or a length and chunks: where such an answer ends is anybody's guess (RFC 9112 section 6.3).
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
    return new Failure('http/not-winrm', `conflicting Content-Length headers`, {
      where,
      hint: 'something between here and the host changes the traffic; connect without it',
      effect,
      cause: error,
    });
  }
  // undici's parser gives its codes only sometimes.
  if (code?.startsWith('HPE_') === true || (error instanceof Error && error.name === 'HTTPParserError')) {
    return new Failure('http/not-winrm', 'the answer is not HTTP', {
      where,
      hint: 'check port and scheme: 5985 is for http, 5986 for https',
      effect,
      cause: error,
    });
  }
  const how = effect === 'none' ? 'before the request was sent' : 'before the answer was complete';
  return new Failure('connect/lost', `the connection was lost ${how}`, {
    where,
    hint: 'the host may be restarting, or a firewall closed the connection',
    retry: 'new-session',
    effect,
    cause: error,
  });
}

export function createDeadlineFailure(where: string, requestMs: number, effect: 'none' | 'unknown'): Failure {
  return new Failure('deadline/request', `no complete answer within ${requestMs} ms`, {
    where,
    hint: 'raise `request_timeout_s` (it must be longer than `operation_timeout_s`), or check the load on the host',
    retry: 'new-session',
    effect,
  });
}
