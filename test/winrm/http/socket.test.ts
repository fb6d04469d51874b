import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../../src/lab/http/certificates.ts';
import type { TlsSettings } from '../../../src/model/target.ts';
import { openSocket } from '../../../src/winrm/http/socket.ts';
import type { SocketEndpoint } from '../../../src/winrm/http/socket.ts';
import { startDeadAddress } from '../../support/dead-address.ts';
import type { DeadAddress } from '../../support/dead-address.ts';
import { expectBounded } from '../../support/expect-bounded.ts';
import { failureOf } from '../../support/failure-of.ts';

const authority = createAuthority({
  nowMs: Date.now(),
  randomBytes,
  newKeyPair: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
});
const good = authority.certificateFor('ex01.lab.example', null);

let folder: string;
let caFile: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-socket-'));
  caFile = join(folder, 'ca.pem');
  await writeFile(caFile, authority.caPem);
});
afterAll(() => rm(folder, { recursive: true }));

const open = new Set<{ destroy(): unknown }>();
const servers = new Set<net.Server>();
afterEach(async () => {
  for (const socket of open) socket.destroy();
  open.clear();
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  servers.clear();
});

async function listen(server: net.Server): Promise<number> {
  servers.add(server);
  server.on('connection', (socket: net.Socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as net.AddressInfo).port;
}

/** A TLS server that says hello to whoever comes. */
function tlsServer(options: tls.TlsOptions = {}): Promise<number> {
  const { certificatePem: cert, privateKeyPem: key } = good;
  const server = tls.createServer({ cert, key, ...options }, (socket) => {
    socket.on('error', () => undefined);
    socket.end('hello');
  });
  server.on('tlsClientError', () => undefined);
  return listen(server);
}

function endpoint(port: number, more: Partial<SocketEndpoint> = {}): SocketEndpoint {
  const base = { scheme: 'https', address: '127.0.0.1', port, caFile, tlsServerName: null, connectMs: 5000 } as const;
  return { ...base, ...more };
}

function settings(more: Partial<TlsSettings>): TlsSettings {
  return { fingerprint: null, minVersion: '1.2', validation: 'validate', ...more };
}

async function heard(at: SocketEndpoint): Promise<string> {
  const socket = await openSocket(at, 'ex01:5986');
  open.add(socket);
  let text = '';
  for await (const data of socket.setEncoding('utf8')) text += String(data);
  return text;
}

const failed = (at: SocketEndpoint): ReturnType<typeof failureOf> => failureOf(openSocket(at, 'ex01:5986'));
const fingerprintOf = (pem: string): string => new X509Certificate(pem).fingerprint256.replaceAll(':', '');

describe('a pinned certificate', () => {
  test.each(['self-signed', 'expired', 'wrong-name', null] as const)('is accepted whatever it is: %s', async (flaw) => {
    const own = authority.certificateFor('ex01.lab.example', flaw);
    const port = await tlsServer({ cert: own.certificatePem, key: own.privateKeyPem });
    const pinned = settings({ fingerprint: fingerprintOf(own.certificatePem) });
    expect(await heard(endpoint(port, { caFile: null, tls: pinned }))).toBe('hello');
  });

  test('another is not, though its CA is trusted; both are named', async () => {
    const port = await tlsServer();
    const pinned = settings({ fingerprint: 'AB'.repeat(32) });
    const failure = await failed(endpoint(port, { tls: pinned }));
    expect([failure.code, failure.effect]).toEqual(['tls/untrusted', 'none']);
    expect(failure.message).toContain('AB'.repeat(32));
    expect(failure.message).toContain(fingerprintOf(good.certificatePem));
  });
});

describe('verification', () => {
  test('switched off takes anybody', async () => {
    const own = authority.certificateFor('other.example', 'self-signed');
    const port = await tlsServer({ cert: own.certificatePem, key: own.privateKeyPem });
    expect(await heard(endpoint(port, { caFile: null, tls: settings({ validation: 'ignore' }) }))).toBe('hello');
  });

  test.each([
    ['self-signed', 'tls/untrusted', 'self-signed', 'tls_fingerprint'],
    ['expired', 'tls/expired', 'has expired', 'renew'],
    ['wrong-name', 'tls/wrong-name', 'does not match the host name', 'tls_server_name'],
  ] as const)('%s is told with its cure', async (flaw, code, words, cure) => {
    const own = authority.certificateFor('ex01.lab.example', flaw);
    const port = await tlsServer({ cert: own.certificatePem, key: own.privateKeyPem });
    const failure = await failed(endpoint(port));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(words);
    expect(failure.hint).toContain(cure);
  });

  test('an unknown CA is told with its cure', async () => {
    const failure = await failed(endpoint(await tlsServer(), { caFile: null }));
    expect([failure.code, failure.retry]).toEqual(['tls/untrusted', 'never']);
    expect(failure.message).toContain('signed by an unknown CA');
    expect(failure.hint).toContain('ca_file');
  });
});

describe('versions of TLS', () => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;

  test('older than 1.2 are refused, also without verification', async () => {
    const port = await tlsServer(old);
    for (const validation of ['validate', 'ignore'] as const) {
      const failure = await failed(endpoint(port, { tls: settings({ validation }) }));
      expect(failure.code).toBe('tls/failed');
      expect(failure.message).toContain('supports no TLS version');
      expect(failure.hint).toContain('TLS 1.2');
    }
  });

  test('1.2 alone is refused where 1.3 is wanted, and taken where it is not', async () => {
    const port = await tlsServer({ maxVersion: 'TLSv1.2' });
    expect((await failed(endpoint(port, { tls: settings({ minVersion: '1.3' }) }))).code).toBe('tls/failed');
    expect(await heard(endpoint(port))).toBe('hello');
  });

  test('1.3 is spoken where both can', async () => {
    const port = await tlsServer();
    const socket = await openSocket(endpoint(port, { tls: settings({ minVersion: '1.3' }) }), 'ex01:5986');
    open.add(socket);
    expect(socket instanceof tls.TLSSocket && socket.getProtocol()).toBe('TLSv1.3');
  });
});

