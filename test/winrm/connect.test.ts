import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../src/lab/http/certificates.ts';
import type { Connection, Target } from '../../src/model/target.ts';
import type { Clock, Connector } from '../../src/model/seams.ts';
import { createConnector } from '../../src/winrm/connect.ts';
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
const clock: Clock = {
  now: () => new Date().toISOString(),
  elapsedMs: () => performance.now(),
  sleep: () => Promise.resolve(),
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-connect-'));
  await writeFile(join(folder, 'ca.pem'), authority.caPem);
});
afterAll(() => rm(folder, { recursive: true }));

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** What the client wants, by the action in its message. */
function actionOf(request: SeenRequest): string {
  return /<a:Action[^>]*>[^<]*\/(\w+)<\/a:Action>/.exec(request.body.toString())?.[1]?.toLowerCase() ?? '';
}

const good: Readonly<Record<string, string>> = {
  create: answers.createAnswer('S1'),
  command: answers.commandAnswer('C1'),
  receive: answers.receiveAnswer('ok', 0),
  signal: answers.signalAnswer,
  delete: answers.deleteAnswer,
};

/** A server over TLS with basic; `react` may do something else for one action. */
async function startServer(
  react: (action: string, n: number) => Reaction | null = () => null,
): Promise<ScriptedServer> {
  server = await startScripted({
    tls: authority.certificateFor('ex01.lab.example', null),
    onRequest(request, n) {
      const action = actionOf(request);
      const special = react(action, n);
      if (special !== null) return special;
      return {
        status: 200,
        headers: { 'Content-Type': 'application/soap+xml;charset=UTF-8' },
        body: good[action] ?? '',
      };
    },
  });
  return server;
}

function targetOf(port: number, more: Partial<Connection> = {}): Target {
  return {
    name: 'ex01',
    connection: {
      address: '127.0.0.1',
      port,
      scheme: 'https',
      path: '/wsman',
      auth: 'basic',
      username: 'admin',
      password: { kind: 'env', name: 'PASSWORD' },
      caFile: join(folder, 'ca.pem'),
      tlsServerName: null,
      timeouts: { connectMs: 5000, operationMs: 20_000, requestMs: 5000, hostMs: 60_000 },
      ...more,
    },
    groups: [],
    variables: {},
    origin: { file: 'inventory.yml', line: 1, column: 1 },
  };
}

function connectorWith(password: () => Promise<string> = () => Promise.resolve('secret-pass')): Connector {
  return createConnector({ readSecret: password, random: randomBytes, clock });
}

const actions = (from: ScriptedServer): readonly string[] => from.requests.map(actionOf);

async function eventually(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(setImmediate);
}

test('a fallback from Kerberos to NTLM is said, once for each reason', async () => {
  const { port } = await startServer();
  const said: string[] = [];
  const readSecret = () => Promise.resolve('secret-pass');
  const connector = createConnector({ readSecret, random: randomBytes, clock, warn: (text) => said.push(text) });
  for (const auth of ['negotiate', 'negotiate', 'ntlm'] as const) {
    // The server takes basic only: the logon fails, after it was said how it is tried.
    await failureOf(connector.connect(targetOf(port, { auth })));
  }
  expect(said).toEqual([expect.stringMatching(/NTLM is used instead of Kerberos.*127\.0\.0\.1.*IP address/)]);
});

