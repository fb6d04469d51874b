// How a user of the library says which host, and how to log on there; and the same as a Target. Pure; nothing is checked here that
// model/connection-rules.ts checks.
import { Failure } from '../model/failure.ts';
import { readFingerprint, readProxy } from '../model/text/connection-text.ts';
import type { AuthMethod, Connection, KerberosService, Target, Timeouts, TlsVersion } from '../model/target.ts';
import type { TraceSink } from './channel/trace.ts';

export interface ConnectOptions {
  /** Name or IP address, without brackets. */
  readonly host: string;
  /** Default `http`: with NTLM, whose messages are sealed. */
  readonly scheme?: 'http' | 'https';
  /** Default 5985 for http, 5986 for https. */
  readonly port?: number;
  /** Default `/wsman`. */
  readonly path?: string;
  /** Default `negotiate`: Kerberos where a ticket can be had, else `ntlm`. `basic` and `certificate` only over https. */
  readonly auth?: AuthMethod;
  /** `DOMAIN\\user`, `.\\user` (an account of the host itself), `user@realm` or `user`. Left out: whoever the ticket is of. */
  readonly username?: string;
  /** Left out: the Kerberos ticket of this user (`kinit`) is used. With `clientCertificate`: the passphrase of the key. */
  readonly password?: string;
  readonly kerberos?: {
    /** Default: HTTP, and where the domain doesn't know that, WSMAN and host. */
    readonly service?: KerberosService;
    /** The host's name in Kerberos when it isn't `host`. */
    readonly hostname?: string;
    /** A keytab with the key of `username`, instead of a password. */
    readonly keytabFile?: string;
  };
  /** PEM file of the CAs to trust for https instead of the system's. */
  readonly caFile?: string;
  /** The name the certificate must bear when it isn't `host`. */
  readonly tlsServerName?: string;
  readonly tls?: {
    /** SHA-256 of the one certificate to accept, whoever signed it. */
    readonly fingerprint?: string;
    /** Default `1.2`. */
    readonly minVersion?: TlsVersion;
    /** `ignore`: any certificate will do, so anybody may answer in the host's place. Not with `basic` and `certificate`. */
    readonly validation?: 'validate' | 'ignore';
  };
  /** For `auth: 'certificate'`: PEM files, or one PFX file. */
  readonly clientCertificate?:
    { readonly certificateFile: string; readonly keyFile: string } | { readonly pfxFile: string };
  /** `http://proxy.corp.example:3128`: a proxy that opens a way to https listeners. */
  readonly proxy?: string;
  /** In milliseconds; defaults: connect 10 s, operation 20 s, request 30 s. Limit the whole with `signal`. */
  readonly timeouts?: Partial<Omit<Timeouts, 'hostMs'>>;
  /** Connections at once, for what is asked while other answers are awaited. Default 4; each logs on once. */
  readonly maxConnections?: number;
  /** For connecting, with `connect`. */
  readonly signal?: AbortSignal;
  /** Called for each HTTP request; the entries hold no secret and no body. */
  readonly trace?: TraceSink;
}

/** The password that was given. Rejects with Failure `secret/missing`. */
export function readPassword({ username, password }: ConnectOptions): Promise<string> {
  if (password !== undefined) return Promise.resolve(password);
  const whose = username === undefined ? 'an account' : username;
  return Promise.reject(
    new Failure(
      'secret/missing',
      `the password of ${whose} is not given, and there is no Kerberos ticket to go without it`,
      {
        hint: 'give `password`, or get a ticket with `kinit`',
      },
    ),
  );
}

/** Throws Failure `usage/invalid`. */
export function createTarget(options: ConnectOptions): Target {
  const { maxConnections = 1 } = options;
  if (!Number.isInteger(maxConnections) || maxConnections < 1) {
    throw new Failure('usage/invalid', `maxConnections: expected a whole number of at least 1, got ${maxConnections}`);
  }
  const scheme = options.scheme ?? 'http';
  const timeouts = { connectMs: 10_000, operationMs: 20_000, requestMs: 30_000, hostMs: 0, ...options.timeouts };
  return {
    name: options.host,
    connection: {
      address: options.host,
      port: options.port ?? (scheme === 'https' ? 5986 : 5985),
      scheme,
      path: options.path ?? '/wsman',
      auth: options.auth ?? 'negotiate',
      username: options.username ?? '',
      password: { kind: 'prompt' },
      caFile: options.caFile ?? null,
      tlsServerName: options.tlsServerName ?? null,
      timeouts,
      ...readSecurity(options),
    },
    groups: [],
    variables: {},
    origin: { file: '', line: 0, column: 0 },
  };
}

function readSecurity(options: ConnectOptions): Pick<Connection, 'kerberos' | 'tls' | 'clientCertificate' | 'proxy'> {
  const { kerberos = {}, tls = {}, clientCertificate: own, proxy, password } = options;
  const encrypted = password !== undefined;
  return {
    kerberos: {
      service: kerberos.service ?? null,
      hostname: kerberos.hostname ?? null,
      ticketFrom:
        kerberos.keytabFile === undefined
          ? { kind: password === undefined ? 'cache' : 'password' }
          : { kind: 'keytab', file: kerberos.keytabFile },
    },
    tls: {
      fingerprint: tls.fingerprint === undefined ? null : understood('fingerprint', tls.fingerprint, readFingerprint),
      minVersion: tls.minVersion ?? '1.2',
      validation: tls.validation ?? 'validate',
    },
    ...(own === undefined
      ? {}
      : {
          clientCertificate:
            'pfxFile' in own ? { kind: 'pfx', file: own.pfxFile, encrypted } : { kind: 'pem', ...own, encrypted },
        }),
    ...(proxy === undefined ? {} : { proxy: understood('proxy', proxy, readProxy) }),
  };
}

function understood<T>(name: string, text: string, read: (text: string) => T | null): T {
  const value = read(text);
  if (value !== null) return value;
  const expected =
    name === 'proxy' ? 'http://HOST:PORT without a login' : 'a SHA-256 fingerprint of 64 hexadecimal digits';
  // What was given may hold a login.
  throw new Failure('usage/invalid', `${name}: expected ${expected}`);
}
