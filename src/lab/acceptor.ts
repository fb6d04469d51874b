// Who may speak on one TCP connection, and in what wrapping: NTLM's legs, Basic, sealed bodies in and out. One acceptor per
// connection, as HTTP.sys keeps it. It decides and answers; it opens no socket and reads no SOAP.
// Source: MS-WSMV 2.2.9.1 and 3.1.4.1.23, RFC 4559, RFC 7617; facts wsman.md sections 2.13, 3 and 8 (items 3-6).
import { Failure } from '../model/failure.ts';
import { ntlmAcceptor } from '../winrm/auth/ntlm/acceptor.ts';
import type { NtlmAcceptor, NtlmAcceptorInput } from '../winrm/auth/ntlm/acceptor.ts';
import { isBareNtlm } from '../winrm/auth/spnego.ts';
import { isSealedContentType, readSealedBody, writeSealedBody } from '../winrm/sealed-body.ts';
import type { FramingVariant } from '../winrm/sealed-body.ts';
import type { LabAuthMethod } from './server-spec.ts';

interface Account {
  readonly domain: string;
  readonly user: string;
  readonly password: string;
}

export interface AcceptorOptions {
  readonly tls: boolean;
  readonly methods: readonly LabAuthMethod[];
  readonly account: Account;
  readonly ntlm: Omit<NtlmAcceptorInput, 'accounts'>;
  /** False: a body that comes with the last NTLM message is thrown away; the answer is an empty 200 all the same. */
  readonly type3Body: boolean;
  readonly framing: FramingVariant;
}

/** What of an HTTP request matters here. Header names are lower-case. */
interface AcceptorRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

interface Wrapped {
  readonly contentType: string;
  readonly body: Uint8Array;
}

export type Admission =
  /** An answer without SOAP: a leg of the handshake, or a refusal. `challenges`: values of WWW-Authenticate. */
  | {
      readonly kind: 'answer';
      readonly status: 200 | 400 | 401 | 415;
      readonly challenges: readonly string[];
      readonly close: boolean;
    }
  /** A SOAP message from `user` (`DOMAIN\user`), and how its answer is to be wrapped. */
  | {
      readonly kind: 'soap';
      readonly user: string;
      readonly text: string;
      readonly challenges: readonly string[];
      readonly wrap: (answer: string) => Wrapped;
    }
  /** Identify without authentication. */
  | { readonly kind: 'identify' };

export interface Acceptor {
  admit(request: AcceptorRequest): Admission;
}

interface Proved {
  readonly user: string;
  readonly ntlm: NtlmAcceptor;
}

/** The acceptor of one new connection. */
export function createAcceptor(options: AcceptorOptions): Acceptor {
  let handshake: NtlmAcceptor | null = null;
  let proved: Proved | null = null;

  const refused = (): Admission => ({ kind: 'answer', status: 401, challenges: offers(options), close: false });

  /** One token of `Authorization: Negotiate`. */
  function negotiate(token: Uint8Array, request: AcceptorRequest): Admission {
    if (startsHandshake(token)) {
      proved = null;
      handshake = ntlmAcceptor({
        ...options.ntlm,
        accounts: (user, domain) => passwordOf(options.account, user, domain),
      });
    }
    const ntlm = handshake;
    if (ntlm === null) return refused();
    const answer = ntlm.step(token);
    const challenges = answer === null ? [] : [`Negotiate ${Buffer.from(answer).toString('base64')}`];
    if (ntlm.account === null) {
      if (answer !== null) return { kind: 'answer', status: 401, challenges, close: false };
      handshake = null;
      return refused();
    }
    handshake = null;
    proved = { user: `${options.account.domain}\\${options.account.user}`, ntlm };
    const isLegOnly = request.body.length === 0 || !options.type3Body;
    return isLegOnly ? { kind: 'answer', status: 200, challenges, close: false } : speak(proved, request, challenges);
  }

  /** A message on a connection that has proved itself. */
  function speak({ user, ntlm }: Proved, request: AcceptorRequest, challenges: readonly string[]): Admission {
    const contentType = request.headers['content-type'] ?? '';
    if (!isSealedContentType(contentType)) {
      // AllowUnencrypted=false: in clear over http is refused, again and again (packer issue 6205). An empty message too.
      if (!options.tls || request.body.length === 0) return refused();
      return clear(user, request, challenges);
    }
    const { sealing } = ntlm;
    if (sealing === null) return broken;
    try {
      const { message, charset, protocol } = readSealedBody({ contentType, body: request.body, sealing });
      return {
        kind: 'soap',
        user,
        text: decode(message, charset),
        challenges,
        wrap: (answer) =>
          writeSealedBody({ ...options.framing, protocol, sealing, message: Buffer.from(answer, 'utf8') }),
      };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return broken;
    }
  }

  return {
    admit(request) {
      const [, scheme = '', credentials = ''] = /^(\w+) +(\S+) *$/.exec(request.headers['authorization'] ?? '') ?? [];
      switch (scheme.toLowerCase()) {
        case 'negotiate':
          return options.methods.includes('ntlm') ? negotiate(Buffer.from(credentials, 'base64'), request) : refused();
        case 'basic': {
          const user =
            options.tls && options.methods.includes('basic') ? basicUser(options.account, credentials) : null;
          return user === null ? refused() : clear(user, request, []);
        }
      }
      if (request.headers['authorization'] !== undefined) return refused();
      if (proved !== null) return speak(proved, request, []);
      if (request.headers['wsmanidentify'] === 'unauthenticated') return { kind: 'identify' };
      return isSealedContentType(request.headers['content-type'] ?? '') ? broken : refused();
    },
  };
}

