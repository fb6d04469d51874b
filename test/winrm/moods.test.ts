// Real servers' moods, one by one, against the whole client over TLS: what may be asked again is asked again, what may not never is, and
// each ends in words that say what to do. Sources: facts wsman.md sections 2.10 (quotas) and 2.13 (answers without SOAP).
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../src/lab/http/certificates.ts';
import { startFleet } from '../../src/lab/fleet.ts';
import { serverSpec } from '../../src/lab/scenario/server-spec.ts';
import { connect } from '../../src/winrm/client.ts';
import type { ConnectOptions, RemoteShell } from '../../src/winrm/client.ts';
import { failureOf } from '../support/failure-of.ts';
import { startScripted } from '../support/scripted-server.ts';
import type { Reaction, ScriptedServer } from '../support/scripted-server.ts';
import * as answers from '../support/soap-answers.ts';
import { readSample, samplesMissing } from './samples.ts';

const authority = createAuthority({
  nowMs: Date.now(),
  randomBytes,
  newKeyPair: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
});
const soap = { 'Content-Type': 'application/soap+xml;charset=UTF-8' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-moods-'));
  await writeFile(join(folder, 'ca.pem'), authority.caPem);
});
afterAll(() => rm(folder, { recursive: true }));

let server: ScriptedServer | undefined;
let shell: RemoteShell | undefined;
afterEach(async () => {
  await shell?.close();
  shell = undefined;
  await server?.close();
  server = undefined;
});

type Operation = 'Create' | 'Command' | 'Receive' | 'Signal' | 'Delete';
const usual: Readonly<Record<Operation, string>> = {
  Create: answers.createAnswer('S'),
  Command: answers.commandAnswer('C'),
  Receive: answers.receiveAnswer('ok', 0),
  Signal: answers.signalAnswer,
  Delete: answers.deleteAnswer,
};

function operationOf(body: Buffer): Operation {
  return /<a:Action[^>]*>[^<]*\/(\w+)<\/a:Action>/.exec(body.toString())?.[1] as Operation;
}

/** A server that answers the first requests of each operation with these, and behaves after that. */
async function moody(moods: Partial<Record<Operation, readonly Reaction[]>>, address = '127.0.0.1'): Promise<void> {
  const met = new Map<Operation, number>();
  server = await startScripted({
    address,
    tls: authority.certificateFor('ex01.lab.example', null),
    onRequest({ body }) {
      const operation = operationOf(body);
      const count = met.get(operation) ?? 0;
      met.set(operation, count + 1);
      return moods[operation]?.[count] ?? { status: 200, headers: soap, body: usual[operation] };
    },
  });
}

const always = (reaction: Reaction): readonly Reaction[] => Array.from({ length: 20 }, () => reaction);
const fault = (code: number, subcode?: string): Reaction => ({
  status: 500,
  headers: soap,
  body: answers.faultAnswer(code, subcode),
});

function login(more: Partial<ConnectOptions> = {}): ConnectOptions {
  const base = { host: '127.0.0.1', port: server?.port ?? 0, scheme: 'https', auth: 'basic', username: 'u' } as const;
  return { ...base, password: 'p', caFile: join(folder, 'ca.pem'), tlsServerName: 'ex01.lab.example', ...more };
}

function count(operation: Operation): number {
  return (server?.requests ?? []).filter((one) => operationOf(one.body) === operation).length;
}

describe('a server without room for one more', () => {
  test.each([
    ['too many accounts (MaxConcurrentUsers)', fault(2150859179, 'w:QuotaLimit')],
    ['too many shells (MaxShellsPerUser), as WinRM 2 says it', fault(2150859173, 'w:QuotaLimit')],
    ['too much load', fault(2150859175, 'w:QuotaLimit')],
    ['a quota without a number', fault(0, 'w:QuotaLimit')],
    ['a service that is starting (503)', { status: 503 } as const],
    ['a service that is too busy (429)', { status: 429 } as const],
  ])('%s: asked again', async (_what, reaction) => {
    await moody({ Create: [reaction, reaction] });
    shell = await connect(login());
    expect((await shell.run('x')).stdout).toBe('ok');
    expect([count('Create'), count('Command')]).toEqual([3, 1]);
  });

  test.skipIf(samplesMissing)('too many shells, as WinRM 3 says it: a recorded MSFT_WmiError', async () => {
    const body = readSample('wsman-samples/WinRb', 'wmi_error_v2.xml');
    await moody({ Create: [{ status: 500, headers: soap, body }] });
    shell = await connect(login());
    expect(count('Create')).toBe(2);
  });

  test('and that for long: a named failure with a cure, after a few tries and not at once', async () => {
    await moody({ Create: always(fault(2150859179, 'w:QuotaLimit')) });
    const startedMs = performance.now();
    const failure = await failureOf(connect(login()));
    expect([failure.code, failure.effect, count('Create')]).toEqual(['wire/quota', 'none', 5]);
    expect(failure.hint).toContain('end other remote sessions');
    expect(performance.now() - startedMs).toBeGreaterThan(1500);
  });

  test('and the time of the host is over meanwhile', async () => {
    await moody({ Create: always(fault(2150859179, 'w:QuotaLimit')) });
    const failure = await failureOf(connect(login({ signal: AbortSignal.timeout(300) })));
    expect(count('Create')).toBeLessThan(4);
    expect(failure.effect).toBe('none');
  });
});

