// Our client against WinRM servers whose NTLM and sealing are not ours: pyspnego (Python) and gss-ntlmssp (C). What both can read, and
// what is read from both, is not merely our own reading of the specification.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { connect } from '../../src/winrm/client.ts';
import type { ConnectOptions, TraceEntry } from '../../src/winrm/client.ts';
import { failureOf } from '../support/failure-of.ts';
import { changeBehindHangUp } from './support/hang-up.ts';
import { clientPassphrase, peerAccount, startPeer } from './support/peer-server.ts';
import type { PeerOptions, PeerServer } from './support/peer-server.ts';
import { missingPeer } from './support/python-venv.ts';

const run = promisify(execFile);
const acceptors = [
  { acceptor: 'pyspnego', missing: await missingPeer(['spnego']) },
  { acceptor: 'gss-ntlmssp', missing: await missingPeer(['gssapi']) },
] as const;

let peer: PeerServer | undefined;
afterEach(async () => {
  await peer?.stop();
  peer = undefined;
});

async function start(options: PeerOptions): Promise<PeerServer> {
  peer = await startPeer(options);
  return peer;
}

function loginTo(server: PeerServer, more: Partial<ConnectOptions> = {}): ConnectOptions {
  const { domain, user, password } = peerAccount;
  const tls = server.caFile === null ? {} : ({ scheme: 'https', caFile: server.caFile } as const);
  return { host: '127.0.0.1', port: server.port, username: `${domain}\\${user}`, password, ...tls, ...more };
}

const languages = 'Zürich größer\r\nПривет, порт 9933\r\n東京 ポート 9955 *\r\n';

