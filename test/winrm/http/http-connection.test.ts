import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createAuthority } from '../../../src/lab/http/certificates.ts';
import { Failure } from '../../../src/model/failure.ts';
import { openConnection } from '../../../src/winrm/http/http-connection.ts';
import type { HttpEndpoint, HttpConnection, HttpRequest } from '../../../src/winrm/http/http-connection.ts';
import { failureOf } from '../../support/failure-of.ts';
import { startScripted } from '../../support/scripted-server.ts';
import type { Reaction, Script, ScriptedServer } from '../../support/scripted-server.ts';

let server: ScriptedServer;
let connection: HttpConnection | undefined;
afterEach(async () => {
  connection?.close();
  connection = undefined;
  await server.close();
});

function endpointOf(port: number, more: Partial<HttpEndpoint> = {}): HttpEndpoint {
  const base = {
    scheme: 'http',
    address: '127.0.0.1',
    port,
    path: '/wsman',
    caFile: null,
    tlsServerName: null,
  } as const;
  return { ...base, connectMs: 5000, ...more };
}

async function connectTo(script: Script, more: Partial<HttpEndpoint> = {}): Promise<HttpConnection> {
  server = await startScripted(script);
  connection = await openConnection(endpointOf(server.port, more));
  return connection;
}

function request(body = '', more: Partial<HttpRequest> = {}): HttpRequest {
  return { headers: { 'content-type': 'text/x' }, body: Buffer.from(body), timeoutMs: 5000, ...more };
}

describe('one request', () => {
  test('has a length even when it is empty, and asks for no compression', async () => {
    const http = await connectTo({});
    await http.post(request());
    await http.post(request('größe', { headers: { 'content-type': 'a/b', authorization: 'Negotiate x' } }));
    const [empty, full] = server.requests;
    expect(empty?.requestLine).toBe('POST /wsman HTTP/1.1');
    expect(empty?.headers).toMatchObject({
      'content-length': '0',
      'accept-encoding': 'identity',
      connection: 'keep-alive',
      host: `127.0.0.1:${server.port}`,
    });
    expect(full?.headers).toMatchObject({ 'content-length': '7', 'content-type': 'a/b', authorization: 'Negotiate x' });
    expect(full?.headers).not.toHaveProperty('transfer-encoding');
    expect(full?.body.toString()).toBe('größe');
    expect(server.connections).toBe(1);
  });

  test('gives back status, every header value and the body as they came', async () => {
    const offers = ['Negotiate', 'Kerberos', 'Basic realm="WSMAN"'];
    const body = randomBytes(100_000);
    const http = await connectTo({ onRequest: () => ({ status: 401, headers: { 'WWW-Authenticate': offers }, body }) });
    const answer = await http.post(request());
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toEqual(offers);
    expect(answer.body.equals(body)).toBe(true);
  });

  test('passes over an interim answer, and joins a body that comes in pieces', async () => {
    const pieces =
      'HTTP/1.1 103 Early Hints\r\nX-A: 1\r\n\r\nHTTP/1.1 500 E\r\nX-B: 2\r\nTransfer-Encoding: chunked\r\n\r\n';
    const http = await connectTo(raw(`${pieces}2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n`, 'wait'));
    const answer = await http.post(request());
    expect([answer.status, answer.body.toString()]).toEqual([500, 'abcde']);
    expect(answer.headers).toEqual({ 'x-b': ['2'], 'transfer-encoding': ['chunked'] });
  });

  test('follows no redirect', async () => {
    const http = await connectTo({ onRequest: () => ({ status: 302, headers: { Location: '/elsewhere' } }) });
    expect((await http.post(request('x'))).status).toBe(302);
    expect(server.requests).toHaveLength(1);
  });

  test('says when it is with the operating system', async () => {
    const http = await connectTo({ onRequest: () => 'wait' });
    const flushed = new Promise<void>((resolve) => {
      void failureOf(http.post(request('x'.repeat(10_000), { onFlushed: resolve, background: true })));
    });
    await flushed;
    expect(http.isOpen).toBe(true);
  });

  test('says so no earlier: not while the host takes nothing, and at once when it does', async () => {
    server = await startScripted({});
    const taken: net.Socket[] = [];
    const idle = net.createServer({ pauseOnConnect: true }, (socket) =>
      taken.push(socket.on('error', () => undefined)),
    );
    await new Promise<void>((resolve) => idle.listen(0, '127.0.0.1', resolve));
    const { port } = idle.address() as net.AddressInfo;
    try {
      connection = await openConnection(endpointOf(port));
      let isFlushed = false;
      const flushed = new Promise<void>((resolve) => {
        const onFlushed = (): void => {
          isFlushed = true;
          resolve();
        };
        const large = 'x'.repeat(32 * 1024 * 1024);
        void failureOf(connection?.post(request(large, { onFlushed })) ?? Promise.resolve());
      });
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(isFlushed).toBe(false);
      for (const socket of taken) socket.resume();
      await flushed;
    } finally {
      for (const socket of taken) socket.destroy();
      idle.close();
    }
  });

  test('two at once are a bug of the caller', async () => {
    const http = await connectTo({ onRequest: () => 'wait' });
    const first = failureOf(http.post(request('x', { timeoutMs: 200 })));
    expect((await failureOf(http.post(request('y')))).code).toBe('internal/bug');
    expect((await first).code).toBe('deadline/request');
  });

  test('an IPv6 address is written in brackets', async () => {
    const http = await connectTo({ address: '::1' }, { address: '::1' });
    await http.post(request());
    expect(server.requests[0]?.headers['host']).toBe(`[::1]:${server.port}`);
    expect(http.where).toBe(`[::1]:${server.port}`);
  });
});

