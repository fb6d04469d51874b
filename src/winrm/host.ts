// From a target to the parts that everything on it is made of: links that log on, ids, tries. Both doors, connect.ts and client.ts, begin
// here. It sends nothing by itself but a lookup of Kerberos tickets, and asks for its secret, its time and its randomness.
import { asFailure, Failure } from '../model/failure.ts';
import { findBrokenRules } from '../model/connection-rules.ts';
import type { Connection, SecretRef, Target } from '../model/target.ts';
import type { Clock } from '../model/seams.ts';
import { createChannel } from './channel/channel.ts';
import type { Channel } from './channel/channel.ts';
import { createCredentialStore } from './auth/kerberos/credential-store.ts';
import type { CredentialStore } from './auth/kerberos/credential-store.ts';
import { openConnection } from './http/http-connection.ts';
import { formatHostPort } from './http/connect-failures.ts';
import { createReconnectingChannel } from './channel/reconnecting-channel.ts';
import type { SoapChannel } from './channel/reconnecting-channel.ts';
import { prepareLogon } from './auth/logon.ts';
import type { LogonParts } from './auth/logon.ts';
import { createReportingLookup } from './http/reporting-lookup.ts';
import { Tracer } from './channel/trace.ts';
import type { ClientKey } from './http/trust.ts';
import type { TraceSink } from './channel/trace.ts';
import { countTries } from './retries.ts';
import type { Tries } from './retries.ts';

export interface HostParts {
  /** The secret behind a reference. Asked once for each session, before anything is sent. */
  readonly readSecret: (ref: SecretRef, target: Target) => Promise<string>;
  readonly random: (bytes: number) => Uint8Array;
  readonly clock: Clock;
  readonly trace?: TraceSink | undefined;
  /** Told once when a connection's safety was weakened by a setting, before it is made. */
  readonly warn?: ((text: string) => void) | undefined;
  /** Told what the name of a host led to, before it is reached there. Not for addresses, nor behind a proxy, which does that itself. */
  readonly resolved?: ((target: Target, addresses: readonly string[]) => void) | undefined;
}

/** What every kind of message to one host needs. */
export interface Host {
  /** `ex01:5985` */
  readonly where: string;
  /** `http://ex01:5985/wsman` */
  readonly url: string;
  readonly operationMs: number;
  /** `uuid:` and a new upper-case GUID. */
  readonly newId: () => string;
  /** A new count of tries for one piece of work. */
  readonly newTries: () => Tries;
  /** 12 hex digits that nobody could know before. */
  readonly newNonce: () => string;
  readonly sleep: Clock['sleep'];
  /** A channel with a connection of its own, made and logged on with its first message. */
  readonly newChannel: () => SoapChannel;
}

/** What is learned by all hosts of one program, and kept as long as it lives. */
export function createSharedState(parts: HostParts): SharedState {
  return {
    wantsEmptyHandshake: new Set(),
    warnOnce: onlyOnce(parts.warn ?? ignore),
    tellFallback: createFallbackTeller(parts.warn ?? ignore),
    credentials: createCredentialStore(() => parts.clock.elapsedMs()),
  };
}

/** On first use: most fleets never need it. */
const loadKerberos: LogonParts['loadKerberos'] = async () => (await import('./auth/kerberos.ts')).loadKerberos();

/** What is learned about one host, or got for it, and is good for others or later. */
export interface SharedState {
  readonly wantsEmptyHandshake: Set<string>;
  readonly warnOnce: (text: string) => void;
  /** Told once for each reason, with the first host of which it is true. */
  readonly tellFallback: (where: string, reason: string) => void;
  readonly credentials: CredentialStore;
}

