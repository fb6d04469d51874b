// A TCP (or TLS) server on loopback that does to a client what a test says, byte for byte: half answers, resets, silence, garbage. It
// reads whole HTTP requests and shows them as they came; it knows nothing of WinRM.
import * as net from 'node:net';
import * as tls from 'node:tls';

export interface SeenRequest {
  /** 1, 2, 3, ... in the order of the connections. */
  readonly connection: number;
  readonly requestLine: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
}

/** What to do next: answer; send these bytes; hang up (FIN); reset (RST); nothing at all. */
export type Reaction =
  Reply | { readonly raw: string | Uint8Array; readonly then: 'close' | 'reset' | 'wait' } | 'close' | 'reset' | 'wait';

export interface Script {
  /** For the n-th request over all connections, counted from 1. */
  readonly onRequest?: (request: SeenRequest, n: number) => Reaction;
  /** When a connection begins, before it is read from. */
  readonly onConnect?: (connection: number) => 'close' | 'reset' | 'read';
  /** After the first bytes of each request, before it is whole. */
  readonly onFirstBytes?: (connection: number) => 'close' | 'reset' | 'read';
  readonly tls?: { readonly certificatePem: string; readonly privateKeyPem: string };
  /** Default 127.0.0.1. */
  readonly address?: string;
}

export interface ScriptedServer {
  readonly port: number;
  readonly requests: readonly SeenRequest[];
  readonly connections: number;
  /** Bytes received over all connections, whole requests or not. */
  readonly bytes: number;
  /** Hangs up every connection. */
  hangUp(): void;
  /** Resolves when no connection is open any more. */
  allClosed(): Promise<void>;
  close(): Promise<void>;
}

export async function startScripted(script: Script): Promise<ScriptedServer> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<net.Socket>();
  const waiting: (() => void)[] = [];
  let connections = 0;
  let bytes = 0;

  function accept(socket: net.Socket): void {
    connections += 1;
    const connection = connections;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) for (const tell of waiting.splice(0)) tell();
    });
    if (act(socket, script.onConnect?.(connection) ?? 'read')) return;
    let held: Buffer = Buffer.alloc(0);
    socket.on('data', (data: Buffer) => {
      bytes += data.length;
      const isFirst = held.length === 0;
      held = Buffer.concat([held, data]);
      if (isFirst && act(socket, script.onFirstBytes?.(connection) ?? 'read')) return;
      const found = takeRequest(held, connection);
      if (found === null) return;
      held = held.subarray(found.length);
      requests.push(found.request);
      const reaction = script.onRequest?.(found.request, requests.length) ?? { status: 200 };
      if (typeof reaction === 'string') act(socket, reaction);
      else if ('raw' in reaction) socket.write(reaction.raw, () => act(socket, reaction.then));
      else socket.write(writeReply(reaction));
    });
  }

  const server =
    script.tls === undefined
      ? net.createServer(accept)
      : tls.createServer({ cert: script.tls.certificatePem, key: script.tls.privateKeyPem }, accept);
  await new Promise<void>((resolve) => {
    server.listen(0, script.address ?? '127.0.0.1', resolve);
  });

  return {
    port: (server.address() as net.AddressInfo).port,
    requests,
    get connections() {
      return connections;
    },
    get bytes() {
      return bytes;
    },
    hangUp() {
      for (const socket of sockets) socket.end();
    },
    allClosed() {
      if (sockets.size === 0) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

/** True when the connection was ended. */
function act(socket: net.Socket, what: 'close' | 'reset' | 'wait' | 'read'): boolean {
  if (what === 'close') socket.end();
  // TLS has no reset of its own; hanging up without a word is as near as it gets.
  if (what === 'reset' && socket instanceof tls.TLSSocket) socket.destroy();
  else if (what === 'reset') socket.resetAndDestroy();
  return what === 'close' || what === 'reset';
}

function takeRequest(
  held: Buffer,
  connection: number,
): { readonly request: SeenRequest; readonly length: number } | null {
  const headEnd = held.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const [requestLine = '', ...lines] = held.toString('latin1', 0, headEnd).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const length = headEnd + 4 + Number(headers['content-length'] ?? 0);
  if (held.length < length) return null;
  return { request: { connection, requestLine, headers, body: held.subarray(headEnd + 4, length) }, length };
}

function writeReply(reply: Reply): Buffer {
  const body = Buffer.from(reply.body ?? '');
  const headers = { 'Content-Length': String(body.length), ...reply.headers };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one) => `${name}: ${one}\r\n`),
  );
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${reply.status} Scripted\r\n${lines.join('')}\r\n`, 'latin1'), body]);
}