describe('no memory left (MaxMemoryPerShellMB)', () => {
  test.each([8, 14, 1816, 2147942408, 2147942414, 2147944216])('fault %i: a question is asked again', async (code) => {
    await moody({ Command: [fault(code)] });
    shell = await connect(login());
    expect((await shell.run('x', { repeatable: true })).stdout).toBe('ok');
    expect(count('Command')).toBe(2);
  });

  test.each(['Command', 'Receive'] as const)('at %s: a change is in doubt and not sent again', async (operation) => {
    await moody({ [operation]: [fault(2147942408)] });
    shell = await connect(login());
    const failure = await failureOf(shell.run('x'));
    expect([failure.effect, count('Command')]).toEqual(['unknown', 1]);
    expect(failure.hint).toContain('MaxMemoryPerShellMB');
  });

  test('the process was ended by the quota: its exit code and what it printed until then', async () => {
    const receive = { status: 200, headers: soap, body: answers.receiveAnswer('#fencepost:1:0', 3221225495) };
    await moody({ Receive: [receive] });
    shell = await connect(login());
    expect(await shell.run('x')).toMatchObject({ exitCode: 3221225495, stdout: '#fencepost:1:0' });
  });
});

describe('a message that is too large', () => {
  test.each([
    ['the request (413)', 'Command', { status: 413 } as const, 'none'],
    ['the answer (fault 2150858790)', 'Receive', fault(2150858790, 'w:EncodingLimit'), 'unknown'],
  ] as const)('%s', async (_what, operation, reaction, effect) => {
    await moody({ [operation]: [reaction] });
    shell = await connect(login());
    const failure = await failureOf(shell.run('x'));
    expect([failure.code, failure.effect, count('Command')]).toEqual(['wire/too-large', effect, 1]);
    expect(failure.hint).toContain('MaxEnvelopeSizekb');
  });
});

describe('a service that restarts', () => {
  test.each([
    ['503 at Command', 'Command', { status: 503 } as const],
    ['503 at Receive', 'Receive', { status: 503 } as const],
    ['a reset at Receive', 'Receive', 'reset'],
    ['an end at Receive', 'Receive', 'close'],
    [
      'half an answer at Receive',
      'Receive',
      { raw: 'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<s:Env', then: 'close' },
    ],
    ['its shells gone at Command', 'Command', fault(2150858843, 'w:InvalidSelectors')],
  ] as const)('%s: even a change goes on, for it ran once', async (_what, operation, reaction) => {
    await moody({ [operation]: [reaction] });
    shell = await connect(login());
    expect((await shell.run('x')).stdout).toBe('ok');
    expect(count('Command')).toBe(operation === 'Command' ? 2 : 1);
  });

  test.each([
    ['a reset at Command', 'Command', 'reset'],
    ['half an answer at Command', 'Command', { raw: 'HTTP/1.1 200 OK\r\nContent-Le', then: 'reset' }],
    ['its shells gone at Receive', 'Receive', fault(2150858843, 'w:InvalidSelectors')],
    ['the operation cut off (995) at Receive', 'Receive', fault(995)],
  ] as const)('%s: a change is in doubt, a question is asked anew', async (_what, operation, reaction) => {
    await moody({ [operation]: [reaction] });
    shell = await connect(login());
    expect([(await failureOf(shell.run('x'))).effect, count('Command')]).toEqual(['unknown', 1]);
    await shell.close();
    await server?.close();
    await moody({ [operation]: [reaction] });
    shell = await connect(login());
    expect((await shell.run('x', { repeatable: true })).stdout).toBe('ok');
    expect(count('Command')).toBe(2);
  });

  test.each([
    ['says so (Connection: close)', { Connection: 'close' }],
    ['says nothing', {}],
  ])('it closes the connection after each answer and %s', async (_what, extra) => {
    const headers: Record<string, string> = { ...soap, ...extra };
    let turns = 0;
    server = await startScripted({
      tls: authority.certificateFor('ex01.lab.example', null),
      onRequest({ body }) {
        turns += 1;
        const text = usual[operationOf(body)];
        const head = Object.entries({ ...headers, 'Content-Length': String(Buffer.byteLength(text)) })
          .map(([name, value]) => `${name}: ${value}\r\n`)
          .join('');
        return { raw: `HTTP/1.1 200 OK\r\n${head}\r\n${text}`, then: 'close' };
      },
    });
    shell = await connect(login());
    expect((await shell.run('x')).stdout).toBe('ok');
    expect((await shell.run('y')).stdout).toBe('ok');
    expect([count('Create'), count('Command'), turns]).toEqual([1, 2, 5]);
  });
});

