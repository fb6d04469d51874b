import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAuthority } from '../../src/lab/http/certificates.ts';
import { connect } from '../../src/winrm/client.ts';
import type { ConnectOptions, TraceEntry } from '../../src/winrm/client.ts';
import { failureOf } from '../support/failure-of.ts';
import { startScripted } from '../support/scripted-server.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import * as answers from '../support/soap-answers.ts';

const authority = createAuthority({
  nowMs: Date.now(),
  randomBytes,
  newKeyPair: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
});

let folder: string;
let server: ScriptedServer;
let commands: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-client-'));
  await writeFile(join(folder, 'ca.pem'), authority.caPem);
  commands = 0;
  // Loses the answer to the first Command.
  server = await startScripted({
    tls: authority.certificateFor('ex01.lab.example', null),
    onRequest({ body }) {
      const text = body.toString();
      if (text.includes('shell/Command<') && (commands += 1) === 1) return 'reset';
      const answer = text.includes('transfer/Create<')
        ? answers.createAnswer('S')
        : text.includes('shell/Command<')
          ? answers.commandAnswer('C')
          : text.includes('shell/Receive<')
            ? answers.receiveAnswer('ok', 3, 'warned')
            : answers.deleteAnswer;
      return { status: 200, headers: { 'Content-Type': 'application/soap+xml;charset=UTF-8' }, body: answer };
    },
  });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

function login(more: Partial<ConnectOptions> = {}): ConnectOptions {
  const base = { host: '127.0.0.1', port: server.port, scheme: 'https', auth: 'basic', username: 'admin' } as const;
  return { ...base, password: 'secret-pass', caFile: join(folder, 'ca.pem'), ...more };
}

test('a line is sent at most once unless it is called repeatable', async () => {
  const shell = await connect(login());
  expect(await failureOf(shell.run('netsh'))).toMatchObject({ code: 'connect/lost', effect: 'unknown' });
  expect(commands).toBe(1);
  await shell.close();
});

test('a repeatable line is run again after its answer was lost', async () => {
  const trace: TraceEntry[] = [];
  const shell = await connect(login({ trace: (entry) => trace.push(entry) }));
  expect(await shell.run('netsh', { repeatable: true })).toEqual({ exitCode: 3, stdout: 'ok', stderr: 'warned' });
  expect(commands).toBe(2);
  await shell.close();
  expect(trace.map((one) => one.what).slice(0, 4)).toEqual(['create', 'command', 'command', 'receive']);
  expect(JSON.stringify(trace)).not.toContain('secret-pass');
});

test('an abort reaches both connecting and running', async () => {
  expect((await failureOf(connect(login({ signal: AbortSignal.abort() })))).code).toBe('interrupted');
  const shell = await connect(login());
  expect((await failureOf(shell.run('x', { signal: AbortSignal.abort() }))).code).toBe('interrupted');
  expect(commands).toBe(0);
  await shell.close();
});

test('the defaults are the ports of WinRM, and NTLM over http', async () => {
  const { port, ...noPort } = login({ host: '127.0.0.1' });
  expect(port).toBe(server.port);
  const taken = await failureOf(connect({ ...noPort, host: 'no-such-host.invalid' }));
  expect([taken.code, taken.where]).toEqual(['connect/name', 'no-such-host.invalid:5986']);
  const plain = await failureOf(connect({ host: 'no-such-host.invalid', username: 'admin', password: 'x' }));
  expect([plain.code, plain.where]).toEqual(['connect/name', 'no-such-host.invalid:5985']);
});
