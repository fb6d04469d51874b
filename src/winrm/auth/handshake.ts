// The 401 dance before the first message: tokens on empty requests until one is left that may carry a message, or none. It sends
// through the channel's `post` and judges the answers; it sends no message. Sources: RFC 4559; wsman.md sections 3.1 and 4.1.
import { Failure } from '../../model/failure.ts';
import {
  createDeclinedNtlmFailure,
  createMissingProofFailure,
  createMissingSchemeFailure,
  createRefusedLogonFailure,
} from './logon-failures.ts';
import type { LogonNames } from './logon-failures.ts';
import { certificateScheme } from './security-context.ts';
import type { SecurityContext } from './security-context.ts';
import { readChallenges, findToken } from './challenges.ts';
import type { Challenge } from './challenges.ts';
import { readContentType } from '../http/round-trip.ts';
import type { HttpAnswer } from '../http/answer-reader.ts';
import { createForeignAnswerFailure, createStatusFailure } from '../http/status-failures.ts';

/** What carries the last token, for the trace: the second half of an NTLM handshake, or the only one of Kerberos. */
export type LastTokenName = 'type3' | 'ap-req';

export interface Handshake {
  /** Another than the first one when the server offers its logon under another name only. */
  readonly context: SecurityContext;
  /** The last token, which may carry a message; null when it has been sent already. */
  readonly token: Uint8Array | null;
}

export type PostToken = (what: 'type1' | LastTokenName, authorization: string) => Promise<HttpAnswer>;

/** All tokens that must go before a message. Throws Failure `auth/...`; nothing was carried out then. */
export async function performHandshake(first: SecurityContext, names: LogonNames, post: PostToken): Promise<Handshake> {
  let context = first;
  let token = context.step(null);
  while (token !== null && !context.done) {
    const answer = await post(context.method === 'kerberos' ? 'ap-req' : 'type1', writeAuthorization(context, token));
    const other = await switchScheme(context, answer);
    if (other === null) token = context.step(nextToken(context, names, answer));
    else {
      context = other;
      token = context.step(null);
    }
  }
  if (!context.done) {
    throw new Failure('auth/server', 'the handshake ended without a last token', {
      where: names.where,
    });
  }
  return { context, token };
}

/** The value of the Authorization header. */
export function writeAuthorization(context: SecurityContext, token: Uint8Array): string {
  return token.length === 0 ? context.scheme : `${context.scheme} ${Buffer.from(token).toString('base64')}`;
}

export function nameLastToken(context: SecurityContext): LastTokenName {
  return context.method === 'kerberos' ? 'ap-req' : 'type3';
}

/** The same logon under the name that the server offers (a 401), or null when it takes the present one. */
export async function switchScheme(context: SecurityContext, answer: HttpAnswer): Promise<SecurityContext | null> {
  if (answer.status !== 401 || context.otherwise === null) return null;
  const offered = readOfferedChallenges(answer);
  if (isOffered(offered, context.scheme) || !isOffered(offered, 'Negotiate')) return null;
  context.close();
  return await context.otherwise();
}

/** What a 401 to the last token, or to a message, means. A token in it is the server's own reason and is thrown by the context. */
export function createRejectionFailure(context: SecurityContext, names: LogonNames, answer: HttpAnswer): Failure {
  const offered = readOfferedChallenges(answer);
  if (context.scheme === certificateScheme) return createRefusedLogonFailure(names, context.method, offered);
  // A 401 that offers nothing (RFC 9110 section 15.5.2 forbids it) tells nothing of what would be taken.
  if (offered.length > 0 && !isOffered(offered, context.scheme) && context.method !== 'ntlm') {
    return createMissingSchemeFailure(names, context.scheme, offered);
  }
  const reason = findToken(offered, context.scheme);
  if (reason !== null && context.method === 'kerberos') {
    try {
      context.step(reason);
    } catch (thrown) {
      if (thrown instanceof Failure) return thrown;
    }
  }
  return createRefusedLogonFailure(names, context.method, offered);
}

/**
 * Takes the token that the server puts on its final answer: SPNEGO's last word, Kerberos' proof. It belongs before the unsealing.
 * Throws Failure `auth/server` with that `effect` when a proof is owed and there is none.
 */
export function takeFinalToken(
  context: SecurityContext,
  names: LogonNames,
  answer: HttpAnswer,
  effect: 'none' | 'unknown',
): void {
  const token = findToken(readOfferedChallenges(answer), context.scheme);
  if (token !== null) context.step(token);
  if (context.awaitsProof) throw createMissingProofFailure(names, effect);
}

function nextToken(context: SecurityContext, names: LogonNames, answer: HttpAnswer): Uint8Array {
  const offered = readOfferedChallenges(answer);
  const token = findToken(offered, context.scheme);
  if (answer.status === 401) {
    if (token !== null) return token;
    if (context.method === 'kerberos') throw createRejectionFailure(context, names, answer);
    if (isOffered(offered, 'Negotiate')) throw createDeclinedNtlmFailure(names);
    throw createMissingSchemeFailure(names, 'Negotiate', offered);
  }
  if (context.method === 'kerberos' && answer.status === 200) {
    if (token === null) throw createMissingProofFailure(names, 'none');
    return token;
  }
  if (answer.status < 300) throw createForeignAnswerFailure(answer.status, readContentType(answer), names.where);
  throw createStatusFailure(answer.status, names.where, 'none');
}

function isOffered(offered: readonly Challenge[], scheme: string): boolean {
  return offered.some((one) => one.scheme.toLowerCase() === scheme.toLowerCase());
}

function readOfferedChallenges(answer: HttpAnswer): readonly Challenge[] {
  return readChallenges(answer.headers['www-authenticate'] ?? []);
}