describe.each(acceptors)('against $acceptor', ({ acceptor, missing }) => {
  const peerTest = test.skipIf(missing !== null);

  peerTest('a whole collect over sealed NTLM is five requests on one connection', async () => {
    const server = await start({ acceptor });
    const trace: TraceEntry[] = [];
    const shell = await connect(loginTo(server, { trace: (entry) => trace.push(entry) }));
    expect(await shell.run('echo hello')).toEqual({ exitCode: 0, stdout: 'hello\r\n', stderr: '' });
    await shell.close();

    const log = await server.log({ afterDelete: true });
    expect(log.requests.map((one) => one.what)).toEqual(['type1', 'type3+create', 'command', 'receive', 'delete']);
    expect(log.connections).toBe(1);
    expect(log.requests.slice(1).every((one) => one.sealed)).toBe(true);
    expect(log.requests.some((one) => one.chunked)).toBe(false);
    expect(trace.slice(0, 4).map((one) => [one.n, one.what, one.status])).toEqual([
      [1, 'type1', 401],
      [2, 'type3+create', 200],
      [3, 'command', 200],
      [4, 'receive', 200],
    ]);
    expect(JSON.stringify(trace)).not.toContain(peerAccount.password);
  });

  peerTest('each further command costs two requests', async () => {
    const server = await start({ acceptor });
    const shell = await connect(loginTo(server));
    for (const line of ['echo hello', 'fail', 'old code page']) await shell.run(line);
    await shell.close();
    const log = await server.log({ afterDelete: true });
    expect(log.requests).toHaveLength(2 + 3 * 2 + 1);
  });

  peerTest('output in many parts, cut inside a character, with "nothing yet" in both forms', async () => {
    const server = await start({ acceptor });
    const shell = await connect(loginTo(server));
    expect(await shell.run('languages')).toEqual({ exitCode: 0, stdout: languages, stderr: 'nö' });
    expect(await shell.run('one byte at a time')).toEqual({ exitCode: 0, stdout: 'ä€😀*', stderr: '' });
    expect(await shell.run('old code page')).toEqual({ exitCode: 0, stdout: 'größer 9933 *\r\n', stderr: '' });
    expect(await shell.run('fail')).toEqual({ exitCode: 3221225786, stdout: '', stderr: 'no\r\n' });
    expect((await shell.run('big')).stdout).toBe('0123456789abcdef'.repeat(25_600));
    await shell.close();
    expect((await server.log({ afterDelete: true })).connections).toBe(1);
  });

  peerTest('characters that XML and cmd treat specially arrive as they are', async () => {
    const server = await start({ acceptor });
    const shell = await connect(loginTo(server));
    const line = `echo <a b='c'> & "d" | %PATH% ^ ]]> é 東 😀`;
    expect((await shell.run(line)).stdout).toBe(line);
    await shell.close();
  });

  peerTest('a lost Receive is asked for again, for a change too: the command runs once', async () => {
    const server = await start({ acceptor });
    const shell = await connect(loginTo(server));
    expect((await shell.run('drop receive')).stdout).toBe('before and after');
    await shell.close();
    const log = await server.log({ afterDelete: true });
    expect(log.ran).toEqual(['drop receive']);
    expect(log.requests.map((one) => one.what).slice(3)).toEqual([
      'receive',
      'receive',
      'type1',
      'type3+receive',
      'delete',
    ]);
  });

  peerTest(
    'a lost answer to Command: a change is in doubt and never sent again, a question is asked again',
    async () => {
      const server = await start({ acceptor });
      const shell = await connect(loginTo(server));
      const failure = await failureOf(shell.run('drop command: change'));
      expect([failure.code, failure.effect]).toEqual(['connect/lost', 'unknown']);
      expect((await shell.run('drop command: ask', { repeatable: true })).stdout).toBe('drop command: ask');
      await shell.close();
      const log = await server.log({ afterDelete: true });
      expect(log.ran).toEqual(['drop command: change', 'drop command: ask', 'drop command: ask']);
    },
  );

  peerTest('a Receive that takes too long is asked again on a new connection', async () => {
    const server = await start({ acceptor });
    // Half of what the server holds it; every other request has to be answered within it, on a busy machine too.
    const shell = await connect(loginTo(server, { timeouts: { requestMs: 4000 } }));
    expect((await shell.run('slow')).stdout).toBe('at last');
    await shell.close();
    const log = await server.log({ afterDelete: true });
    expect(log.ran).toEqual(['slow']);
    expect(log.connections).toBe(2);
  });

  peerTest('a change on a new connection finishes its handshake first', async () => {
    const server = await start({ acceptor });
    const shell = await connect(loginTo(server));
    expect(await changeBehindHangUp(server, shell)).toEqual(['type1', 'type3', 'command', 'receive', 'delete']);
  });

  peerTest('the shell of a change whose answer is lost is gone before the next line', async () => {
    const server = await start({ acceptor });
    const shell = await connect(loginTo(server));
    await failureOf(shell.run('drop command'));
    expect((await shell.run('a change')).stdout).toBe('a change');
    await shell.close();
    const log = await server.log({ afterDelete: true });
    const expected = ['type1', 'type3+delete', 'create', 'command', 'receive', 'delete'];
    expect(log.requests.map((one) => one.what).slice(3)).toEqual(expected);
  });

  peerTest('what the server rejected before it ran is sent again: shell gone, quota', async () => {
    const server = await start({ acceptor });
    const shell = await connect(loginTo(server));
    expect((await shell.run('shell gone once')).stdout).toBe('shell gone once');
    expect((await shell.run('busy once')).stdout).toBe('busy once');
    await shell.close();
    const log = await server.log({ afterDelete: true });
    expect(log.ran).toEqual(['shell gone once', 'busy once']);
  });

  peerTest.each(['type3-body-ignored', 'type3-body-400'] as const)(
    'a server of the mood %s is found out once',
    async (mood) => {
      const server = await start({ acceptor, mood });
      const trace: TraceEntry[] = [];
      const shell = await connect(loginTo(server, { trace: (entry) => trace.push(entry) }));
      expect((await shell.run('echo hello')).stdout).toBe('hello\r\n');
      await shell.close();
      const log = await server.log({ afterDelete: true });
      const expected = ['type1', 'type3+dropped', 'type1', 'type3', 'create', 'command', 'receive', 'delete'];
      expect(log.requests.map((one) => one.what)).toEqual(expected);
      expect(log.connections).toBe(2);
      expect(trace[4]?.note).toContain('accepts no message with the last token');
    },
  );

  peerTest('a clear answer to a sealed request is refused, and a change is then in doubt', async () => {
    const server = await start({ acceptor, mood: 'answers-in-clear' });
    const shell = await connect(loginTo(server));
    const failure = await failureOf(shell.run('echo hello'));
    expect([failure.code, failure.effect]).toEqual(['wire/unsealed', 'unknown']);
    await shell.close();
  });

  peerTest('a sealed fault is read: access denied', async () => {
    const server = await start({ acceptor, mood: 'access-denied' });
    const failure = await failureOf(connect(loginTo(server)));
    expect(failure.code).toBe('wire/access-denied');
    expect(failure.message).toContain('Zugriff verweigert');
    expect((await server.log()).requests).toHaveLength(2);
  });

  peerTest.each([
    ['password', { password: 'wrong' }],
    ['user', { username: 'PEER\\nobody' }],
  ])('a wrong %s is refused after one logon, with what the server offers', async (_what, wrong) => {
    const server = await start({ acceptor });
    const failure = await failureOf(connect(loginTo(server, wrong)));
    expect(failure.code).toBe('auth/refused');
    expect(failure.message).toContain('Negotiate, Kerberos');
    expect(`${failure.message}${failure.hint ?? ''}`).not.toContain('wrong');
    expect((await server.log()).requests.map((one) => one.what)).toEqual(['type1', 'type3 refused']);
  });

  peerTest('NTLM over https: bound to the certificate, bodies in clear inside TLS', async () => {
    const server = await start({ acceptor, scheme: 'https' });
    const shell = await connect(loginTo(server));
    expect((await shell.run('languages')).stdout).toBe(languages);
    await shell.close();
    const log = await server.log({ afterDelete: true });
    expect(
      log.requests.slice(1).every((one) => !one.sealed && one.content_type.startsWith('application/soap+xml')),
    ).toBe(true);
  });

  peerTest('NTLM over https: another channel binding is refused', async () => {
    const server = await start({ acceptor, scheme: 'https', mood: 'wrong-bindings' });
    const failure = await failureOf(connect(loginTo(server)));
    expect(failure.code).toBe('auth/refused');
    expect(failure.hint).toContain('channel binding');
  });

  peerTest('an aborted command is terminated and its shell deleted', async () => {
    const server = await start({ acceptor });
    const shell = await connect(loginTo(server));
    const stop = new AbortController();
    const running = failureOf(shell.run('for ever', { signal: stop.signal }));
    while (!(await server.log()).requests.some((one) => one.what === 'receive')) await Promise.resolve();
    stop.abort();
    const failure = await running;
    expect([failure.code, failure.effect]).toEqual(['interrupted', 'unknown']);
    await shell.close();
    const log = await server.log({ afterDelete: true });
    expect(log.requests.slice(-2).map((one) => one.what)).toEqual(['type3+signal', 'delete']);
  });

  peerTest('a process that has closed its shell ends by itself', async () => {
    const server = await start({ acceptor });
    const { domain, user, password } = peerAccount;
    const client = new URL('../../dist/winrm/client.js', import.meta.url).href;
    const program = `
      import { connect } from ${JSON.stringify(client)};
      const username = ${JSON.stringify(`${domain}\\${user}`)}, password = ${JSON.stringify(password)};
      const shell = await connect({ host: '127.0.0.1', port: ${server.port}, username, password });
      const answer = await shell.run('echo hello');
      await shell.close();
      const closedMs = performance.now();
      process.on('exit', () => process.stdout.write(answer.stdout + (performance.now() - closedMs < 1000)));`;
    const ended = await run(process.execPath, ['--input-type=module', '-e', program], { timeout: 60_000 });
    expect(ended.stdout).toBe('hello\r\ntrue');
    expect((await server.log({ afterDelete: true })).requests).toHaveLength(5);
  });
});

