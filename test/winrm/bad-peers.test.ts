// Servers that mean harm, or are broken beyond it, against the whole client: each costs a bounded time and a bounded memory, and ends in
// a Failure that has a name.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../src/lab/http/certificates.ts';
import type { Clock } from '../../src/model/seams.ts';
import { connect } from '../../src/winrm/client.ts';
import { createConnector } from '../../src/winrm/connect.ts';
import type { TraceEntry } from '../../src/winrm/channel/trace.ts';
import { expectBounded } from '../support/expect-bounded.ts';
import { failureOf } from '../support/failure-of.ts';
import { startScripted } from '../support/scripted-server.ts';
import type { Reply, ScriptedServer } from '../support/scripted-server.ts';
import * as answers from '../support/soap-answers.ts';

const authority = createAuthority({
  nowMs: Date.now(),
  randomBytes,
  newKeyPair: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
});
const certificate = authority.certificateFor('ex01.lab.example', null);
const megabyte = 1024 * 1024;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-bad-peers-'));
  await writeFile(join(folder, 'ca.pem'), authority.caPem);
});
afterAll(() => rm(folder, { recursive: true }));

let scripted: ScriptedServer | undefined;
let endless: net.Server | undefined;
afterEach(async () => {
  await scripted?.close();
  scripted = undefined;
  const server = endless;
  if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  endless = undefined;
});

function login(port: number, requestMs = 5000) {
  const tls = { scheme: 'https', auth: 'basic', caFile: join(folder, 'ca.pem') } as const;
  return { host: '127.0.0.1', port, ...tls, username: 'u', password: 'p', timeouts: { requestMs, connectMs: 5000 } };
}

/** What becomes of the first request when it is answered like this, and how much memory that took. */
async function answeredWith(reply: Reply) {
  scripted = await startScripted({ tls: certificate, onRequest: () => reply });
  const before = process.memoryUsage.rss();
  const startedMs = performance.now();
  const failure = await failureOf(connect(login(scripted.port)));
  expectBounded(startedMs);
  return { failure, grownBytes: process.memoryUsage.rss() - before };
}

