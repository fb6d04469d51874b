// One connection of HTTP/1.1 against servers that say what a test wants, byte for byte and at any moment: before they are asked, before they
// have read everything, in pieces, and after their end. What a request gets is its own answer, or a Failure.
import * as net from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openConnection } from '../../../src/winrm/http/http-connection.ts';
import type { HttpConnection, HttpRequest } from '../../../src/winrm/http/http-connection.ts';
import { RoundTripSocket } from '../../../src/winrm/http/round-trip.ts';
import { failureOf } from '../../support/failure-of.ts';

interface Peer {
  readonly port: number;
  /** Everything that was received, over all connections. */
  readonly received: () => string;
  readonly sockets: readonly net.Socket[];
  close(): Promise<void>;
}

let peer: Peer | undefined;
const open: HttpConnection[] = [];
afterEach(async () => {
  for (const connection of open.splice(0)) connection.close();
  await peer?.close();
  peer = undefined;
});

/** `serve` gets each connection; `allowHalfOpen`: it closes its own side itself. */
async function startPeer(serve: (socket: net.Socket) => void): Promise<Peer> {
  const sockets: net.Socket[] = [];
  let received = '';
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on('error', () => undefined));
    serve(socket);
    socket.on('data', (bytes: Buffer) => (received += bytes.toString('latin1')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  peer = { port, received: () => received, sockets, close };
  return peer;
}

async function connectTo({ port }: Peer, path = '/wsman'): Promise<HttpConnection> {
  const connection = await openConnection({
    ...({ scheme: 'http', address: '127.0.0.1', caFile: null, tlsServerName: null } as const),
    ...{ port, path, connectMs: 5000 },
  });
  open.push(connection);
  return connection;
}

function request(body = 'x', more: Partial<HttpRequest> = {}): HttpRequest {
  return { headers: { 'content-type': 'text/x' }, body: Buffer.from(body), timeoutMs: 5000, ...more };
}

function answer(body: string, more = ''): string {
  return `HTTP/1.1 200 OK\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
}

/** Until nothing more is under way between two sockets of this process. */
async function settle(isSettled: () => boolean): Promise<void> {
  const lastMs = performance.now() + 5000;
  while (!isSettled() && performance.now() < lastMs) await turn();
}

describe('bytes that nobody asked for', () => {
  test('before the first request: it is not sent, and they are no answer to it', async () => {
    const server = await startPeer((socket) => socket.write(answer('SMUGGLED')));
    const http = await connectTo(server);
    await settle(() => !http.isOpen);
    const failure = await failureOf(http.post(request()));
    expect([failure.code, failure.effect, failure.retry]).toEqual(['connect/lost', 'none', 'new-session']);
    expect(server.received()).toBe('');
  });

  test('between two requests: the second is not sent', async () => {
    const server = await startPeer((socket) => socket.once('data', () => socket.write(answer('one'))));
    const http = await connectTo(server);
    expect((await http.post(request('first'))).body.toString()).toBe('one');
    server.sockets[0]?.write(answer('SMUGGLED'));
    await settle(() => !http.isOpen);
    const failure = await failureOf(http.post(request('second')));
    expect([failure.code, failure.effect]).toEqual(['connect/lost', 'none']);
    expect(server.received()).not.toContain('second');
  });

  test('a second answer together with the first: the first is good, the connection is not', async () => {
    const server = await startPeer((socket) =>
      socket.once('data', () => socket.write(answer('one') + answer('SMUGGLED'))),
    );
    const http = await connectTo(server);
    expect((await http.post(request('first'))).body.toString()).toBe('one');
    expect(http.isOpen).toBe(false);
    expect((await failureOf(http.post(request('second')))).effect).toBe('none');
    expect(server.received()).not.toContain('second');
  });
});

describe('an answer before the request has been read', () => {
  test('counts, and the connection carries no other request', async () => {
    const server = await startPeer((socket) => {
      socket.pause();
      socket.write(answer('too much').replace('200 OK', '413 Too Large'));
    });
    const http = await connectTo(server);
    const got = await http.post(request('x'.repeat(64 * 1024 * 1024)));
    expect([got.status, got.body.toString()]).toEqual([413, 'too much']);
    expect(http.isOpen).toBe(false);
  });
});

describe('a connection that is closed on one side', () => {
  test('after the answer: it is whole, and no other request is sent', async () => {
    const server = await startPeer((socket) => socket.once('data', () => socket.end(answer('one'))));
    const http = await connectTo(server);
    expect((await http.post(request())).body.toString()).toBe('one');
    await settle(() => !http.isOpen);
    expect((await failureOf(http.post(request('second')))).effect).toBe('none');
    expect(server.received()).not.toContain('second');
  });

  test('as the end of an answer without a length', async () => {
    const server = await startPeer((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nall')));
    const http = await connectTo(server);
    expect((await http.post(request())).body.toString()).toBe('all');
    expect(http.isOpen).toBe(false);
  });

  test('without an answer: at once, not when the time is up', async () => {
    const server = await startPeer((socket) => socket.once('data', () => socket.end()));
    const http = await connectTo(server);
    const failure = await failureOf(http.post(request('x', { timeoutMs: 50_000 })));
    expect([failure.code, failure.effect]).toEqual(['connect/lost', 'unknown']);
  });
});

describe('an idle connection', () => {
  test('is given up before the server says it closes it', async () => {
    const keep = 'Keep-Alive: timeout=10\r\n';
    const server = await startPeer((socket) => socket.once('data', () => socket.write(answer('one', keep))));
    const http = await connectTo(server);
    await http.post(request());
    const nowMs = performance.now();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(nowMs + 7500);
    expect(http.isOpen).toBe(true);
    clock.mockReturnValue(nowMs + 8500);
    expect(http.isOpen).toBe(false);
    clock.mockRestore();
  });
});

describe('a request', () => {
  test.each(['a\r\nX-Evil: b', 'a\nb', 'a\0b'])('is not sent with the header %j', async (value) => {
    const server = await startPeer(() => undefined);
    const http = await connectTo(server);
    const failure = await failureOf(http.post(request('x', { headers: { authorization: value } })));
    expect([failure.code, failure.effect]).toEqual(['internal/bug', 'none']);
    expect(failure.message).not.toContain(value);
    await turn();
    expect(server.received()).toBe('');
  });

  test.each(['/a b', '/a\r\nX-Evil: b', 'wsman'])('is not sent to the path %j', async (path) => {
    const server = await startPeer(() => undefined);
    expect((await failureOf(connectTo(server, path))).effect).toBe('none');
    expect(server.received()).toBe('');
  });
});

test('any cut of the answers on the wire gives the same answers, all on one connection', async () => {
  const asked = new Map<net.Socket, readonly Buffer[][]>();
  let next: readonly Buffer[][] = [];
  const server = await startPeer((socket) => {
    asked.set(socket, next);
    let turnOf = 0;
    socket.setNoDelay(true);
    socket.on('data', () => {
      const pieces = asked.get(socket)?.[turnOf++] ?? [];
      void (async () => {
        for (const piece of pieces) {
          socket.write(piece);
          await turn();
        }
      })();
    });
  });
  const text = fc.string({ unit: fc.constantFrom('a', '\r', '\n', '0', 'H'), maxLength: 40 });
  const framed = fc.tuple(text, fc.boolean(), fc.array(fc.nat(200), { maxLength: 6 }));
  await fc.assert(
    fc.asyncProperty(fc.array(framed, { minLength: 1, maxLength: 4 }), async (answers) => {
      next = answers.map(([body, isChunked, at]) => {
        const chunk = body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`;
        const whole = isChunked
          ? `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`
          : answer(body);
        const cuts = [0, ...at.map((one) => one % whole.length).sort((a, b) => a - b), whole.length];
        return cuts.slice(1).map((to, index) => Buffer.from(whole.slice(cuts[index], to)));
      });
      const http = await connectTo(server);
      for (const [body] of answers) expect((await http.post(request())).body.toString()).toBe(body);
      http.close();
    }),
    { numRuns: 150 },
  );
});

/** A socket that says in a later turn that a write is through, as TLS does: the answer may be there before. */
class LateSocket extends Duplex {
  readonly #isEverThrough: boolean;

  constructor(isEverThrough: boolean) {
    super();
    this.#isEverThrough = isEverThrough;
  }

  override _read(): void {
    // What is read was pushed when it was written.
  }

  override _write(_bytes: Buffer, _encoding: string, done: () => void): void {
    this.push(answer('ok'));
    if (this.#isEverThrough) setImmediate(() => setImmediate(done));
  }
}

describe('an answer that comes before the socket says that the request is written', () => {
  test.each([
    { isEverThrough: true, isOpen: true },
    { isEverThrough: false, isOpen: false },
  ])('leaves the connection open: $isOpen', async ({ isEverThrough, isOpen }) => {
    const roundTrips = new RoundTripSocket(new LateSocket(isEverThrough) as unknown as net.Socket, {
      maxHeadBytes: 1000,
      maxBodyBytes: 1000,
    });
    const { body } = await roundTrips.send(Buffer.from('x'));
    expect([Buffer.from(body).toString(), roundTrips.isOpen]).toEqual(['ok', isOpen]);
  });
});
