// HTTP answers that are no WS-Management message, worded for a person. PURE. The body of such an answer is never read: it may be
// somebody else's. Source of the meanings: wsman.md section 2.13 (observations of real servers), MS-WSMV 3.1.4.1.20 and 3.1.5.2.
import { Failure } from '../../model/failure.ts';
import type { FailureCode } from '../../model/failure.ts';

/** A status that says all by itself, whatever its body. `effect` is what is known about the request that got it. */
export function createStatusFailure(status: number, where: string, effect: 'none' | 'unknown'): Failure {
  const make = (
    message: string,
    hint: string,
    details: { code?: FailureCode; retry?: 'never' | 'same-request' | 'new-session'; effect?: 'none' | 'unknown' } = {},
  ) =>
    new Failure(details.code ?? 'http/status', message, {
      where,
      hint,
      retry: details.retry ?? 'never',
      effect: details.effect ?? effect,
    });
  switch (status) {
    case 400:
      return make(
        'the server rejected the request without reading it (HTTP 400)',
        'the connection was no longer authenticated, or the message could not be unsealed; write the domain in capitals (`CORP\\user`)',
        { retry: effect === 'none' ? 'new-session' : 'never' },
      );
    case 404:
      return make('WinRM is not available at this path (HTTP 404)', 'check `path`; the usual one is /wsman', {
        effect: 'none',
      });
    case 407:
      return make('a proxy requires a login (HTTP 407)', 'connect without the proxy', {
        effect: 'none',
      });
    case 411:
    case 415:
      return make(`the server does not accept this kind of request (HTTP ${status})`, 'is this a WinRM listener?', {
        effect: 'none',
      });
    case 413:
      return make(
        'the request is larger than the server allows (HTTP 413)',
        'raise MaxEnvelopeSizekb on the host: `winrm set winrm/config @{MaxEnvelopeSizekb="500"}`',
        { code: 'wire/too-large', effect: 'none' },
      );
    case 500:
      return make(
        'the server failed without giving a reason (HTTP 500)',
        'check the event log Microsoft-Windows-WinRM/Operational on the host',
        { effect: 'unknown' },
      );
    case 502:
    case 504:
      return make(`a proxy got no answer from the host (HTTP ${status})`, 'connect without the proxy', {
        effect: 'unknown',
      });
    case 429:
    case 503:
      return make(
        `the WinRM service is not ready (HTTP ${status})`,
        'it is starting, stopped or overloaded: on the host `sc query winrm`',
        { retry: 'same-request', effect: 'none' },
      );
    default:
      break;
  }
  if (status >= 300 && status < 400) {
    return make(
      `unexpected redirect (HTTP ${status})`,
      'something other than WinRM answers there: a portal, a proxy or a website',
      { code: 'http/not-winrm', effect: 'none' },
    );
  }
  return make(
    `unexpected answer: HTTP ${status}`,
    'check that this is a WinRM listener; `fencepost doctor` shows what answers there',
  );
}

/** An answer that is well-formed HTTP but no WS-Management. */
export function createForeignAnswerFailure(status: number, contentType: string, where: string): Failure {
  const kind = contentType === '' ? 'without a content type' : `of type ${contentType.slice(0, 60)}`;
  return new Failure('http/not-winrm', `expected a WS-Management answer, got HTTP ${status} ${kind}`, {
    where,
    hint: 'something other than WinRM answers there: a portal, a proxy or a website; check address, port and path',
    effect: 'unknown',
  });
}