describe('a session', () => {
  test('over TLS with basic is four requests on one connection', async () => {
    const { port } = await startServer();
    const session = await connectorWith().connect(targetOf(port));
    expect(await session.ask('echo ok')).toEqual({ exitCode: 0, stdout: 'ok', stderr: '' });
    await session.close();
    await eventually(() => server?.requests.length === 4);
    expect(actions(server as ScriptedServer)).toEqual(['create', 'command', 'receive', 'delete']);
    expect(server?.connections).toBe(1);
    const ids = server?.requests.map((one) => /<a:MessageID>(.*?)</.exec(one.body.toString())?.[1]) ?? [];
    expect(new Set(ids).size).toBe(4);
    for (const id of ids)
      expect(id).toMatch(/^uuid:[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/);
  });

  test('runs lines one after the other, in the order of the calls, whatever becomes of each', async () => {
    const { port } = await startServer((action, n) => (action === 'command' && n === 4 ? { status: 500 } : null));
    const session = await connectorWith().connect(targetOf(port));
    const ended = await Promise.allSettled([session.change('1'), session.change('2'), session.ask('3')]);
    expect(ended.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const expected = ['create', 'command', 'receive', 'command', 'delete', 'create', 'command', 'receive'];
    expect(actions(server as ScriptedServer)).toEqual(expected);
    await session.close();
  });

  test('close waits for what was asked before, refuses what comes after, and may be called twice', async () => {
    const { port } = await startServer();
    const session = await connectorWith().connect(targetOf(port));
    const before = session.ask('1');
    const closing = [session.close(), session.close()];
    const after = await failureOf(session.change('2'));
    expect(after).toMatchObject({ code: 'interrupted', effect: 'none' });
    expect((await before).stdout).toBe('ok');
    await Promise.all(closing);
    await eventually(() => actions(server as ScriptedServer).includes('delete'));
    expect(server?.requests).toHaveLength(4);
  });

  test('leaves no connection open after the Delete was answered', async () => {
    const { port } = await startServer();
    const session = await connectorWith().connect(targetOf(port));
    await session.close();
    await server?.allClosed();
    expect(actions(server as ScriptedServer)).toEqual(['create', 'delete']);
  });

  test('closes in time when the server is silent', async () => {
    const { port } = await startServer((action) => (action === 'delete' ? 'wait' : null));
    const session = await connectorWith().connect(targetOf(port));
    const startedMs = performance.now();
    await session.close();
    // It would wait for the two seconds of the Delete.
    expectBounded(startedMs, 1900);
  });

  test('a change whose connection breaks after Command: in doubt, and the line never goes out again', async () => {
    const { port } = await startServer((action) => (action === 'command' ? 'reset' : null));
    const session = await connectorWith().connect(targetOf(port));
    expect(await failureOf(session.change('netsh'))).toMatchObject({ code: 'connect/lost', effect: 'unknown' });
    expect(actions(server as ScriptedServer).filter((one) => one === 'command')).toHaveLength(1);
    await session.close();
  });

  test('a connection that the server closed between two lines is replaced, for a change too', async () => {
    const { port } = await startServer();
    const session = await connectorWith().connect(targetOf(port));
    await session.ask('1');
    server?.hangUp();
    await server?.allClosed();
    expect((await session.change('2')).stdout).toBe('ok');
    expect(server?.connections).toBe(2);
    expect(actions(server as ScriptedServer).filter((one) => one === 'command')).toHaveLength(2);
    await session.close();
  });

  test('a deadline of the caller ends a running line and cleans up on a new connection', async () => {
    const stop = new AbortController();
    const { port } = await startServer((action) => {
      if (action !== 'receive') return null;
      stop.abort(new DOMException('over', 'TimeoutError'));
      return 'wait';
    });
    const session = await connectorWith().connect(targetOf(port));
    const ended = await failureOf(session.change('slow', { signal: stop.signal }));
    expect(ended).toMatchObject({ code: 'deadline/host', effect: 'unknown' });
    await session.close();
    expect(actions(server as ScriptedServer)).toEqual(['create', 'command', 'receive', 'signal', 'delete']);
    expect(server?.connections).toBe(2);
  });
});

describe('connect', () => {
  test('refuses basic over http before it asks for the secret', async () => {
    let isAsked = false;
    const connector = connectorWith(() => {
      isAsked = true;
      return Promise.resolve('secret-pass');
    });
    expect((await failureOf(connector.connect(targetOf(1, { scheme: 'http' })))).code).toBe('auth/unsafe');
    expect(isAsked).toBe(false);
  });

  test('a refused logon is said once, without the password, and leaves nothing open', async () => {
    const { port } = await startServer(() => ({ status: 401, headers: { 'WWW-Authenticate': 'Basic realm="WSMAN"' } }));
    const failure = await failureOf(connectorWith().connect(targetOf(port)));
    expect(failure.code).toBe('auth/refused');
    expect(JSON.stringify([failure, failure.message, failure.hint])).not.toContain('secret-pass');
    await server?.allClosed();
    expect(server?.requests).toHaveLength(1);
  });

  test('an error in reading the secret comes out as a Failure', async () => {
    const failure = await failureOf(connectorWith(() => Promise.reject(new Error('no keyring'))).connect(targetOf(1)));
    expect(failure.code).toBe('internal/bug');
  });

  test('stops at an abort', async () => {
    const stop = new AbortController();
    const { port } = await startServer(() => {
      stop.abort();
      return 'wait';
    });
    const failure = await failureOf(connectorWith().connect(targetOf(port), { signal: stop.signal }));
    expect([failure.code, failure.effect]).toEqual(['interrupted', 'none']);
    await server?.allClosed();
  });
});