const head = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n';
const cuts: readonly (readonly [name: string, script: Script, code: string, effect: string])[] = [
  ['hangs up at the first bytes of the request', { onFirstBytes: () => 'close' }, 'connect/lost', 'unknown'],
  ['resets at the first bytes of the request', { onFirstBytes: () => 'reset' }, 'connect/lost', 'unknown'],
  ['hangs up after the request', { onRequest: () => 'close' }, 'connect/lost', 'unknown'],
  ['resets after the request', { onRequest: () => 'reset' }, 'connect/lost', 'unknown'],
  ['hangs up inside the status line', raw('HTTP/1.1 2', 'close'), 'connect/lost', 'unknown'],
  ['hangs up after the headers', raw(head, 'close'), 'connect/lost', 'unknown'],
  ['hangs up inside the body', raw(`${head}12345`, 'close'), 'connect/lost', 'unknown'],
  ['resets inside the body', raw(`${head}12345`, 'reset'), 'connect/lost', 'unknown'],
  ['is silent', { onRequest: () => 'wait' }, 'deadline/request', 'unknown'],
  ['stops inside the body', raw(`${head}12345`, 'wait'), 'deadline/request', 'unknown'],
  ['speaks another protocol', raw('220 mail.example ESMTP\r\n', 'wait'), 'http/not-winrm', 'unknown'],
  ['sends binary garbage', raw(Buffer.alloc(2000, 0xf5), 'wait'), 'http/not-winrm', 'unknown'],
  [
    'announces a huge body',
    raw('HTTP/1.1 200 OK\r\nContent-Length: 900000000\r\n\r\n', 'wait'),
    'wire/too-large',
    'unknown',
  ],
  [
    'sends a huge body without a length',
    raw(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(9_000_000)}`, 'wait'),
    'wire/too-large',
    'unknown',
  ],
  [
    'sends huge headers',
    raw(`HTTP/1.1 200 OK\r\n${`X-Filler: ${'x'.repeat(1000)}\r\n`.repeat(50)}`, 'wait'),
    'wire/too-large',
    'unknown',
  ],
];

function raw(bytes: string | Uint8Array, then: 'close' | 'reset' | 'wait'): Script {
  return { onRequest: (): Reaction => ({ raw: bytes, then }) };
}

describe('a request that gets no whole answer', () => {
  test.each(cuts)('when the server %s', async (_name, script, code, effect) => {
    const http = await connectTo(script);
    const failure = await failureOf(
      http.post(request('<change/>', { timeoutMs: code.startsWith('deadline') ? 150 : 5000 })),
    );
    expect([failure.code, failure.effect]).toEqual([code, effect]);
    expect(failure.where).toBe(`127.0.0.1:${server.port}`);
    expect(failure.hint).not.toBeNull();
    expect(http.isOpen).toBe(false);
    // Nothing is sent again, here or on another connection.
    const again = await failureOf(http.post(request('<change/>')));
    expect([again.code, again.effect, again.retry]).toEqual(['connect/lost', 'none', 'new-session']);
    expect(server.connections).toBe(1);
    expect(server.requests.length).toBeLessThanOrEqual(1);
  });

  test('a connection the server closed in between is not written to', async () => {
    const http = await connectTo({});
    await http.post(request('one'));
    const bytes = server.bytes;
    server.hangUp();
    await server.allClosed();
    const failure = await failureOf(http.post(request('two')));
    expect([failure.code, failure.effect]).toEqual(['connect/lost', 'none']);
    expect(server.bytes).toBe(bytes);
    expect(server.connections).toBe(1);
  });

  test('a connection the server closed before the first request is not written to', async () => {
    const http = await connectTo({ onConnect: () => 'close' });
    await server.allClosed();
    const failure = await failureOf(http.post(request('one')));
    expect(failure.code).toBe('connect/lost');
    expect(server.requests).toHaveLength(0);
  });

  test('Connection: close is kept to', async () => {
    const http = await connectTo({ onRequest: () => ({ status: 200, headers: { Connection: 'close' }, body: 'x' }) });
    expect((await http.post(request('one'))).body.toString()).toBe('x');
    const failure = await failureOf(http.post(request('two')));
    expect([failure.code, failure.effect]).toEqual(['connect/lost', 'none']);
    expect(server.requests).toHaveLength(1);
  });

  test('a connection idle for more than 100 s is not written to', async () => {
    const http = await connectTo({});
    await http.post(request('one'));
    const nowMs = performance.now();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(nowMs + 99_000);
    expect(http.isOpen).toBe(true);
    clock.mockReturnValue(nowMs + 101_000);
    expect(http.isOpen).toBe(false);
    expect((await failureOf(http.post(request('two')))).effect).toBe('none');
    clock.mockRestore();
    expect(server.requests).toHaveLength(1);
  });
});

describe('an abort', () => {
  test('before the request: nothing is sent', async () => {
    const http = await connectTo({});
    const failure = await failureOf(http.post(request('x', { signal: AbortSignal.abort() })));
    expect([failure.code, failure.effect]).toEqual(['interrupted', 'none']);
    expect(server.bytes).toBe(0);
    expect((await http.post(request('y'))).status).toBe(200);
  });

  test('while the server works: the request may have been carried out', async () => {
    const stop = new AbortController();
    const http = await connectTo({
      onRequest: () => {
        stop.abort();
        return 'wait';
      },
    });
    const failure = await failureOf(http.post(request('x', { signal: stop.signal })));
    expect([failure.code, failure.effect]).toEqual(['interrupted', 'unknown']);
    await server.allClosed();
  });

  test('keeps the code and the words of the one who aborted', async () => {
    const stop = new AbortController();
    const http = await connectTo({
      onRequest: () => {
        stop.abort(new Failure('deadline/host', 'ex01: over', { hint: 'more time' }));
        return 'wait';
      },
    });
    const failure = await failureOf(http.post(request('x', { signal: stop.signal })));
    expect(failure).toMatchObject({
      code: 'deadline/host',
      message: 'ex01: over',
      hint: 'more time',
      effect: 'unknown',
    });
  });

  test('while connecting', async () => {
    server = await startScripted({ onConnect: () => 'read' });
    const stop = new AbortController();
    const connecting = failureOf(openConnection(endpointOf(server.port, { scheme: 'https' }), stop.signal));
    stop.abort();
    expect((await connecting).code).toBe('interrupted');
    const already = await failureOf(openConnection(endpointOf(server.port), AbortSignal.abort()));
    expect([already.code, already.effect]).toEqual(['interrupted', 'none']);
  });

  test('leaves no listener behind on a signal that lives on', async () => {
    const stop = new AbortController();
    const add = vi.spyOn(stop.signal, 'addEventListener');
    const remove = vi.spyOn(stop.signal, 'removeEventListener');
    server = await startScripted({});
    connection = await openConnection(endpointOf(server.port), stop.signal);
    await connection.post(request('x', { signal: stop.signal }));
    expect(add.mock.calls.length).toBe(2);
    expect(remove.mock.calls.length).toBeGreaterThanOrEqual(2);
  });
});

describe('a connection that cannot be made', () => {
  test('refused', async () => {
    server = await startScripted({});
    await server.close();
    const failure = await failureOf(openConnection(endpointOf(server.port)));
    expect([failure.code, failure.effect]).toEqual(['connect/refused', 'none']);
    expect(failure.where).toBe(`127.0.0.1:${server.port}`);
  });

  test.each(['no-such-host.invalid', 'not a host name'])('a name that means nothing: %s', async (address) => {
    server = await startScripted({});
    const failure = await failureOf(openConnection(endpointOf(server.port, { address })));
    expect(failure.code).toBe('connect/name');
  });

  test('nobody answers in time', async () => {
    server = await startScripted({});
    const failure = await failureOf(openConnection(endpointOf(server.port, { scheme: 'https', connectMs: 100 })));
    expect([failure.code, failure.effect]).toEqual(['connect/timeout', 'none']);
    expect(failure.message).toContain('100 ms');
  });
});

describe('TLS', () => {
  const authority = createAuthority({
    nowMs: Date.now(),
    randomBytes,
    newKeyPair: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  });
  let folder: string;
  let caFile: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fencepost-http-'));
    caFile = join(folder, 'ca.pem');
    await writeFile(caFile, authority.caPem);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('a trusted certificate for the right name is in hand for the channel binding', async () => {
    const certificate = authority.certificateFor('ex01.lab.example', null);
    const http = await connectTo({ tls: certificate }, { scheme: 'https', caFile });
    expect(http.peerCertificate?.equals(certificate.der)).toBe(true);
    const onFlushed = vi.fn();
    expect((await http.post(request('x', { onFlushed }))).status).toBe(200);
    expect(onFlushed).toHaveBeenCalledOnce();
  });

  test('another name may be asked for', async () => {
    const tls = authority.certificateFor('ex01.lab.example', null);
    const http = await connectTo({ tls }, { scheme: 'https', caFile, tlsServerName: 'ex01.lab.example' });
    expect((await http.post(request('x'))).status).toBe(200);
  });

  test.each([
    ['expired', 'tls/expired'],
    ['wrong-name', 'tls/wrong-name'],
    ['self-signed', 'tls/untrusted'],
  ] as const)('%s', async (flaw, code) => {
    server = await startScripted({ tls: authority.certificateFor('ex01.lab.example', flaw) });
    const failure = await failureOf(openConnection(endpointOf(server.port, { scheme: 'https', caFile })));
    expect([failure.code, failure.effect]).toEqual([code, 'none']);
    expect(server.requests).toHaveLength(0);
  });

  test('the authority is trusted only when it is named', async () => {
    server = await startScripted({ tls: authority.certificateFor('ex01.lab.example', null) });
    const failure = await failureOf(openConnection(endpointOf(server.port, { scheme: 'https' })));
    expect(failure.code).toBe('tls/untrusted');
    expect(failure.hint).toContain('ca_file');
  });

  test.each(['missing.pem', 'empty.pem'])('a CA file that is no use: %s', async (name) => {
    if (name === 'empty.pem') await writeFile(join(folder, name), 'no certificate');
    server = await startScripted({});
    const failure = await failureOf(
      openConnection(endpointOf(server.port, { scheme: 'https', caFile: join(folder, name) })),
    );
    expect(failure.code).toBe('inventory/unreadable');
    expect(failure.message).toContain(join(folder, name));
  });

  test('https against a port that speaks http', async () => {
    server = await startScripted({ onFirstBytes: () => 'read' });
    const plain = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { port } = plain.address() as net.AddressInfo;
    const failure = await failureOf(openConnection(endpointOf(port, { scheme: 'https' })));
    expect(failure.code).toBe('tls/failed');
    plain.close();
  });

  test('http against a port that speaks TLS', async () => {
    const http = await connectTo({ tls: authority.certificateFor('ex01.lab.example', null) });
    const failure = await failureOf(http.post(request('x')));
    expect(['connect/lost', 'http/not-winrm']).toContain(failure.code);
  });

  test('a request cut over TLS may have been carried out, and one after a close was not sent', async () => {
    const tls = authority.certificateFor('ex01.lab.example', null);
    const http = await connectTo({ tls, onRequest: () => 'reset' }, { scheme: 'https', caFile });
    expect((await failureOf(http.post(request('x')))).effect).toBe('unknown');
    expect((await failureOf(http.post(request('x')))).effect).toBe('none');
    expect(server.connections).toBe(1);
  });
});