describe('basic over https', () => {
  const peerTest = test.skipIf(acceptors[0].missing !== null);

  peerTest('is four requests, with the header sent unasked', async () => {
    const server = await start({ acceptor: 'basic', scheme: 'https' });
    const shell = await connect(loginTo(server, { auth: 'basic', username: peerAccount.user }));
    expect((await shell.run('languages')).stdout).toBe(languages);
    await shell.close();
    const log = await server.log({ afterDelete: true });
    expect(log.requests.map((one) => one.what).filter((what) => what !== 'receive')).toEqual([
      'create',
      'command',
      'delete',
    ]);
    expect(log.connections).toBe(1);
  });

  peerTest('a wrong password is refused', async () => {
    const server = await start({ acceptor: 'basic', scheme: 'https' });
    const login = loginTo(server, { auth: 'basic', username: peerAccount.user, password: 'wrong' });
    expect((await failureOf(connect(login))).code).toBe('auth/refused');
  });

  peerTest('a server without Negotiate is told apart from a refused logon', async () => {
    const server = await start({ acceptor: 'basic', scheme: 'https' });
    const failure = await failureOf(connect(loginTo(server)));
    expect(failure.code).toBe('auth/unsupported');
    expect(failure.message).toContain('Basic, Kerberos');
  });

  peerTest('the certificate is verified: another CA, another name', async () => {
    const server = await start({ acceptor: 'basic', scheme: 'https' });
    const login = {
      host: '127.0.0.1',
      port: server.port,
      scheme: 'https',
      auth: 'basic',
      username: 'x',
      password: 'x',
    } as const;
    expect((await failureOf(connect(login))).code).toBe('tls/untrusted');
    const caFile = server.caFile ?? '';
    expect((await failureOf(connect({ ...login, caFile, tlsServerName: 'ex01.corp.example' }))).code).toBe(
      'tls/wrong-name',
    );
    const byName = connect({ ...login, caFile, tlsServerName: 'localhost' });
    expect((await failureOf(byName)).code).toBe('auth/refused');
  });
});

