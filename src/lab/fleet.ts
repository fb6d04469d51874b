// The embedded fleet: one WinRM listener on loopback per simulated server. The lab's only I/O: sockets, the clock, randomness.
// It decides nothing: what a request gets is http-handler.ts's. A server at rest costs one listening socket and no timer.
// Source: facts wsman.md sections 2.1, 3.7 and 8 (HTTP.sys: one authentication per connection, idle ones end after 120 s).
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server as TcpServer, Socket } from 'node:net';
import type { Acceptor } from './http/acceptor.ts';
import { createAuthority } from './http/certificates.ts';
import type { LabAuthority } from './http/certificates.ts';
import type { Fleet, FleetOptions, RunningServer } from './fleet-types.ts';
import type { HttpReply, LabHttpRequest } from './http/http-handler.ts';
import type { LabClock } from './lab-clock.ts';
import type { ServerSpec } from './scenario/server-spec.ts';
import { holdPort, type HeldPort } from './held-port.ts';
import { createSimulatedServer, usualWire } from './simulated-server.ts';

/** Starts all servers that are reachable; of the others only the port is known. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const usesTls = options.servers.some((spec) => spec.listener === 'https');
  const authority = usesTls
    ? createAuthority({
        nowMs: Date.now(),
        randomBytes,
        newKeyPair: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      })
    : null;
  const shared: FleetSettings = { ...options, clock: options.clock ?? systemClock, authority };
  const servers = await Promise.all(options.servers.map((spec, index) => startServer(spec, index, shared)));
  const byName = new Map(servers.map((server) => [server.name, server]));
  return {
    account: options.account.user,
    servers,
    server(name) {
      const found = byName.get(name);
      if (found === undefined) throw new RangeError(`expected the name of a server in the lab, got "${name}"`);
      return found;
    },
    caPem: authority?.caPem ?? null,
    async close() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

export type { Fleet, FleetOptions, RunningServer } from './fleet-types.ts';

interface FleetSettings extends FleetOptions {
  readonly clock: LabClock;
  readonly authority: LabAuthority | null;
}

/** The machine's own time. */
const systemClock: LabClock = {
  now: () => new Date().toISOString(),
  elapsedMs: () => performance.now(),
  after(delayMs, run) {
    // Sockets keep the process alive, not what is owed to a connection that may be gone.
    const timer = setTimeout(run, delayMs).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

interface OpenServer extends RunningServer {
  /** For good: its port is anybody's. */
  close(): Promise<void>;
}

async function startServer(spec: ServerSpec, index: number, shared: FleetSettings): Promise<OpenServer> {
  const wire = { ...usualWire, ...shared.wire?.(spec) };
  const takeRandom = shared.randomBytes ?? randomBytes;
  const simulated = createSimulatedServer(spec, {
    user: shared.account.user,
    password: spec.password === 'right' ? shared.account.password : takeRandom(16).toString('hex'),
    wire,
    kerberos: shared.kerberos ?? null,
    clock: shared.clock,
    randomBytes: takeRandom,
    newGuid: () => randomUUID().toUpperCase(),
    delayMs: shared.delayMs ?? 0,
    commandMs: shared.commandMs ?? 0,
    record: (one) => shared.onRequest?.(spec.name, one),
  });
  const { service, httpHandler } = simulated;
  const certificate =
    spec.listener === 'https' ? (shared.authority?.certificateFor(spec.name, wire.certificateFlaw) ?? null) : null;
  const open = new Set<Socket>();
  const connections = new WeakMap<Socket, { readonly number: number; readonly acceptor: Acceptor }>();
  let connectionsOpened = 0;
  let requestsConnected = 0;
  let http: HttpServer | null = null;
  const tcp = createTcpServer({ noDelay: true }, takeConnection);

  function takeConnection(socket: Socket): void {
    connectionsOpened += 1;
    socket.on('error', () => undefined);
    if (simulated.mishaps.refusesConnection(connectionsOpened)) {
      socket.resetAndDestroy();
      return;
    }
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // Made for the first connection: most of a thousand servers are never all busy at once.
    http ??= makeHttpServer();
    http.emit('connection', socket);
  }

  function makeHttpServer(): HttpServer {
    const settings = { keepAliveTimeout: shared.idleCloseMs ?? 120_000, requestTimeout: 0, headersTimeout: 0 };
    const server =
      certificate === null
        ? createHttpServer(settings)
        : createHttpsServer({ ...settings, cert: certificate.certificatePem, key: certificate.privateKeyPem });
    server.on('request', (message: IncomingMessage, response: ServerResponse) => void serve(message, response));
    server.on('clientError', (_error: Error, socket: { destroy(): unknown }) => socket.destroy());
    server.on('tlsClientError', () => undefined);
    return server;
  }

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const known = connections.get(message.socket);
    const connection = known ?? {
      number: (requestsConnected += 1),
      acceptor: simulated.newAcceptor(certificate?.der ?? null),
    };
    if (known === undefined) {
      connections.set(message.socket, connection);
      message.socket.on('error', () => undefined);
      message.socket.once('close', () => {
        connection.acceptor.close();
      });
    }
    const request = await readRequest(message, service.maxEnvelopeBytes, connection.number);
    if (request !== null) sendReply(await httpHandler.serve(request, connection.acceptor), response);
  }

  async function end(): Promise<void> {
    service.stop();
    for (const socket of open) socket.destroy();
    if (tcp.listening) await new Promise((resolve) => tcp.close(resolve));
  }

  const wanted = shared.firstPort === undefined || shared.firstPort === 0 ? 0 : shared.firstPort + index;
  let held: HeldPort | null = spec.reachable ? null : await holdPort(wanted);
  const server: OpenServer = {
    name: spec.name,
    spec,
    scheme: spec.listener,
    port: held?.port ?? (await listen(tcp, wanted)),
    machine: simulated.machine,
    requests: simulated.requests,
    get connectionsOpened() {
      return connectionsOpened;
    },
    get openShells() {
      return service.openShells;
    },
    get openEnumerations() {
      return service.openEnumerations;
    },
    async stop() {
      await end();
      held ??= await holdPort(server.port);
    },
    reboot() {
      service.reboot();
    },
    async start() {
      await held?.release();
      held = null;
      if (!tcp.listening) await listen(tcp, server.port);
    },
    async close() {
      await end();
      await held?.release();
    },
  };
  return server;
}

function listen(tcp: TcpServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen({ host: '127.0.0.1', port }, () => {
      tcp.off('error', reject);
      resolve((tcp.address() as AddressInfo).port);
    });
  });
}