/** Sealed where it can't be, or a broken seal: an empty 400, and the connection is over (wsman.md section 2.13). */
const broken: Admission = { kind: 'answer', status: 400, challenges: [], close: true };

/** What a 401 offers, a header line each. Basic is offered where it would be taken: over TLS. */
function offers({ methods, tls }: AcceptorOptions): string[] {
  const negotiate = methods.includes('ntlm') ? ['Negotiate'] : [];
  return methods.includes('basic') && tls ? [...negotiate, 'Basic realm="WSMAN"'] : negotiate;
}

/** NEGOTIATE, bare, or the NegTokenInit that SPNEGO begins with (RFC 4178 section 4.2; its outer tag is 60). */
function startsHandshake(token: Uint8Array): boolean {
  return isBareNtlm(token) ? token[8] === 1 : token[0] === 0x60;
}

/** User names and domains compare without case; no domain means the server's own, and `user@domain` is one name. */
function passwordOf(account: Account, user: string, domain: string): string | null {
  const [name = '', realm = domain] = user.split('@', 2);
  if (name.toUpperCase() !== account.user.toUpperCase()) return null;
  const netBios = realm.split('.')[0] ?? '';
  return netBios === '' || netBios.toUpperCase() === account.domain.toUpperCase() ? account.password : null;
}

/**
 * RFC 7617 leaves the character set open: clients written in Python send ISO 8859-1, others UTF-8. What Windows makes of
 * either was never recorded; the lab takes both.
 */
function basicUser(account: Account, credentials: string): string | null {
  const bytes = Buffer.from(credentials, 'base64');
  return userOf(account, bytes.toString('utf8')) ?? userOf(account, bytes.toString('latin1'));
}

function userOf(account: Account, text: string): string | null {
  const colon = text.indexOf(':');
  const [, domain = '', user = ''] = /^(?:([^\\]*)\\)?(.*)$/s.exec(text.slice(0, colon)) ?? [];
  if (colon < 0 || passwordOf(account, user, domain) !== text.slice(colon + 1)) return null;
  return `${account.domain}\\${account.user}`;
}

function clear(user: string, request: AcceptorRequest, challenges: readonly string[]): Admission {
  const contentType = request.headers['content-type'] ?? '';
  if (!/^application\/soap\+xml/i.test(contentType)) return { kind: 'answer', status: 415, challenges, close: false };
  const charset = /charset="?([\w-]+)/i.exec(contentType)?.[1] ?? 'UTF-8';
  return {
    kind: 'soap',
    user,
    text: decode(request.body, charset),
    challenges,
    wrap: (answer) => ({
      contentType: 'application/soap+xml;charset=UTF-8',
      body: Buffer.from(answer, 'utf8'),
    }),
  };
}

/** UTF-16 is legal too (wsman.md section 2.1); a byte order mark is taken off. */
function decode(bytes: Uint8Array, charset: string): string {
  return new TextDecoder(/^utf-?16/i.test(charset) ? 'utf-16le' : 'utf-8').decode(bytes);
}
