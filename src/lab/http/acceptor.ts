// Who may speak on one TCP connection, and in what wrapping: NTLM's legs, Kerberos' one, Basic, sealed bodies in and out. One acceptor per
// connection, as HTTP.sys keeps it. It decides and answers; it opens no socket and reads no SOAP.
// Source: MS-WSMV 2.2.9.1 and 3.1.4.1.23, RFC 4559, RFC 7617; facts wsman.md sections 2.13, 3 and 8 (items 3-6).
import { Failure } from '../../model/failure.ts';
import { ntlmAcceptor } from '../../winrm/auth/ntlm/acceptor.ts';
import type { NtlmAcceptor, NtlmAcceptorInput } from '../../winrm/auth/ntlm/acceptor.ts';
import type { Sealing } from '../../winrm/auth/security-context.ts';
import { isBareNtlm } from '../../winrm/auth/spnego.ts';
import { isSealedContentType, readSealedBody, writeSealedBody } from '../../winrm/channel/sealed-body.ts';
import type { FramingVariant, SealedProtocol } from '../../winrm/channel/sealed-body.ts';
import { checkBasicCredentials, findPassword } from './account.ts';
import type { Account } from './account.ts';
import { answerKerberos } from './kerberos.ts';
import type { KerberosAnswer, KerberosAcceptor, KerberosScheme } from './kerberos.ts';
import type { LabAuthMethod } from '../scenario/server-spec.ts';

export interface AcceptorOptions {
  readonly tls: boolean;
  readonly methods: readonly LabAuthMethod[];
  readonly account: Account;
  readonly ntlm: Omit<NtlmAcceptorInput, 'accounts'>;
  /** Null: no keytab. */
  readonly kerberos: KerberosAcceptor | null;
  /** False: a body that comes with the last NTLM message is thrown away; the answer is an empty 200 all the same. */
  readonly type3Body: boolean;
  readonly framing: FramingVariant;
}

/** What of an HTTP request matters here. Header names are lower-case. */
interface AcceptorRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

interface HttpBody {
  readonly contentType: string;
  readonly body: Uint8Array;
}

export type Admission =
  /** An answer without SOAP: a leg of the handshake, or a refusal. `challenges`: values of WWW-Authenticate. */
  | {
      readonly kind: 'answer';
      readonly status: 200 | 400 | 401 | 415 | 500;
      readonly challenges: readonly string[];
      readonly close: boolean;
    }
  /** A SOAP message from `user` (`DOMAIN\user`), and how its answer is to be wrapped. */
  | {
      readonly kind: 'soap';
      readonly user: string;
      readonly text: string;
      readonly challenges: readonly string[];
      readonly wrap: (answer: string) => HttpBody;
    }
  /** Identify without authentication. */
  | { readonly kind: 'identify' };

export interface Acceptor {
  admit(request: AcceptorRequest): Admission;
  /** The connection is over: frees what is held for it. */
  close(): void;
}

interface ConnectionLogon {
  readonly method: 'ntlm' | 'kerberos';
  readonly user: string;
  readonly sealing: Sealing | null;
  /** What a sealed body must be called; null: either name. */
  readonly protocol: SealedProtocol | null;
  readonly release: () => void;
}

