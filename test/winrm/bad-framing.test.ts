// Answers whose HTTP frame lies: lengths that are not so, bytes behind the end, chunks that are none, drops of a byte. What is behind one
// answer is never taken for the next, and nothing waits beyond the time of a request. Source: RFC 9112 sections 6 and 7, and 11.2.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import * as tls from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../src/lab/http/certificates.ts';
import { connect } from '../../src/winrm/client.ts';
import { expectBounded } from '../support/expect-bounded.ts';
import { failureOf } from '../support/failure-of.ts';
import { startScripted } from '../support/scripted-server.ts';
import type { Reaction, ScriptedServer, SeenRequest } from '../support/scripted-server.ts';
import * as answers from '../support/soap-answers.ts';

const authority = createAuthority({
  nowMs: Date.now(),
  randomBytes,
  newKeyPair: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
});
const certificate = authority.certificateFor('ex01.lab.example', null);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-framing-'));
  await writeFile(join(folder, 'ca.pem'), authority.caPem);
});
afterAll(() => rm(folder, { recursive: true }));

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

function login(port: number, requestMs = 5000) {
  const secure = { scheme: 'https', auth: 'basic', caFile: join(folder, 'ca.pem') } as const;
  return { host: '127.0.0.1', port, ...secure, username: 'u', password: 'p', timeouts: { requestMs } };
}

const type = 'Content-Type: application/soap+xml;charset=UTF-8\r\n';

function whole(text: string): string {
  return `HTTP/1.1 200 OK\r\n${type}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

function isCreate({ body }: SeenRequest): boolean {
  return body.toString().includes('transfer/Create<');
}

/** A server that answers Create with these bytes and the rest as it should. */
async function answeringCreate(raw: string, then: 'wait' | 'close' = 'wait'): Promise<ScriptedServer> {
  const told = (request: SeenRequest): Reaction => {
    const text = request.body.toString();
    if (isCreate(request)) return { raw, then };
    const answer = text.includes('shell/Command<')
      ? answers.commandAnswer('C')
      : text.includes('shell/Receive<')
        ? answers.receiveAnswer('true output', 0)
        : answers.deleteAnswer;
    return { raw: whole(answer), then: 'wait' };
  };
  server = await startScripted({ tls: certificate, onRequest: told });
  return server;
}

const created = answers.createAnswer('S');

describe('a frame that is unusual, but true', () => {
  const half = created.length / 2;
  test.each([
    ['chunks', chunk(created)],
    ['chunks with extensions', `${created.length.toString(16)};name="value"\r\n${created}\r\n`],
    ['many chunks', created.split(/(?=<)/).map(chunk).join('')],
    ['two chunks', chunk(created.slice(0, half)) + chunk(created.slice(half))],
  ])('%s, with trailers', async (_what, chunks) => {
    const trailers = 'X-Checksum: 1\r\nContent-Type: text/html\r\n';
    const { port } = await answeringCreate(
      `HTTP/1.1 200 OK\r\n${type}Transfer-Encoding: chunked\r\nTrailer: X-Checksum\r\n\r\n${chunks}0\r\n${trailers}\r\n`,
    );
    const shell = await connect(login(port));
    expect((await shell.run('x')).stdout).toBe('true output');
    await shell.close();
  });

  test('an interim answer before it', async () => {
    const { port } = await answeringCreate(`HTTP/1.1 102 Processing\r\n\r\n${whole(created)}`);
    const shell = await connect(login(port));
    expect((await shell.run('x')).stdout).toBe('true output');
    await shell.close();
  });
});

describe('bytes behind the end of an answer', () => {
  const smuggled = answers.commandAnswer('SMUGGLED');
  test.each([
    ['a whole answer to a question not yet asked', whole(smuggled)],
    ['the rest of a longer body', 'x'.repeat(100)],
    ['a line end', '\r\n'],
  ])('%s: never taken for the next answer', async (_what, more) => {
    const { port, requests } = await answeringCreate(whole(created) + more);
    const shell = await connect(login(port));
    expect((await shell.run('x', { repeatable: true })).stdout).toBe('true output');
    await shell.close();
    for (const { body } of requests) expect(body.toString()).not.toContain('SMUGGLED');
  });
});

describe('a frame that lies', () => {
  test.each([
    [
      'a length beyond what comes, and then an end',
      whole(created).replace(/Length: \d+/, 'Length: 99999'),
      'close',
      'connect/lost',
    ],
    [
      'a length beyond what comes, and then silence',
      whole(created).replace(/Length: \d+/, 'Length: 99999'),
      'wait',
      'deadline/request',
    ],
    ['a length short of what comes', whole(created).replace(/Length: \d+/, 'Length: 50'), 'wait', 'wire/invalid'],
    ['a negative length', whole(created).replace(/Length: \d+/, 'Length: -1'), 'wait', 'http/not-winrm'],
    ['a length that is a word', whole(created).replace(/Length: \d+/, 'Length: all'), 'wait', 'http/not-winrm'],
    ['two lengths', whole(created).replace('\r\n\r\n', '\r\nContent-Length: 3\r\n\r\n'), 'wait', 'http/not-winrm'],
    [
      'a length and chunks',
      whole(created).replace('\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\n\r\n'),
      'wait',
      'http/not-winrm',
    ],
    [
      'a chunk of no size',
      `HTTP/1.1 200 OK\r\n${type}Transfer-Encoding: chunked\r\n\r\nsize\r\n`,
      'wait',
      'http/not-winrm',
    ],
    [
      'a chunk of any size',
      `HTTP/1.1 200 OK\r\n${type}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n`,
      'wait',
      'http/not-winrm',
    ],
    [
      'a chunk that is cut',
      `HTTP/1.1 200 OK\r\n${type}Transfer-Encoding: chunked\r\n\r\nff\r\nx`,
      'close',
      'connect/lost',
    ],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'wait', 'http/not-winrm'],
    ['a header without a name', `HTTP/1.1 200 OK\r\n: x\r\n\r\n`, 'wait', 'http/not-winrm'],
  ] as const)('%s', async (_what, raw, then, code) => {
    const { port } = await answeringCreate(raw, then);
    const startedMs = performance.now();
    const failure = await failureOf(connect(login(port, 600)));
    expect(failure.code).toBe(code);
    expectBounded(startedMs);
  });
});

describe('a byte now and then', () => {
  test.each([
    ['in the status line', 'HTTP/1.1 200 OK', ''],
    ['in a header', `HTTP/1.1 200 OK\r\n${type}X-Slow: `, 'x'],
    ['in the body', `HTTP/1.1 200 OK\r\n${type}Content-Length: 100000\r\n\r\n`, 'x'],
    ['in chunks', `HTTP/1.1 200 OK\r\n${type}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'],
    ['as interim answers', '', 'HTTP/1.1 102 Processing\r\n\r\n'],
  ])('%s: no longer than the time of a request', async (_what, head, drop) => {
    const stop = new AbortController();
    const slow = tls.createServer({ cert: certificate.certificatePem, key: certificate.privateKeyPem }, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        void (async () => {
          for (const letter of head) socket.write(letter);
          while (!stop.signal.aborted && !socket.destroyed) {
            if (drop !== '') socket.write(drop);
            await wait(25, undefined, { signal: stop.signal }).catch(() => undefined);
          }
        })();
      });
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const { port } = slow.address() as { port: number };
    const startedMs = performance.now();
    const failure = await failureOf(connect(login(port, 500)));
    expect(failure.code).toBe('deadline/request');
    expectBounded(startedMs);
    stop.abort();
    await new Promise((resolve) => slow.close(resolve));
  });
});
