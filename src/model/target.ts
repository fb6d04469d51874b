// One machine to reach: its name, how to reach it, and where the inventory says so.

/**
 * Where a secret is, never the secret itself. `inline` is a password written into the inventory: it works, warns, and is
 * never copied into a journal (a rollback asks for it, or reads the inventory again).
 */
export type SecretRef =
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'prompt' }
  | { readonly kind: 'inline'; readonly value: string };

export const authMethods = ['ntlm', 'basic'] as const;
export type AuthMethod = (typeof authMethods)[number];

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
  /** `DOMAIN\user`, `user@realm` or `user`. */
  readonly username: string;
  readonly password: SecretRef;
  /** PEM file of the CA to trust for https; null = the system's. */
  readonly caFile: string | null;
  /** The name the certificate must bear when it isn't `address`; null = `address`. */
  readonly tlsServerName: string | null;
  readonly timeouts: Timeouts;
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
  /** Where the inventory names this host first. */
  readonly origin: Origin;
}
