// The Connector seam (model/world.ts): from a target to a session on it, made of the parts in this folder. It decides nothing about
// retries (link.ts, output.ts, shell.ts) and asks for its secret, its time and its randomness.
import { asFailure, Failure } from '../model/failure.ts';
import type { Connection, SecretRef, Target } from '../model/target.ts';
import type { Answer, Clock, Connector, Session, SessionOptions } from '../model/world.ts';
import { tlsServerEndPoint } from './auth/channel-binding.ts';
import { chooseContext } from './auth/choose.ts';
import type { SecurityContext } from './auth/security-context.ts';
import { createChannel } from './channel.ts';
import type { Channel } from './channel.ts';
import { openConnection } from './http.ts';
import { formatHostPort } from './http-failures.ts';
import { failureOfAbort } from './interruption.ts';
import { createLink } from './link.ts';
import { ShellMessages } from './shell-messages.ts';
import { Shell } from './shell.ts';
import { Tracer } from './trace.ts';
import type { TraceSink } from './trace.ts';
import { countTries } from './tries.ts';
import type { Tries } from './tries.ts';

export interface ConnectorParts {
  /** The secret behind a reference. Asked once for each session, before anything is sent. */
  readonly readSecret: (ref: SecretRef, target: Target) => Promise<string>;
  readonly random: (bytes: number) => Uint8Array;
  readonly clock: Clock;
  readonly trace?: TraceSink | undefined;
}

/** Sessions over WinRM. What it learns about a host (how it likes its handshake) is kept as long as the connector lives. */
export function createConnector(parts: ConnectorParts): Connector {
  const wantsEmptyHandshake = new Set<string>();
  return {
    async connect(target, options = {}) {
      try {
        const shell = await makeShell(target, parts, wantsEmptyHandshake);
        try {
          await shell.open(options.signal);
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

async function makeShell(target: Target, parts: ConnectorParts, wantsEmptyHandshake: Set<string>): Promise<Shell> {
  const { connection } = target;
  const { random, clock } = parts;
  const where = whereOf(connection);
  const now = (): Date => new Date(clock.now());
  refuseUnsafe(connection, where);
  const password = await parts.readSecret(connection.password, target);
  const tracer = new Tracer(target.name, clock, parts.trace ?? null);
  const affinity = { cookie: null };

  function newContext(certificate: Uint8Array | null): SecurityContext {
    return chooseContext({
      method: connection.auth,
      username: connection.username,
      password,
      scheme: connection.scheme,
      channelBinding: certificate === null ? null : tlsServerEndPoint(certificate),
      random,
      now,
    });
  }

  async function openChannel(options: { readonly signal?: AbortSignal | undefined }): Promise<Channel> {
    const { address, port, scheme, path, caFile, tlsServerName, timeouts } = connection;
    const endpoint = { address, port, scheme, path, caFile, tlsServerName, connectMs: timeouts.connectMs };
    const opened = await openConnection(endpoint, options.signal);
    return createChannel({
      connection: opened,
      context: newContext(opened.peerCertificate),
      names: { where, username: connection.username, scheme },
      requestMs: timeouts.requestMs,
      tracer,
      affinity,
    });
  }

  const messages = new ShellMessages({
    link: createLink({ where, openChannel, wantsEmptyHandshake }),
    url: `${connection.scheme}://${where}${connection.path}`,
    operationMs: connection.timeouts.operationMs,
    newId: () => writeId(random(16)),
  });
  const sleep: Clock['sleep'] = (durationMs, signal) => clock.sleep(durationMs, signal);
  const newTries = (): Tries => countTries(sleep, () => (random(1)[0] ?? 0) / 255);
  return new Shell({ where, messages, newTries, sleep });
}

/** Before the secret is even asked for. */
function refuseUnsafe(connection: Connection, where: string): void {
  if (connection.auth !== 'basic' || connection.scheme === 'https') return;
  throw new Failure('auth/unsafe', `${where}: basic authentication would send the password in clear over http`, {
    where,
    hint: 'use https (port 5986), or ntlm, which seals its messages over http too',
  });
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
