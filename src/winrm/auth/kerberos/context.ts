// The client's side of a Kerberos logon (RFC 4121) as a SecurityContext: AP-REQ out, AP-REP in, then sealing. The token is bare under
// `Kerberos`, or wrapped in SPNEGO under `Negotiate`. The library does the cryptography (kerberos.ts); this knows the order of things.
// Sources: MS-WSMV 2.2.9.1.2.2.2; wsman.md sections 4.1 and 4.2.
import { Failure } from '../../../model/failure.ts';
import type { SecurityContext } from '../security-context.ts';
import { isBareKerberos, isSpnego, kerberosMechTypeList, readSpnego, writeNegTokenInit } from '../spnego.ts';
import { readDer } from '../der.ts';
import type { GssContext } from './library.ts';
import { kerberosSealing, kerberosSignatures } from './sealing.ts';

export interface KerberosContextInput {
  readonly gss: GssContext;
  /** The AP-REQ, in GSS framing. */
  readonly token: Uint8Array;
  readonly scheme: 'Kerberos' | 'Negotiate';
  /** True over http. The first message then waits for the AP-REP, whose key seals it. */
  readonly seal: boolean;
  readonly where: string;
  /** `isRefusal`: the token was a KRB-ERROR, not a proof. */
  readonly toFailure: (error: unknown, isRefusal: boolean) => Failure;
  readonly otherwise: (() => Promise<SecurityContext>) | null;
}

export function createKerberosContext(input: KerberosContextInput): SecurityContext {
  const { gss, scheme, seal, where, toFailure } = input;
  const sealing = kerberosSealing(gss, where);
  let started = false;

  function unwrapped(token: Uint8Array): Uint8Array {
    if (scheme === 'Kerberos') return token;
    // A server may answer bare what it was asked in SPNEGO, and some do.
    if (token[0] === gssFraming && !isSpnego(token)) return token;
    const wrapped = readSpnego(token);
    // A refusal that brings a token brings the reason (a KRB-ERROR), which the library reads.
    if (wrapped.kind !== 'resp' || wrapped.responseToken === null) {
      throw new Failure('auth/unsupported', 'the server offers Negotiate, but does not accept Kerberos', {
        where,
        hint: 'use `auth: ntlm`, or allow Kerberos on the host: winrm set winrm/config/service/auth @{Kerberos="true"}',
      });
    }
    return wrapped.responseToken;
  }

  return {
    method: 'kerberos',
    scheme,
    step(token) {
      if (!started) {
        started = true;
        return scheme === 'Kerberos' ? input.token : writeNegTokenInit(input.token, kerberosMechTypeList);
      }
      if (token === null || token.length === 0 || gss.established) return null;
      const inner = unwrapped(token);
      try {
        return gss.answer(inner);
      } catch (thrown) {
        throw toFailure(thrown, isKrbError(inner));
      }
    },
    get done() {
      return seal ? gss.established : started;
    },
    get awaitsProof() {
      return !gss.established;
    },
    get sealing() {
      return seal && gss.established ? sealing : null;
    },
    get signatures() {
      return gss.established && gss.signatures !== undefined ? kerberosSignatures(gss.signatures, where) : null;
    },
    otherwise: input.otherwise,
    close() {
      gss.release();
    },
  };
}

/** Tag of an initial GSS token (RFC 2743 section 3.1). */
const gssFraming = 0x60;

/** Behind the frame stand the OID and two bytes that tell the kind of token (RFC 4121 section 4.1): 03 00 is a KRB-ERROR. */
function isKrbError(token: Uint8Array): boolean {
  if (!isBareKerberos(token)) return false;
  const inner = readDer(token).content;
  const kind = 2 + (inner[1] ?? 0);
  return inner[kind] === 3 && inner[kind + 1] === 0;
}