/** Throws Failure: `auth/unsafe`, `auth/unsupported`, `auth/kerberos-...`, and those of the secret. */
export async function prepareHost(
  target: Target,
  parts: HostParts,
  shared: SharedState,
  signal: AbortSignal | undefined,
): Promise<Host> {
  const { connection } = target;
  const { random, clock } = parts;
  const where = formatWhere(connection);
  rejectBrokenRules(connection, where);
  if (connection.scheme === 'https' && connection.tls?.validation === 'ignore') {
    shared.warnOnce(
      `WARNING: certificates are not verified (certificate_validation: ignore), starting with ${where}: anyone on the network can impersonate the server`,
    );
  }
  const sleep: Clock['sleep'] = (durationMs, signal) => clock.sleep(durationMs, signal);
  const { readSecret } = parts;
  const clientKey = await readClientKey(target, readSecret);
  const tracer = new Tracer(target.name, clock, parts.trace ?? null);
  const affinity = { cookie: null };
  const { resolved } = parts;
  const tell = (addresses: readonly string[]): void => resolved?.(target, addresses);
  const lookup = resolved === undefined || connection.proxy !== undefined ? undefined : createReportingLookup(tell);

  const { credentials } = shared;
  const now = (): Date => new Date(clock.now());
  const logon = await prepareLogon(
    { target, where, readSecret, loadKerberos, credentials, random, now, sleep },
    signal,
  );

  if (logon.fallback !== null) shared.tellFallback(where, logon.fallback);

  async function openChannel(options: { readonly signal?: AbortSignal | undefined }): Promise<Channel> {
    const { timeouts, ...endpoint } = connection;
    const place = { clientKey, connectMs: timeouts.connectMs, lookup, ...endpoint };
    const opened = await openConnection(place, options.signal);
    const context = await logon.open(opened.peerCertificate, options.signal).catch((thrown: unknown) => {
      opened.close();
      throw asFailure(thrown);
    });
    return createChannel({
      connection: opened,
      context,
      note: logon.note,
      names: { where, username: connection.username, scheme: connection.scheme },
      requestMs: timeouts.requestMs,
      tracer,
      affinity,
    });
  }

  return {
    where,
    url: `${connection.scheme}://${where}${connection.path}`,
    operationMs: connection.timeouts.operationMs,
    newId: () => writeId(random(16)),
    newTries: () => countTries(sleep, () => (random(1)[0] ?? 0) / 255),
    newNonce: () => Buffer.from(random(6)).toString('hex'),
    sleep,
    newChannel: () =>
      createReconnectingChannel({ where, openChannel, wantsEmptyHandshake: shared.wantsEmptyHandshake }),
  };
}

function createFallbackTeller(tell: (text: string) => void): SharedState['tellFallback'] {
  const told = new Set<string>();
  return (where, reason) => {
    if (told.has(reason)) return;
    told.add(reason);
    tell(`warning: NTLM is used instead of Kerberos, starting with ${where}: ${reason}; auth: kerberos forbids it`);
  };
}

function onlyOnce(tell: (text: string) => void): (text: string) => void {
  let told = false;
  return (text) => {
    if (!told) tell(text);
    told = true;
  };
}

function ignore(): void {
  // There is no listener.
}

async function readClientKey(target: Target, readSecret: HostParts['readSecret']): Promise<ClientKey | undefined> {
  const { clientCertificate: own, password } = target.connection;
  if (own === undefined) return undefined;
  return { ...own, passphrase: own.encrypted ? await readSecret(password, target) : null };
}

/** Before the secret is even asked for. */
function rejectBrokenRules(connection: Connection, where: string): void {
  const [broken] = findBrokenRules(connection);
  if (broken === undefined) return;
  const code = broken.kind === 'unsafe' ? 'auth/unsafe' : 'auth/unsupported';
  throw new Failure(code, broken.message, { where, hint: broken.fix });
}

function formatWhere(connection: Connection): string {
  return formatHostPort(connection.address, connection.port);
}

/** `uuid:` and a version 4 UUID (RFC 9562 section 5.4) in capitals, as Windows writes them. */
function writeId(random: Uint8Array): string {
  const bytes = Buffer.from(random);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex').toUpperCase();
  return `uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
