// What can go wrong with a request on a connection that was made, worded for a person. PURE. What may be wrong with the connection's
// making is connect-failures.ts, status lines are status-failures.ts. Source of the codes: Node's errors.md.
import { readErrnoCode } from '../../model/failures/errno-code.ts';
import { Failure } from '../../model/failure.ts';
import type { AnswerProblem } from './answer-head.ts';
import { UnreadableAnswer } from './round-trip.ts';

/** A request that ended without a whole answer. `effect` says whether any byte of it may have left this machine. */
export function createRoundTripFailure(error: unknown, where: string, effect: 'none' | 'unknown'): Failure {
  if (error instanceof UnreadableAnswer) return createUnreadableFailure(error, where, effect);
  // With TLS 1.3 a server says only after the handshake that it wants a certificate; it has read nothing then.
  if (readErrnoCode(error) === 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED') {
    return new Failure('tls/failed', `the server requires a client certificate`, {
      where,
      hint: 'use `auth: certificate`, or use a listener that does not require one',
      effect: 'none',
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

const unreadable: Readonly<Record<AnswerProblem, Pick<Failure, 'code' | 'message'> & { readonly hint: string }>> = {
  'not-http': {
    code: 'http/not-winrm',
    message: 'the answer is not HTTP',
    hint: 'check port and scheme: 5985 is for http, 5986 for https',
  },
  // Two lengths, or a length and chunks: where such an answer ends is anybody's guess (RFC 9112 section 6.3).
  'conflicting-lengths': {
    code: 'http/not-winrm',
    message: 'conflicting Content-Length headers',
    hint: 'something between here and the host changes the traffic; connect without it',
  },
  'too-large': {
    code: 'wire/too-large',
    message: 'the answer is larger than WinRM allows',
    hint: 'check that this is a WinRM listener; `fencepost doctor` shows what answers there',
  },
};

function createUnreadableFailure(error: UnreadableAnswer, where: string, effect: 'none' | 'unknown'): Failure {
  const { code, message, hint } = unreadable[error.problem];
  return new Failure(code, message, { where, hint, effect, cause: error });
}

export function createDeadlineFailure(where: string, requestMs: number, effect: 'none' | 'unknown'): Failure {
  return new Failure('deadline/request', `no complete answer within ${requestMs} ms`, {
    where,
    hint: 'raise `request_timeout_s` (it must be longer than `operation_timeout_s`), or check the load on the host',
    retry: 'new-session',
    effect,
  });
}
