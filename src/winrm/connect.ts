// The Connector seam (model/world.ts): from a target to a session on it, made of the parts in this folder. It decides nothing about
// retries (link.ts, output.ts, shell.ts) and asks for its secret, its time and its randomness.
import { asFailure, Failure } from '../model/failure.ts';
import { brokenRulesOf } from '../model/connection-rules.ts';
import type { Connection, SecretRef, Target } from '../model/target.ts';
import type { Answer, Clock, ConnectOptions, Connector, Session, SessionOptions } from '../model/world.ts';
import { loadKerberos } from './auth/kerberos.ts';
import { createChannel } from './channel.ts';
import type { Channel } from './channel.ts';
import { createCredentialStore } from './credentials.ts';
import type { CredentialStore } from './credentials.ts';
import { openConnection } from './http.ts';
import { formatHostPort } from './http-failures.ts';
import { failureOfAbort } from './interruption.ts';
import { createLink } from './link.ts';
import { prepareLogon } from './logon.ts';
import { ShellMessages } from './shell-messages.ts';
import { Shell } from './shell.ts';
import { Tracer } from './trace.ts';
import type { ClientKey } from './trust.ts';
import type { TraceSink } from './trace.ts';
import { countTries } from './tries.ts';
import type { Tries } from './tries.ts';

export interface ConnectorParts {
  /** The secret behind a reference. Asked once for each session, before anything is sent. */
  readonly readSecret: (ref: SecretRef, target: Target) => Promise<string>;
  readonly random: (bytes: number) => Uint8Array;
  readonly clock: Clock;
  readonly trace?: TraceSink | undefined;
  /** Told once when a connection's safety was weakened by a setting, before it is made. */
  readonly warn?: ((text: string) => void) | undefined;
}

/** Sessions over WinRM. What it learns about a host (how it likes its handshake) is kept as long as the connector lives. */
export function createConnector(parts: ConnectorParts): Connector {
  const shared: Shared = {
    wantsEmptyHandshake: new Set(),
    warnOnce: onlyOnce(parts.warn ?? ignore),
    credentials: createCredentialStore(() => parts.clock.elapsedMs()),
  };
  return {
    async connect(target, options = {}) {
      try {
        const shell = await makeShell(target, parts, shared, options);
        try {
          await shell.open(options.signal, options.leftBehind);
        } catch (thrown) {
          await shell.close();
          throw thrown;
        }
        return createSession(shell, whereOf(target.connection));
      } catch (thrown) {
        throw asFailure(thrown);
      }
    },
  };
}

/** What is learned about one host, or got for it, and is good for others or later. */
interface Shared {
  readonly wantsEmptyHandshake: Set<string>;
  readonly warnOnce: (text: string) => void;
  readonly credentials: CredentialStore;
}

async function makeShell(
  target: Target,
  parts: ConnectorParts,
  shared: Shared,
  { signal, onShell }: ConnectOptions,
): Promise<Shell> {
  const { connection } = target;
  const { random, clock } = parts;
  const where = whereOf(connection);
  refuseBrokenRules(connection, where);
  if (connection.scheme === 'https' && connection.tls?.validation === 'ignore') {
    shared.warnOnce(
      `WARNING: certificates are not verified (certificate_validation: ignore), beginning with ${where}: anybody on the way can answer in the server's place`,
    );
  }
  const sleep: Clock['sleep'] = (durationMs, signal) => clock.sleep(durationMs, signal);
  const { readSecret } = parts;
  const clientKey = await readClientKey(target, readSecret);
  const tracer = new Tracer(target.name, clock, parts.trace ?? null);
  const affinity = { cookie: null };

  const { credentials } = shared;
  const now = (): Date => new Date(clock.now());
  const logon = await prepareLogon(
    { target, where, readSecret, loadKerberos, credentials, random, now, sleep },
    signal,
  );

  async function openChannel(options: { readonly signal?: AbortSignal | undefined }): Promise<Channel> {
    const { timeouts, ...endpoint } = connection;
    const place = { ...endpoint, clientKey, connectMs: timeouts.connectMs };
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

  const messages = new ShellMessages({
    link: createLink({ where, openChannel, wantsEmptyHandshake: shared.wantsEmptyHandshake }),
    url: `${connection.scheme}://${where}${connection.path}`,
    operationMs: connection.timeouts.operationMs,
    newId: () => writeId(random(16)),
  });
  const newTries = (): Tries => countTries(sleep, () => (random(1)[0] ?? 0) / 255);
  return new Shell({ where, messages, newTries, sleep, onShell });
}

function onlyOnce(tell: (text: string) => void): (text: string) => void {
  let told = false;
  return (text) => {
    if (!told) tell(text);
    told = true;
  };
}

function ignore(): void {
  // Nobody wants to be told.
}

async function readClientKey(target: Target, readSecret: ConnectorParts['readSecret']): Promise<ClientKey | undefined> {
  const { clientCertificate: own, password } = target.connection;
  if (own === undefined) return undefined;
  return { ...own, passphrase: own.encrypted ? await readSecret(password, target) : null };
}

/** Before the secret is even asked for. */
function refuseBrokenRules(connection: Connection, where: string): void {
  const [broken] = brokenRulesOf(connection);
  if (broken === undefined) return;
  const [what, cure = null] = broken.message.split('; ');
  const code = broken.kind === 'unsafe' ? 'auth/unsafe' : 'auth/unsupported';
  throw new Failure(code, `${where}: ${what ?? broken.message}`, { where, hint: cure });
}

/** A session over a shell: one command line at a time, in the order of the calls. */
function createSession(shell: Shell, where: string): Session {
  let last: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | null = null;

  async function run(line: string, kind: 'ask' | 'change', options: SessionOptions): Promise<Answer> {
    if (closing !== null) throw new Failure('interrupted', `${where}: the session is closed`, { where });
    const before = last;
    const mine = (async () => {
      await before;
      if (options.signal?.aborted === true) throw failureOfAbort(options.signal, where, 'none');
      return await shell.run(line, kind, options.signal);
    })();
    last = mine.catch(() => undefined);
    try {
      return await mine;
    } catch (thrown) {
      throw asFailure(thrown);
    }
  }

  return {
    ask: (line, options = {}) => run(line, 'ask', options),
    change: (line, options = {}) => run(line, 'change', options),
    close() {
      closing ??= last.then(() => shell.close()).catch(() => undefined);
      return closing;
    },
  };
}

function whereOf(connection: Connection): string {
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