describe('a client certificate', () => {
  const peerTest = test.skipIf(acceptors[0].missing !== null);
  type Clients = PeerServer['clients'];
  function pem(files: Clients['ops']): Partial<ConnectOptions> {
    return { clientCertificate: { certificateFile: files.pem, keyFile: files.key }, password: clientPassphrase };
  }

  peerTest.each([
    ['as PEM files', (clients: Clients) => pem(clients.ops)],
    ['as PFX', ({ ops }: Clients) => ({ clientCertificate: { pfxFile: ops.pfx }, password: clientPassphrase })],
  ] as const)('%s: four requests, over TLS 1.2, the header on each', async (_how, own) => {
    const server = await start({ acceptor: 'certificate', scheme: 'https' });
    const shell = await connect({ ...loginTo(server), auth: 'certificate', username: 'ops', ...own(server.clients) });
    expect((await shell.run('echo hello')).stdout).toBe('hello\r\n');
    await shell.close();
    const log = await server.log({ afterDelete: true });
    const words = ['create', 'command', 'receive', 'delete'];
    expect(log.requests.map((one) => one.what)).toEqual(words.map((word) => `TLSv1.2+${word}`));
    expect(log.connections).toBe(1);
  });

  peerTest('that is mapped to no account is refused by the server', async () => {
    const server = await start({ acceptor: 'certificate', scheme: 'https' });
    const failure = await failureOf(
      connect({ ...loginTo(server), auth: 'certificate', ...pem(server.clients.unmapped) }),
    );
    expect(failure.code).toBe('auth/refused');
    expect(failure.hint).toContain('certmapping');
  });

  peerTest('of a CA the server does not know is refused in the TLS handshake', async () => {
    const server = await start({ acceptor: 'certificate', scheme: 'https' });
    const failure = await failureOf(
      connect({ ...loginTo(server), auth: 'certificate', ...pem(server.clients.foreign) }),
    );
    expect(failure.code).toBe('tls/failed');
    expect(failure.message).toContain('rejected the client certificate');
  });

  peerTest('a server that demands one gets none', async () => {
    const server = await start({ acceptor: 'certificate', scheme: 'https' });
    const failure = await failureOf(connect(loginTo(server, { auth: 'ntlm' })));
    expect([failure.code, failure.effect]).toEqual(['tls/failed', 'none']);
    expect(failure.message).toContain('requires a client certificate');
  });

  peerTest.each([
    ['a wrong passphrase', (clients: Clients) => ({ ...pem(clients.ops), password: 'secret-Wrong-1' })],
    [
      'a wrong passphrase of a PFX',
      ({ ops }: Clients) => ({ clientCertificate: { pfxFile: ops.pfx }, password: 'secret-Wrong-1' }),
    ],
    ['the key of another', ({ ops, unmapped }: Clients) => pem({ ...ops, key: unmapped.key })],
    ['no such file', ({ ops }: Clients) => pem({ ...ops, pem: `${ops.pem}.missing` })],
  ])('that can not be used: %s', async (_what, own) => {
    const server = await start({ acceptor: 'certificate', scheme: 'https' });
    const failure = await failureOf(connect({ ...loginTo(server), auth: 'certificate', ...own(server.clients) }));
    expect(failure.code).toBe('inventory/unreadable');
    expect(JSON.stringify([failure.message, failure.hint])).not.toContain('secret-Wrong-1');
    expect((await server.log()).connections).toBe(0);
  });
});
