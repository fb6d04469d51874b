// The library's door, `fencepost/winrm`: command shells and CIM on Windows hosts for Node programs. The command line goes through
// connect.ts instead. It composes the real clock and randomness, so it is, with http-connection.ts, one of the two files here that touch the world.
import { randomFillSync } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { CimObject, CimValue } from '../model/cim.ts';
import { asFailure, Failure } from '../model/failure.ts';
import type { Timeouts } from '../model/target.ts';
import type { Answer } from '../model/seams.ts';
import { CimClient } from './cim/cim-client.ts';
import type { CimInput, EnumerateOptions, InvokeOptions, QueryOptions, ResourceOptions } from './cim/cim-client.ts';
import type { RemoteShell, RunOptions, SignalOption, StartOptions, WinRmClient } from './client-types.ts';
import { CimMessages } from './cim/cim-messages.ts';
import { readPassword, createTarget } from './connect-options.ts';
import type { ConnectOptions } from './connect-options.ts';
import { createSharedState, prepareHost } from './host.ts';
import type { Host, HostParts } from './host.ts';
import { createConnectionPool } from './channel/connection-pool.ts';
import type { SoapChannel } from './channel/reconnecting-channel.ts';
import { createRandomPieces } from './random-pieces.ts';
import { openRemoteShell } from './shell/remote-shell.ts';
import type { OutputPart, RemoteCommand } from './shell/remote-command.ts';
import type { ShellSettings } from './shell/shell-messages.ts';
import type { Identity } from './soap/responses.ts';

export { Failure };
export { quoteWql } from '../model/cim.ts';
export type { Answer, CimInput, CimObject, CimValue, ConnectOptions, Identity, Timeouts };
export type { EnumerateOptions, InvokeOptions, QueryOptions, ResourceOptions };
export type {
  OutputPart,
  RemoteCommand,
  RemoteShell,
  RunOptions,
  ShellSettings,
  SignalOption,
  StartOptions,
  WinRmClient,
};
export type { TraceEntry, TraceSink } from './channel/trace.ts';

/**
 * A client for one host, which connects with its first call. Throws Failure `usage/invalid` for what can't be understood. A call while
 * others are under way takes a connection of its own, up to `maxConnections` of them.
 */
export function createClient(options: ConnectOptions): WinRmClient {
  const target = createTarget(options);
  const shells = new Set<RemoteShell>();
  let prepared: Promise<PreparedHost> | null = null;
  let isClosed = false;

  /** Once for all calls; a failure is not kept, so that the next call may have better luck. */
  async function prepare(signal: AbortSignal | undefined): Promise<PreparedHost> {
    if (isClosed) throw new Failure('interrupted', `the client is closed`, { where: options.host });
    prepared ??= prepareClient(options, target, signal);
    try {
      return await prepared;
    } catch (thrown) {
      prepared = null;
      throw asFailure(thrown);
    }
  }

  const cim = new CimClient(async (signal) => (await prepare(signal)).cim);

  async function close(): Promise<void> {
    if (isClosed) return;
    isClosed = true;
    await Promise.all([...shells].map((one) => one.close()));
    const ready = await prepared?.catch(() => null);
    ready?.channel.close();
  }

  const client: WinRmClient = {
    async openShell({ signal, ...settings } = {}) {
      const { host, channel } = await prepare(signal);
      const shell = await openRemoteShell({ host, channel, settings, client }, signal, () => shells.delete(shell));
      shells.add(shell);
      return shell;
    },
    get: (resource, given) => cim.get(resource, given),
    enumerate: (resource, given) => cim.enumerate(resource, given),
    query: (wql, given) => cim.query(wql, given),
    invoke: (resource, method, input, given) => cim.invoke(resource, method, input, given),
    async identify({ signal } = {}) {
      return await (await prepare(signal)).cim.identify(signal);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  return client;
}

/**
 * Connects, authenticates and opens a shell: `createClient` and `openShell` in one, for who wants just that. Closing the shell closes
 * the connection. Rejects with a Failure: its `code` is stable, its `hint` says what to do.
 */
export async function connect(options: ConnectOptions & ShellSettings): Promise<RemoteShell> {
  const { environment, workingDirectory, loadProfile, idleTimeoutMs, ...rest } = options;
  const client = createClient(rest);
  const settings: ShellSettings = {
    ...(environment === undefined ? {} : { environment }),
    ...(workingDirectory === undefined ? {} : { workingDirectory }),
    ...(loadProfile === undefined ? {} : { loadProfile }),
    ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
  };
  try {
    const shell = await client.openShell({
      ...settings,
      ...(rest.signal === undefined ? {} : { signal: rest.signal }),
    });
    const close = async (): Promise<void> => {
      await shell.close();
      await client.close();
    };
    return { ...shell, close, [Symbol.asyncDispose]: close };
  } catch (thrown) {
    await client.close();
    throw asFailure(thrown);
  }
}

interface PreparedHost {
  readonly host: Host;
  readonly channel: SoapChannel;
  readonly cim: CimMessages;
}

const usualConnections = 4;
const random = createRandomPieces(randomFillSync);

async function prepareClient(
  options: ConnectOptions,
  target: ReturnType<typeof createTarget>,
  signal: AbortSignal | undefined,
): Promise<PreparedHost> {
  const startedMs = performance.now();
  const parts: HostParts = {
    readSecret: () => readPassword(options),
    random,
    clock: {
      now: () => new Date().toISOString(),
      elapsedMs: () => performance.now() - startedMs,
      sleep: (durationMs, aborted) =>
        wait(durationMs, undefined, aborted === undefined ? {} : { signal: aborted }).catch(() => undefined),
    },
    trace: options.trace,
    // A library that speaks by itself is a nuisance; a connection that trusts any server, or that falls back to NTLM, must not be silent.
    warn: (text) => {
      process.emitWarning(text, { code: 'FENCEPOST_LESS_SECURE' });
    },
  };
  const host = await prepareHost(target, parts, createSharedState(parts), signal);
  const channel = createConnectionPool(host.where, host.newChannel, options.maxConnections ?? usualConnections);
  return { host, channel, cim: new CimMessages({ ...host, channel }) };
}