/** A proxy that answers the head of a CONNECT with what `answer` gives, and then passes bytes on when the answer was 200. */
async function proxyServer(
  answer: (head: string) => string | Buffer | null,
): Promise<{ port: number; heads: string[] }> {
  const heads: string[] = [];
  const port = await listen(
    net.createServer((client) => {
      open.add(client);
      client.once('data', (data: Buffer) => {
        const head = data.toString('latin1');
        heads.push(head);
        const reply = answer(head);
        if (reply === null) return;
        if (!String(reply).startsWith('HTTP/1.1 200')) {
          client.end(reply);
          return;
        }
        const target = Number(/^CONNECT [^ ]+:(\d+) /.exec(head)?.[1]);
        const upstream = net.connect(target, '127.0.0.1', () => {
          client.write(reply);
          client.pipe(upstream).pipe(client);
        });
        open.add(upstream);
        upstream.on('error', () => client.destroy());
        client.on('close', () => upstream.destroy());
      });
    }),
  );
  return { port, heads };
}

describe('through a proxy', () => {
  test('TLS goes on inside the tunnel, to the host and not to the proxy', async () => {
    const port = await tlsServer();
    const proxy = await proxyServer(() => 'HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n');
    const via = { host: '127.0.0.1', port: proxy.port };
    expect(await heard(endpoint(port, { proxy: via }))).toBe('hello');
    expect(proxy.heads).toEqual([`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`]);
  });

  test('the name is left to the proxy to resolve', async () => {
    const proxy = await proxyServer(() => 'HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const via = { host: '127.0.0.1', port: proxy.port };
    await failed(endpoint(5986, { address: 'no-such-host.invalid', proxy: via }));
    expect(proxy.heads[0]).toMatch(/^CONNECT no-such-host\.invalid:5986 /);
  });

  test.each([
    ['HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n<html>', 'HTTP 407', 'login'],
    ['HTTP/1.0 403 Forbidden\r\nContent-Length: 3\r\n\r\nno!', 'HTTP 403', 'CONNECT'],
    ['HTTP/1.1 502 Bad Gateway\r\n\r\n', 'HTTP 502', 'check the name'],
    ['SSH-2.0-OpenSSH_9.2\r\n\r\n', 'did not answer like an HTTP proxy', 'HTTP proxy'],
    ['HTTP/1.1 302 Found\r\nLocation: http://portal/\r\n\r\n', 'HTTP 302', 'log of the proxy'],
    ['', 'closed the connection', 'CONNECT'],
    [`HTTP/1.1 200 OK\r\n${'X-Filler: x\r\n'.repeat(5000)}`, 'did not answer like an HTTP proxy', 'HTTP proxy'],
    ['HTTP/1.1 200 OK\r\n\r\n\x16\x03\x01', 'did not answer like an HTTP proxy', 'HTTP proxy'],
  ])('an answer that opens no way: %j', async (answer, words, cure) => {
    const port = await listen(
      net.createServer((client) => {
        open.add(client);
        client.once('data', () => client.end(answer, 'latin1'));
      }),
    );
    const failure = await failed(endpoint(5986, { address: 'ex01', proxy: { host: '127.0.0.1', port } }));
    expect([failure.code, failure.effect]).toEqual(['connect/proxy', 'none']);
    expect(failure.message).toContain(words);
    expect(failure.hint).toContain(cure);
  });

  test('a proxy that is not there is told apart from a host that is not there', async () => {
    const port = await listen(net.createServer());
    for (const server of servers) await new Promise((resolve) => server.close(resolve));
    servers.clear();
    const failure = await failed(endpoint(5986, { address: 'ex01', proxy: { host: '127.0.0.1', port } }));
    expect(failure.code).toBe('connect/proxy');
    expect(failure.message).toContain('ECONNREFUSED');
  });

  test('a proxy that says nothing costs no more than the connect timeout', async () => {
    const { port } = await proxyServer(() => null);
    const startedMs = performance.now();
    const failure = await failed(endpoint(5986, { proxy: { host: '127.0.0.1', port }, connectMs: 150 }));
    expect(failure.code).toBe('connect/timeout');
    expectBounded(startedMs);
  });
});

describe('a name with several addresses', () => {
  let dead: DeadAddress | undefined;
  afterEach(() => {
    dead?.close();
    dead = undefined;
  });
  const named =
    (...addresses: readonly string[]): net.LookupFunction =>
    (_name, _options, done) => {
      done(
        null,
        addresses.map((address) => ({ address, family: net.isIP(address) })),
      );
    };
  const plain = { scheme: 'http', address: 'ex01.lab.example' } as const;

  test('the first refuses: the next is taken at once', async () => {
    const port = await listen(net.createServer());
    const lookup = named('127.0.0.3', '::1', '127.0.0.1');
    const socket = await openSocket(endpoint(port, { ...plain, lookup, connectMs: 5000 }), 'ex01:5985');
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
  });

  test('the first is dead: the next is tried after a quarter of the connect time', async () => {
    const port = await listen(net.createServer());
    dead = await startDeadAddress(port);
    const lookup = named(dead.address, '127.0.0.1');
    const startedMs = performance.now();
    const socket = await openSocket(endpoint(port, { ...plain, lookup, connectMs: 4000 }), 'ex01:5985');
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
    // Longer than the 250 ms in which a host on a slow line can't answer; shorter than what is left for the next.
    expect(performance.now() - startedMs).toBeGreaterThan(900);
  });

  test('all are dead: one connect time for all of them', async () => {
    dead = await startDeadAddress();
    const lookup = named(...Array.from({ length: 50 }, () => dead?.address ?? ''));
    const startedMs = performance.now();
    const failure = await failed(endpoint(dead.port, { ...plain, lookup, connectMs: 800 }));
    expect([failure.code, failure.effect]).toEqual(['connect/timeout', 'none']);
    expectBounded(startedMs);
  });
});

describe('one time for all of it', () => {
  test('a server that never answers the TLS hello', async () => {
    const port = await listen(net.createServer());
    const failure = await failed(endpoint(port, { connectMs: 150 }));
    expect([failure.code, failure.effect]).toEqual(['connect/timeout', 'none']);
    expect(failure.message).toContain('150 ms');
  });

  test('an abort in each stage closes the socket', async () => {
    const silent = await listen(net.createServer());
    const proxy = await proxyServer(() => null);
    const via = { proxy: { host: '127.0.0.1', port: proxy.port } };
    for (const at of [endpoint(silent), endpoint(5986, via), endpoint(silent, { scheme: 'http' })]) {
      const stop = new AbortController();
      const opening = failureOf(openSocket(at, 'ex01:5986', stop.signal));
      stop.abort();
      expect((await opening).code).toBe('interrupted');
    }
  });
});