const soap = { 'Content-Type': 'application/soap+xml;charset=UTF-8' };
const laughs = Array.from({ length: 12 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`).join('');

describe('an answer that is a trap', () => {
  test.each<[string, Reply, string]>([
    [
      'entities that grow',
      { status: 200, headers: soap, body: `<!DOCTYPE a [<!ENTITY e0 "x">${laughs}]><a>&e12;</a>` },
      'wire/invalid',
    ],
    [
      'an entity that is a file',
      { status: 200, headers: soap, body: '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>' },
      'wire/invalid',
    ],
    ['elements without an end', { status: 200, headers: soap, body: '<a>'.repeat(2_000_000) }, 'wire/invalid'],
    [
      'attributes by the million',
      { status: 200, headers: soap, body: `<a ${Array.from({ length: 300_000 }, (_, n) => `a${n}="1"`).join(' ')}/>` },
      'wire/invalid',
    ],
    ['a fault that is a trap', { status: 500, headers: soap, body: '<a>'.repeat(2_000_000) }, 'wire/invalid'],
    [
      'gigabytes in gzip',
      { status: 200, headers: { ...soap, 'Content-Encoding': 'gzip' }, body: gzipSync(Buffer.alloc(64 * megabyte)) },
      'http/not-winrm',
    ],
    ['a longer body than any', { status: 200, headers: soap, body: Buffer.alloc(9 * megabyte, 'x') }, 'wire/too-large'],
    ['a redirect', { status: 307, headers: { Location: 'https://127.0.0.1:1/wsman' } }, 'http/not-winrm'],
    [
      'text in a charset of its own',
      { status: 200, headers: { 'Content-Type': 'application/soap+xml;charset=x-none' }, body: 'x' },
      'wire/invalid',
    ],
  ])('%s', async (_what, reply, code) => {
    const { failure, grownBytes } = await answeredWith(reply);
    expect(failure.code).toBe(code);
    expect(grownBytes).toBeLessThan(400 * megabyte);
    expect(scripted?.requests.length).toBe(1);
  });
});

/** Answers the first bytes of a request with `head`, and then with `part` for ever. Resolves with the number of bytes it got rid of. */
async function endlessServer(head: string, part: string): Promise<{ port: number; sent: () => number }> {
  let sent = 0;
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    const pour = (): void => {
      while (!socket.destroyed && socket.write(part)) sent += part.length;
    };
    socket.once('data', () => {
      socket.write(head);
      socket.on('drain', pour);
      pour();
    });
  });
  endless = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as net.AddressInfo).port, sent: () => sent };
}

describe('an answer without an end', () => {
  test.each([
    ['a body without a length', 'HTTP/1.1 401 Unauthorized\r\n\r\n', 'x'.repeat(65_536)],
    ['chunks', 'HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n', `10000\r\n${'x'.repeat(65_536)}\r\n`],
    ['headers', 'HTTP/1.1 401 Unauthorized\r\n', `X-Filler: ${'x'.repeat(1000)}\r\n`],
    ['one header', 'HTTP/1.1 401 Unauthorized\r\nX-Filler: ', 'x'.repeat(65_536)],
  ])('%s', async (_what, head, part) => {
    const { port, sent } = await endlessServer(head, part);
    const failure = await failureOf(connect({ host: '127.0.0.1', port, username: 'u', password: 'p' }));
    expect(failure.code).toBe('wire/too-large');
    expect(failure.effect).toBe('none');
    expect(sent()).toBeLessThan(32 * megabyte);
  });

  test('a byte now and then keeps nobody waiting beyond the time of a request', async () => {
    const drips: NodeJS.Timeout[] = [];
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 100000\r\n\r\n');
        drips.push(setInterval(() => socket.write('x'), 20));
      });
    });
    endless = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    const timeouts = { requestMs: 300 };
    const startedMs = performance.now();
    const failure = await failureOf(connect({ host: '127.0.0.1', port, username: 'u', password: 'p', timeouts }));
    for (const drip of drips) clearInterval(drip);
    expect(failure.code).toBe('deadline/request');
    expectBounded(startedMs);
  });

  test('a server that asks for one more token for ever is left after the last', async () => {
    const token = Buffer.from('NTLMSSP\0\x02\0\0\0', 'latin1').toString('base64');
    scripted = await startScripted({
      onRequest: () => ({ status: 401, headers: { 'WWW-Authenticate': `Negotiate ${token}` } }),
    });
    const { port } = scripted;
    const failure = await failureOf(connect({ host: '127.0.0.1', port, username: 'u', password: 'p' }));
    expect(failure.code).toBe('auth/server');
    expect(scripted.requests.length).toBe(1);
  });
});

test('a clock that jumps, back or forth, is of no account', async () => {
  let jumps = 0;
  const clock: Clock = {
    now: () => new Date(Date.now() + (jumps++ % 2 === 0 ? 1 : -1) * 366 * 86_400_000).toISOString(),
    elapsedMs: () => performance.now(),
    sleep: () => Promise.resolve(),
  };
  scripted = await startScripted({
    tls: certificate,
    onRequest({ body }) {
      const action = /<a:Action[^>]*>[^<]*\/(\w+)<\/a:Action>/.exec(body.toString())?.[1] ?? '';
      const said: Readonly<Record<string, string>> = {
        Create: answers.createAnswer('S'),
        Command: answers.commandAnswer('C'),
        Receive: answers.receiveAnswer('ok', 0),
      };
      return { status: 200, headers: soap, body: said[action] ?? answers.deleteAnswer };
    },
  });
  const trace: TraceEntry[] = [];
  const connector = createConnector({
    readSecret: () => Promise.resolve('p'),
    random: randomBytes,
    clock,
    trace: (entry) => trace.push(entry),
  });
  const session = await connector.connect({
    name: 'ex01',
    connection: {
      address: '127.0.0.1',
      port: scripted.port,
      scheme: 'https',
      path: '/wsman',
      auth: 'basic',
      username: 'u',
      password: { kind: 'prompt' },
      caFile: join(folder, 'ca.pem'),
      tlsServerName: null,
      timeouts: { connectMs: 5000, operationMs: 20_000, requestMs: 30_000, hostMs: 60_000 },
    },
    groups: [],
    variables: {},
    origin: { file: '', line: 0, column: 0 },
  });
  expect((await session.ask('echo ok')).stdout).toBe('ok');
  await session.close();
  expect(jumps).toBeGreaterThan(2);
  for (const { durationMs } of trace) expect(durationMs).toBeGreaterThanOrEqual(0);
  for (const { durationMs } of trace) expect(durationMs).toBeLessThan(5000);
});
