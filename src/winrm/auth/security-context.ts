// What HTTP needs of any way to authenticate: tokens in and out, and afterwards sealing. It deliberately knows no header, no base64
// and no socket; http-connection.ts carries what this makes. Pattern: GSS-API (RFC 2743), one context per TCP connection. What has to ask somebody
// first (Kerberos its KDC) does so while the context is made, so `step` itself never waits.

/** Message protection of one connection. Each direction counts its messages, so calls must come in the order of the wire. */
export interface Sealing {
  seal(message: Uint8Array): { readonly signature: Uint8Array; readonly sealed: Uint8Array };
  /** Throws Failure `wire/unsealed` when the signature or the sequence number is wrong; the connection is then worthless. */
  unseal(signature: Uint8Array, sealed: Uint8Array): Uint8Array;
}

/** Messages that are signed, not encrypted. Both throw Failure `wire/unsealed`. */
export interface Signatures {
  sign(message: Uint8Array): Uint8Array;
  verify(token: Uint8Array): Uint8Array;
}

/** The word for a client certificate in the Authorization header (DSP0226 C.3; wsman.md section 2.1). It carries no token. */
export const certificateScheme = 'http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual';

export interface SecurityContext {
  readonly method: 'ntlm' | 'kerberos' | 'basic' | 'certificate';
  /** The word in the Authorization header; the token stands behind it in base64, an empty one is left out. */
  readonly scheme: 'Negotiate' | 'Kerberos' | 'Basic' | typeof certificateScheme;
  /**
   * The next token to send for the one received. Null in: the first call. Null out: nothing more to send. A token that comes
   * with the final answer (status 200) belongs here too, before its body is unsealed. Throws Failure `auth/...`.
   */
  step(token: Uint8Array | null): Uint8Array | null;
  /** True when the request that carries the last token may carry a (sealed) message too. */
  readonly done: boolean;
  /** True after `done` as long as the server owes the token by which it proves who it is; without it no answer may be read. */
  readonly awaitsProof: boolean;
  /** Null: bodies travel in clear, which is only ever done over TLS. Also null before `done`. */
  readonly sealing: Sealing | null;
  /** For SASL's mechanism GSSAPI, which agrees on a layer in signed messages (RFC 4752). Left out or null: it cannot, or not yet. */
  readonly signatures?: Signatures | null;
  /** The same logon under a name that the server offers instead (`Negotiate` for `Kerberos`). Null: there is none. */
  readonly otherwise: (() => Promise<SecurityContext>) | null;
  /** Frees what is held outside of JavaScript. May be called twice. */
  close(): void;
}
