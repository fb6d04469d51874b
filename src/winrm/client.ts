// The library's door, `fencepost/winrm`: a remote command shell for Node programs. The command line goes through connect.ts instead.
// It composes the real clock and randomness, so it is, with http.ts, one of the two files here that touch the world.
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../model/failure.ts';
import { readFingerprint, readProxy } from '../model/connection-text.ts';
import type { AuthMethod, Connection, KerberosService, Target, Timeouts, TlsVersion } from '../model/target.ts';
import type { Answer, Session } from '../model/world.ts';
import { createConnector } from './connect.ts';
import type { TraceSink } from './trace.ts';

export { Failure };
export type { Answer, Timeouts, TraceSink };
export type { TraceEntry } from './trace.ts';

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
  readonly signal?: AbortSignal;
  /** Called for each HTTP request; the entries hold no secret and no body. */
  readonly trace?: TraceSink;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  /**
   * Default false: the line is sent at most once, and when its answer is lost, `run` rejects with a Failure whose `effect` is
   * `unknown`. True: the line changes nothing, so it may be run again after a lost connection.
   */
  readonly repeatable?: boolean;
}

export interface RemoteShell {
  /** Runs a line in cmd.exe and resolves with all it left behind, whatever its exit code. Lines wait for each other. */
  run(line: string, options?: RunOptions): Promise<Answer>;
  /** Deletes the shell on the host and closes the connection. Never rejects. */
  close(): Promise<void>;
}

/** Connects, authenticates and opens a shell. Rejects with a Failure: its `code` is stable, its `hint` says what to do. */
export async function connect(options: ConnectOptions): Promise<RemoteShell> {
  const startedMs = performance.now();
  const connector = createConnector({
    readSecret: () => passwordOf(options),
    random: randomBytes,
    clock: {
      now: () => new Date().toISOString(),
      elapsedMs: () => performance.now() - startedMs,
      sleep: (durationMs, signal) =>
        wait(durationMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
    },
    trace: options.trace,
    // A library that speaks by itself is a nuisance; a connection that trusts anybody must not be silent.
    warn: (text) => {
      process.emitWarning(text, { code: 'FENCEPOST_UNVERIFIED' });
    },
  });
  const session = await connector.connect(
    targetOf(options),
    options.signal === undefined ? {} : { signal: options.signal },
  );
  return shellOver(session);
}

function shellOver(session: Session): RemoteShell {
  return {
    run(line, { repeatable = false, signal } = {}) {
      const sessionOptions = signal === undefined ? {} : { signal };
      return repeatable ? session.ask(line, sessionOptions) : session.change(line, sessionOptions);
    },
    close: () => session.close(),
  };
}

function passwordOf({ username, password }: ConnectOptions): Promise<string> {
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

function targetOf(options: ConnectOptions): Target {
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
      ...securityOf(options),
    },
    groups: [],
    variables: {},
    origin: { file: '', line: 0, column: 0 },
  };
}

function securityOf(options: ConnectOptions): Pick<Connection, 'kerberos' | 'tls' | 'clientCertificate' | 'proxy'> {
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
