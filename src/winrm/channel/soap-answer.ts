// From an HTTP answer to the SOAP text in it: unsealed where the request was sealed, or a Failure that says what came instead. PURE.
// A clear answer to a sealed request is never read. Sources: MS-WSMV 2.2.9.1; wsman.md sections 2.13 and 3.6.
import { asFailure, Failure } from '../../model/failure.ts';
import type { Sealing } from '../auth/security-context.ts';
import { withEffect } from '../effect.ts';
import { readContentType } from '../http/round-trip.ts';
import type { HttpAnswer } from '../http/answer-reader.ts';
import { isSealedContentType, readSealedBody } from './sealed-body.ts';
import { createForeignAnswerFailure, createStatusFailure } from '../http/status-failures.ts';

/**
 * The SOAP text, a fault's included. `sealing`: that of the connection, null when bodies travel in clear inside TLS.
 * Throws Failure `wire/unsealed`, `wire/invalid`, `http/not-winrm` or that of the status, with the effect of the request answered.
 */
export function readSoapText(answer: HttpAnswer, sealing: Sealing | null, where: string): string {
  const { status, body } = answer;
  const contentType = readContentType(answer);
  const encoding = answer.headers['content-encoding']?.join(', ') ?? 'identity';
  if (!/^identity$/i.test(encoding)) throw createEncodingFailure(encoding, where);
  if (sealing !== null && isSealedContentType(contentType)) {
    try {
      const sealed = readSealedBody({ contentType, body, sealing });
      return decodeText(sealed.message, sealed.charset, where);
    } catch (thrown) {
      throw withEffect(asFailure(thrown), 'unknown', where);
    }
  }
  if (sealing !== null && (status === 200 || (status === 500 && body.length > 0))) {
    throw createClearAnswerFailure(status, where);
  }
  if (sealing === null && /^\s*application\/soap\+xml/i.test(contentType) && body.length > 0) {
    return decodeText(body, /charset="?([\w-]+)/i.exec(contentType)?.[1] ?? 'utf-8', where);
  }
  if (status === 200) throw createForeignAnswerFailure(status, contentType, where);
  // Empty: Windows rejected the body unread. Anything else may come from somebody between.
  throw createStatusFailure(status, where, status === 400 && body.length === 0 ? 'none' : 'unknown');
}

function decodeText(bytes: Uint8Array, charset: string, where: string): string {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch (thrown) {
    throw new Failure('wire/invalid', `the answer is not text in ${charset.slice(0, 20)}`, {
      where,
      hint: 'is this a WinRM listener, and does anything between change the traffic? `fencepost doctor` shows what answers there',
      effect: 'unknown',
      retry: 'new-session',
      cause: thrown,
    });
  }
}

/** It was asked for as it is; what is packed is not unpacked, since a few bytes may become gigabytes. */
function createEncodingFailure(encoding: string, where: string): Failure {
  return new Failure('http/not-winrm', `the answer is compressed (${encoding.slice(0, 40)})`, {
    where,
    hint: 'WinRM does not compress: a proxy or IIS in between does; switch that off for this address',
    effect: 'unknown',
  });
}

/** Somebody who can't seal answers: it is not the server we authenticated with, or it was made to drop its guard. */
function createClearAnswerFailure(status: number, where: string): Failure {
  return new Failure(
    'wire/unsealed',
    `the answer to a sealed request came in clear (HTTP ${status}) and was not read`,
    {
      where,
      hint: 'something between here and the host changes the traffic, or the server is not WinRM',
      effect: 'unknown',
    },
  );
}