/** The acceptor of one new connection. */
export function createAcceptor(options: AcceptorOptions): Acceptor {
  let handshake: NtlmAcceptor | null = null;
  let proved: ConnectionLogon | null = null;

  const refuse = (...first: readonly string[]): Admission => ({
    kind: 'answer',
    status: 401,
    challenges: [...first, ...listOffers(options)],
    close: false,
  });

  function forgetLogon(): void {
    proved?.release();
    proved = null;
  }

  /** One token of `Authorization: Negotiate` or `Kerberos`. */
  function acceptToken(scheme: KerberosScheme, token: Uint8Array, request: AcceptorRequest): Admission {
    const { kerberos, methods } = options;
    const answered = kerberos === null ? null : answerKerberos(kerberos, scheme, token);
    if (answered !== null) return acceptKerberos(answered, request);
    return scheme === 'Negotiate' && methods.includes('ntlm') ? acceptNtlm(token, request) : refuse();
  }

  function acceptKerberos({ challenge, logon }: KerberosAnswer, request: AcceptorRequest): Admission {
    forgetLogon();
    handshake = null;
    const challenges = challenge === null ? [] : [challenge];
    if (logon === null) return refuse(...challenges);
    const { user, sealing, protocol } = logon;
    proved = {
      method: 'kerberos',
      user,
      sealing,
      protocol,
      release() {
        logon.release();
      },
    };
    if (request.body.length === 0) return { kind: 'answer', status: 200, challenges, close: false };
    return admitMessage(proved, request, challenges);
  }

  function acceptNtlm(token: Uint8Array, request: AcceptorRequest): Admission {
    if (isHandshakeStart(token)) {
      forgetLogon();
      handshake = ntlmAcceptor({
        ...options.ntlm,
        accounts: (user, domain) => findPassword(options.account, user, domain),
      });
    }
    const ntlm = handshake;
    if (ntlm === null) return refuse();
    const answer = ntlm.step(token);
    const challenges = answer === null ? [] : [`Negotiate ${Buffer.from(answer).toString('base64')}`];
    if (ntlm.account === null) {
      if (answer !== null) return { kind: 'answer', status: 401, challenges, close: false };
      handshake = null;
      return refuse();
    }
    handshake = null;
    proved = {
      method: 'ntlm',
      user: `${options.account.domain}\\${options.account.user}`,
      sealing: ntlm.sealing,
      protocol: null,
      release: () => undefined,
    };
    const isLegOnly = request.body.length === 0 || !options.type3Body;
    return isLegOnly
      ? { kind: 'answer', status: 200, challenges, close: false }
      : admitMessage(proved, request, challenges);
  }

  /** A message on a connection that has proved itself. */
  function admitMessage(
    { method, user, sealing, protocol: expected }: ConnectionLogon,
    request: AcceptorRequest,
    challenges: readonly string[],
  ): Admission {
    const contentType = request.headers['content-type'] ?? '';
    if (!isSealedContentType(contentType)) {
      // AllowUnencrypted=false: in clear over http is refused, again and again (packer issue 6205). An empty message too.
      if (options.tls && request.body.length > 0) return admitClearText(user, request, challenges);
      // After Kerberos it is an empty 500 instead (winrm4j issue 151, pywinrm issue 129).
      if (method === 'ntlm' || request.body.length === 0) return refuse();
      return { kind: 'answer', status: 500, challenges, close: false };
    }
    if (sealing === null) return broken;
    try {
      const { message, charset, protocol } = readSealedBody({ contentType, body: request.body, sealing });
      if (expected !== null && protocol !== expected) return broken;
      return {
        kind: 'soap',
        user,
        text: decodeText(message, charset),
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
          return acceptToken('Negotiate', Buffer.from(credentials, 'base64'), request);
        case 'kerberos':
          return acceptToken('Kerberos', Buffer.from(credentials, 'base64'), request);
        case 'basic': {
          const user =
            options.tls && options.methods.includes('basic')
              ? checkBasicCredentials(options.account, credentials)
              : null;
          return user === null ? refuse() : admitClearText(user, request, []);
        }
      }
      if (request.headers['authorization'] !== undefined) return refuse();
      if (proved !== null) return admitMessage(proved, request, []);
      if (request.headers['wsmanidentify'] === 'unauthenticated') return { kind: 'identify' };
      return isSealedContentType(request.headers['content-type'] ?? '') ? broken : refuse();
    },
    close: forgetLogon,
  };
}

/** Sealed where it can't be, or a broken seal: an empty 400, and the connection is over (wsman.md section 2.13). */
const broken: Admission = { kind: 'answer', status: 400, challenges: [], close: true };

/**
 * What a 401 offers, a header line each. Negotiate stands for NTLM and Kerberos alike; where a policy forbids NTLM the service still offers
 * it. Basic is offered where it would be taken: over TLS.
 */
function listOffers({ methods, tls, kerberos }: AcceptorOptions): string[] {
  return [
    ...(methods.includes('ntlm') || kerberos !== null ? ['Negotiate'] : []),
    ...(kerberos === null ? [] : ['Kerberos']),
    ...(methods.includes('basic') && tls ? ['Basic realm="WSMAN"'] : []),
  ];
}

/** NEGOTIATE, bare, or the NegTokenInit that SPNEGO begins with (RFC 4178 section 4.2; its outer tag is 60). */
function isHandshakeStart(token: Uint8Array): boolean {
  return isBareNtlm(token) ? token[8] === 1 : token[0] === 0x60;
}

function admitClearText(user: string, request: AcceptorRequest, challenges: readonly string[]): Admission {
  const contentType = request.headers['content-type'] ?? '';
  if (!/^application\/soap\+xml/i.test(contentType)) return { kind: 'answer', status: 415, challenges, close: false };
  const charset = /charset="?([\w-]+)/i.exec(contentType)?.[1] ?? 'UTF-8';
  return {
    kind: 'soap',
    user,
    text: decodeText(request.body, charset),
    challenges,
    wrap: (answer) => ({
      contentType: 'application/soap+xml;charset=UTF-8',
      body: Buffer.from(answer, 'utf8'),
    }),
  };
}

/** UTF-16 is legal too (wsman.md section 2.1); a byte order mark is taken off. */
function decodeText(bytes: Uint8Array, charset: string): string {
  return new TextDecoder(/^utf-?16/i.test(charset) ? 'utf-16le' : 'utf-8').decode(bytes);
}
