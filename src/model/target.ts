// One machine to reach: its name, how to reach it, and where the inventory says so.
import type { BackEndPorts } from './discovery/discovery.ts';

/**
 * Where a secret is, never the secret itself. Only an inventory that the operator names says so: no plan, journal or event carries
 * one (`SavedConnection`). `inline` is a password written into the inventory: it works, and warns.
 */
export type SecretRef =
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }
  /** A credential helper: a program and its arguments, run without a shell; its stdout is the secret. */
  | { readonly kind: 'command'; readonly argv: readonly string[] }
  /** An entry of the desktop's own store, of service `fencepost`. */
  | { readonly kind: 'keyring'; readonly name: string }
  | { readonly kind: 'prompt' }
  /** Of a host that only a plan or a run names: asked for, with the address it goes to. `inventory`: what to name instead, as flags. */
  | { readonly kind: 'unnamed'; readonly inventory: string }
  /** A text of ansible-vault, still encrypted, so that it may be saved; `origin` is where it was written. */
  | { readonly kind: 'vault'; readonly ciphertext: string; readonly origin: Origin }
  | { readonly kind: 'inline'; readonly value: string };

/** negotiate: Kerberos where a ticket can be had, else NTLM. */
export const authMethods = ['negotiate', 'kerberos', 'ntlm', 'basic', 'certificate'] as const;
export type AuthMethod = (typeof authMethods)[number];

/** The first half of a service's name in Kerberos: `HTTP/ex01.corp.example`. */
export const kerberosServices = ['HTTP', 'WSMAN', 'host'] as const;
export type KerberosService = (typeof kerberosServices)[number];

export interface KerberosSettings {
  /** Null: HTTP, and where the domain doesn't know that, WSMAN and host. */
  readonly service: KerberosService | null;
  /** The host's name in Kerberos when it isn't `address`; null = `address`. */
  readonly hostname: string | null;
  /** Where the ticket comes from: that of `kinit`, a keytab, or `Connection.password`. */
  readonly ticketFrom:
    { readonly kind: 'cache' } | { readonly kind: 'keytab'; readonly file: string } | { readonly kind: 'password' };
}

export const tlsVersions = ['1.2', '1.3'] as const;
export type TlsVersion = (typeof tlsVersions)[number];

export interface TlsSettings {
  /**
   * SHA-256 over the one certificate that is accepted, 64 hex digits in capitals. Neither CA nor name nor dates are looked at then.
   * Null: the certificate is verified.
   */
  readonly fingerprint: string | null;
  readonly minVersion: TlsVersion;
  /** `ignore`: any certificate will do. Named in every plan and journal, and warned of in every run. */
  readonly validation: 'validate' | 'ignore';
}

/** For `auth: certificate`. `encrypted`: `Connection.password` is the passphrase of the key; else there is none. */
export type ClientCertificate = { readonly encrypted: boolean } & (
  | { readonly kind: 'pem'; readonly certificateFile: string; readonly keyFile: string }
  | { readonly kind: 'pfx'; readonly file: string }
);

/** An HTTP proxy that opens a way to https listeners (CONNECT). */
export interface Proxy {
  readonly host: string;
  readonly port: number;
}

export interface Timeouts {
  /** TCP and TLS together. */
  readonly connectMs: number;
  /** How long the server may hold one WS-Man operation before it answers "nothing yet" (w:OperationTimeout). */
  readonly operationMs: number;
  /** One HTTP request, from its first byte to the last of its answer. Longer than `operationMs`. */
  readonly requestMs: number;
  /** Everything that is done on one host in one stage. */
  readonly hostMs: number;
}

export interface Connection {
  /** Host name or IP address, without brackets. */
  readonly address: string;
  readonly port: number;
  readonly scheme: 'http' | 'https';
  /** URL path of the listener; `/wsman` unless the server was set up otherwise. */
  readonly path: string;
  readonly auth: AuthMethod;
  /** `DOMAIN\user`, `user@realm` or `user`; empty: whoever the Kerberos ticket or the client certificate is of. */
  readonly username: string;
  readonly password: SecretRef;
  /** PEM file of the CA to trust for https; null = the system's. */
  readonly caFile: string | null;
  /** The name the certificate must bear when it isn't `address`; null = `address`. */
  readonly tlsServerName: string | null;
  readonly timeouts: Timeouts;
  /** Left out: any service, the address, the ticket cache. */
  readonly kerberos?: KerberosSettings;
  /** Left out: verified, TLS 1.2 or later. */
  readonly tls?: TlsSettings;
  readonly clientCertificate?: ClientCertificate;
  /** Left out: the host is reached directly. */
  readonly proxy?: Proxy;
}

/** How a logon proves who it is. `negotiate` with `ticket-cache` may still need a password, for NTLM. */
export const credentialKinds = ['ticket-cache', 'keytab', 'password', 'client-certificate'] as const;
export type CredentialKind = (typeof credentialKinds)[number];

/**
 * A connection as plans, journals and events have it: where and as whom, and of the secret nothing but its kind. Not a `Connection`
 * with something left out, so that the compiler refuses to save one.
 */
export interface SavedConnection extends Pick<
  Connection,
  | 'address'
  | 'port'
  | 'scheme'
  | 'path'
  | 'auth'
  | 'username'
  | 'caFile'
  | 'tlsServerName'
  | 'timeouts'
  | 'tls'
  | 'proxy'
> {
  readonly credential: CredentialKind;
  /** Left out: any service, the address. */
  readonly kerberos?: Pick<KerberosSettings, 'service' | 'hostname'>;
}

export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Target {
  readonly name: string;
  readonly connection: Connection;
  readonly groups: readonly string[];
  readonly variables: Readonly<Record<string, unknown>>;
  /** Where its back ends are set to listen, as the inventory says; left out: it says neither. */
  readonly backEndPorts?: BackEndPorts;
  /** The closed segment it stands in, whose runner changes it in a shared run; left out: none. */
  readonly site?: string;
  /** Where the inventory names this host first. */
  readonly origin: Origin;
}
