// The client's side of a Kerberos logon (RFC 4121) as a SecurityContext: AP-REQ out, AP-REP in, then sealing. The token is bare under
// `Kerberos`, or wrapped in SPNEGO under `Negotiate`. The library does the cryptography (kerberos.ts); this knows the order of things.
// Sources: MS-WSMV 2.2.9.1.2.2.2; wsman.md sections 4.1 and 4.2.
import { Failure } from '../../../model/failure.ts';
import type { SecurityContext, Sealing } from '../security-context.ts';
import { kerberosMechTypeList, readSpnego, writeNegTokenInit } from '../spnego.ts';

/** What is needed of kerberos.ts's GssContext. */
export interface EstablishedBy {
  answer(token: Uint8Array): Uint8Array | null;
  readonly established: boolean;
  wrap(message: Uint8Array): { readonly header: Uint8Array; readonly data: Uint8Array; readonly padding: number };
  unwrap(token: Uint8Array): Uint8Array | null;
  release(): void;
}

export interface KerberosContextInput {
  readonly gss: EstablishedBy;
  /** The AP-REQ, in GSS framing. */
  readonly token: Uint8Array;
  readonly scheme: 'Kerberos' | 'Negotiate';
  /** True over http. The first message then waits for the AP-REP, whose key seals it. */
  readonly seal: boolean;
  readonly where: string;
  readonly toFailure: (error: unknown) => Failure;
  readonly otherwise: (() => Promise<SecurityContext>) | null;
}

export function kerberosContext(input: KerberosContextInput): SecurityContext {
  const { gss, scheme, seal, where, toFailure } = input;
  const sealing = kerberosSealing(gss, where);
  let begun = false;

  function unwrapped(token: Uint8Array): Uint8Array {
    if (scheme === 'Kerberos') return token;
    // A server may answer bare what it was asked in SPNEGO, and some do.
    if (token[0] === gssFraming && !isSpnego(token)) return token;
    const wrapped = readSpnego(token);
    if (wrapped.kind !== 'resp' || wrapped.state === 'reject' || wrapped.responseToken === null) {
      throw new Failure('auth/unsupported', `${where}: the server offers Negotiate, but does not accept Kerberos`, {
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
      if (!begun) {
        begun = true;
        return scheme === 'Kerberos' ? input.token : writeNegTokenInit(input.token, kerberosMechTypeList);
      }
      if (token === null || token.length === 0 || gss.established) return null;
      const inner = unwrapped(token);
      try {
        return gss.answer(inner);
      } catch (thrown) {
        throw toFailure(thrown);
      }
    },
    get done() {
      return seal ? gss.established : begun;
    },
    get awaitsProof() {
      return !gss.established;
    },
    get sealing() {
      return seal && gss.established ? sealing : null;
    },
    otherwise: input.otherwise,
    close() {
      gss.release();
    },
  };
}

/** Tag of an initial GSS token (RFC 2743 section 3.1). */
const gssFraming = 0x60;
const spnegoOidBytes = '06062b0601050502';

function isSpnego(token: Uint8Array): boolean {
  return Buffer.from(token.subarray(0, 16)).includes(Buffer.from(spnegoOidBytes, 'hex'));
}

/** The header goes before the message as its signature; message and ciphertext have one length (wsman.md section 4.2). */
function kerberosSealing(gss: EstablishedBy, where: string): Sealing {
  return {
    seal(message) {
      const { header, data, padding } = gss.wrap(message);
      if (padding === 0) return { signature: header, sealed: data };
      throw new Failure('auth/unsafe', `${where}: the ticket is encrypted with RC4, which is not used here`, {
        where,
        hint: 'give the account of the host AES keys (msDS-SupportedEncryptionTypes), or use https',
      });
    },
    unseal(signature, sealed) {
      let message: Uint8Array | null;
      try {
        message = gss.unwrap(Buffer.concat([signature, sealed]));
      } catch (cause) {
        throw unsealed(where, cause);
      }
      if (message === null) throw unsealed(where, null);
      return message;
    },
  };
}

function unsealed(where: string, cause: unknown): Failure {
  return new Failure('wire/unsealed', `${where}: the seal of the message is broken`, {
    where,
    hint: 'connect anew; when it happens again, something between here and the host changes the traffic',
    retry: 'new-session',
    cause,
  });
}
