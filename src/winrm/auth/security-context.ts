// What HTTP needs of any way to authenticate: tokens in and out, and afterwards sealing. It deliberately knows no header, no base64
// and no socket; http.ts carries what this makes. Pattern: GSS-API (RFC 2743), one context per TCP connection.

/** Message protection of one connection. Each direction counts its messages, so calls must come in the order of the wire. */
export interface Sealing {
  seal(message: Uint8Array): { readonly signature: Uint8Array; readonly sealed: Uint8Array };
  /** Throws Failure `wire/unsealed` when the signature or the sequence number is wrong; the connection is then worthless. */
  unseal(signature: Uint8Array, sealed: Uint8Array): Uint8Array;
}

export interface SecurityContext {
  /** The word in the Authorization header; the token stands behind it in base64. */
  readonly scheme: 'Negotiate' | 'Basic';
  /**
   * The next token to send for the one received. Null in: the first call. Null out: nothing more to send. A token that comes
   * with the final answer (status 200) belongs here too, before its body is unsealed. Throws Failure `auth/...`.
   */
  step(token: Uint8Array | null): Uint8Array | null;
  /** True when the request that carries the last token may carry a (sealed) message too. */
  readonly done: boolean;
  /** Null: bodies travel in clear, which is only ever done over TLS. Also null before `done`. */
  readonly sealing: Sealing | null;
}