describe('something else answers', () => {
  const portal = '<!DOCTYPE html><html><head><title>Sign in to the network</title></head><body>…</body></html>';
  test.each([
    ['a portal`s page', { status: 200, headers: { 'Content-Type': 'text/html' }, body: portal }, 'http/not-winrm'],
    ['a portal that calls its page SOAP', { status: 200, headers: soap, body: portal }, 'wire/invalid'],
    ['a portal that redirects', { status: 302, headers: { Location: 'http://portal/' } }, 'http/not-winrm'],
    ['garbage instead of XML', { status: 200, headers: soap, body: randomBytes(300) }, 'wire/invalid'],
    ['XML that is no SOAP', { status: 200, headers: soap, body: '<a/>' }, 'wire/invalid'],
    ['a fault page that is no SOAP', { status: 500, headers: soap, body: 'Internal Server Error' }, 'wire/invalid'],
    ['nothing', { status: 200, headers: soap, body: '' }, 'http/not-winrm'],
    ['a 401 without a word', { status: 401 }, 'auth/refused'],
  ] as const)('%s: named, once, without a try of the password elsewhere', async (_what, reaction, code) => {
    await moody({ Create: always(reaction) });
    const failure = await failureOf(connect(login()));
    expect(failure.code).toBe(code);
    expect(failure.hint ?? '').not.toBe('');
    expect(server?.requests.length).toBeLessThanOrEqual(2);
  });

  test('in the middle of a change: in doubt', async () => {
    await moody({ Receive: [{ status: 200, headers: { 'Content-Type': 'text/html' }, body: portal }] });
    shell = await connect(login());
    expect(await failureOf(shell.run('x'))).toMatchObject({ code: 'http/not-winrm', effect: 'unknown' });
  });
});

test('output in another code page than the one asked for keeps its digits and its layout', async () => {
  // CP850, as French Windows prints: "Début  9933 *".
  const bytes = Buffer.concat([Buffer.from('D'), Buffer.of(0x82), Buffer.from('but  9933 *')]);
  await moody({ Receive: [{ status: 200, headers: soap, body: answers.receiveAnswer(bytes, 0) }] });
  shell = await connect(login());
  expect((await shell.run('x')).stdout).toMatch(/^D.but {2}9933 \*$/);
});

test('an address of IPv6 is reached and written as it should be', async () => {
  await moody({}, '::1');
  shell = await connect(login({ host: '::1' }));
  expect((await shell.run('x')).stdout).toBe('ok');
  expect(server?.requests[0]?.headers['host']).toBe(`[::1]:${server?.port ?? 0}`);
  expect(server?.requests[0]?.body.toString()).toContain(`>https://[::1]:${server?.port ?? 0}/wsman</a:To>`);
});

describe('a slow logon: the second leg of NTLM takes its time', () => {
  const account = { user: 'LAB\\operator', password: 'pass' };
  const on = { operation: 'create', nth: null, line: null, request: null } as const;
  const slow = (delayMs: number) =>
    startFleet({
      account,
      servers: [serverSpec({ name: 'ex01', mishaps: [{ on, act: { kind: 'delay', delayMs }, times: 1 }] })],
    });

  test.each([
    ['within the time of a request', 700, 5000, null],
    ['beyond it', 60_000, 400, 'deadline/request'],
  ] as const)('%s', async (_what, delayMs, requestMs, code) => {
    const fleet = await slow(delayMs);
    try {
      const { port } = fleet.server('ex01');
      const opening = connect({
        host: '127.0.0.1',
        port,
        username: account.user,
        password: account.password,
        timeouts: { requestMs },
      });
      if (code === null) {
        shell = await opening;
        expect((await shell.run('hostname')).exitCode).toBe(0);
      } else {
        const failure = await failureOf(opening);
        expect([failure.code, failure.effect]).toEqual([code, 'none']);
        expect(failure.hint).toContain('request_timeout_s');
      }
    } finally {
      await fleet.close();
    }
  });
});