/** The whole request, or null when the client went away before its end. */
async function readRequest(
  message: IncomingMessage,
  maxEnvelopeBytes: number,
  connection: number,
): Promise<LabHttpRequest | null> {
  const parts: Buffer[] = [];
  let size = 0;
  const tooLarge = maxEnvelopeBytes * 2;
  try {
    for await (const part of message as AsyncIterable<Buffer>) {
      size += part.length;
      if (size <= tooLarge) parts.push(part);
    }
  } catch {
    return null;
  }
  return {
    method: message.method ?? '',
    target: message.url ?? '',
    headers: message.headers as Readonly<Record<string, string | undefined>>,
    body: Buffer.concat(parts),
    isTooLarge: size > tooLarge,
    clientAddress: message.socket.remoteAddress ?? '127.0.0.1',
    connection,
  };
}

function sendReply(reply: HttpReply, response: ServerResponse): void {
  if (reply.kind === 'silence') return;
  if (reply.kind === 'drop') {
    response.socket?.destroy();
    return;
  }
  response.statusCode = reply.status;
  response.setHeader('Server', 'Microsoft-HTTPAPI/2.0');
  for (const [name, value] of reply.headers) response.appendHeader(name, value);
  response.setHeader('Content-Length', reply.body.length);
  // Windows sends no Connection header on a connection that stays, and no hint how long it may rest.
  if (reply.close) response.setHeader('Connection', 'close');
  else response.removeHeader('Connection');
  if (reply.kind === 'send-half') {
    response.write(reply.body.subarray(0, Math.floor(reply.body.length / 2)), () => response.socket?.destroy());
    return;
  }
  response.once('finish', reply.delivered);
  response.end(reply.body);
}
