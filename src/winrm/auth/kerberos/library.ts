// What the rest of the house sees of the Kerberos library: typed calls and raw status codes. Types only, and the one error. What a status
// means is failures.ts; how the calls make a logon is context.ts and kerberos-logon.ts. Source: RFC 2744.
/** A call that did not succeed, as the library reports it. */
export interface GssStatus {
  /** Routine error of RFC 2744 section 3.9.1, shifted down: 7 is NO_CRED. */
  readonly routine: number;
  /** The mechanism's own code, unsigned; for Kerberos com_err's numbers (krb5_err.et, kv5m_err.et), or a C errno. */
  readonly minor: number;
  /** The library's words for both. They hold no secret. */
  readonly words: string;
}

export class GssError extends Error {
  readonly status: GssStatus;

  constructor(status: GssStatus) {
    super(status.words);
    this.name = 'GssError';
    this.status = status;
  }
}

/** An opaque handle of the library. */
export type GssHandle = bigint;

export type CredentialSource =
  | { readonly kind: 'ticket-cache'; readonly principal: string | null }
  | { readonly kind: 'keytab'; readonly principal: string; readonly file: string }
  | { readonly kind: 'password'; readonly principal: string; readonly password: string };

export interface Credential {
  readonly handle: GssHandle;
  /** `ops@CORP.EXAMPLE`. */
  readonly principal: string;
  /** Seconds that the ticket is still good for, when it was acquired. */
  readonly lifetimeSeconds: number;
}

/** What a finished context does with messages. */
export interface GssSeal {
  /** Seals one message: the header and the ciphertext, which is as long as the message. Throws GssError. */
  wrap(message: Uint8Array): { readonly header: Uint8Array; readonly data: Uint8Array; readonly padding: number };
  /** `header` and `data` as the other end's `wrap` gave them. Throws GssError when they aren't its next; null: they were not encrypted. */
  unwrap(header: Uint8Array, data: Uint8Array): Uint8Array | null;
}

/** Messages that are signed, not encrypted, each one token. Both throw GssError. */
export interface GssSignatures {
  sign(message: Uint8Array): Uint8Array;
  verify(token: Uint8Array): Uint8Array;
}

export interface GssContext extends GssSeal {
  /** Left out: the library has none (SSPI). */
  readonly signatures?: GssSignatures;
  /** The next token to send, or null for none. Local: it asks no KDC. Throws GssError. */
  answer(token: Uint8Array): Uint8Array | null;
  /** True when both ends have proved who they are. */
  readonly established: boolean;
  /** Frees it. May be called twice. */
  release(): void;
}

export interface ContextInput {
  readonly credential: Credential;
  /** `HTTP@ex01.corp.example`: the form of GSS_C_NT_HOSTBASED_SERVICE. */
  readonly service: string;
  /** Application data of the channel binding (`tls-server-end-point:` and a hash); null: none. */
  readonly channelBinding: Uint8Array | null;
}

export interface KerberosLibrary {
  /** Asks the KDC for `keytab` and `password`, reads a file for `ticket-cache`. Rejects with GssError. */
  acquire(source: CredentialSource): Promise<Credential>;
  /** The first token of a mutual logon; asks the KDC for a ticket unless the cache has one. Rejects with GssError. */
  initiate(input: ContextInput): Promise<{ readonly context: GssContext; readonly token: Uint8Array }>;
  /** How a person gets a ticket, when it isn't `kinit`. */
  readonly ticketCure?: string;
}

interface AcceptInput {
  /** What the client sent first: an AP-REQ in GSS framing. */
  readonly token: Uint8Array;
  /** Application data, as the server sees its own certificate; null: none. Checked when the client sent one (RFC 4121 section 4.1.1.2). */
  readonly channelBinding: Uint8Array | null;
}

/** What a service makes of a client's first token. `token`: what it is owed, an AP-REP or a KRB-ERROR; null: nothing. */
export type AcceptAnswer =
  | {
      readonly kind: 'accepted';
      readonly token: Uint8Array | null;
      /** `ops@CORP.EXAMPLE` */
      readonly principal: string;
      /** The name the client asked for: `HTTP/ex01.corp.example@CORP.EXAMPLE` */
      readonly service: string;
      readonly isMutual: boolean;
      readonly isConfidential: boolean;
      /** The client sent a channel binding, and it is the right one. */
      readonly isBound: boolean;
      readonly context: GssSeal & { release(): void };
    }
  | { readonly kind: 'refused'; readonly status: GssStatus; readonly token: Uint8Array | null };

/** The other end, with the keys of a keytab: what the lab takes logons with. */
export interface KerberosService {
  accept(input: AcceptInput): AcceptAnswer;
}
