// Our client's Kerberos against what is not ours on either end: MIT's KDC gives the tickets, MIT's library (through python-gssapi) takes
// them. The native binding runs in this test file's own process, so a wrong struct would end this file and no other.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/cli/io/clock.ts';
import type { Connection } from '../../src/model/target.ts';
import { connect } from '../../src/winrm/client.ts';
import type { ConnectOptions, TraceEntry } from '../../src/winrm/client.ts';
import { createConnector } from '../../src/winrm/connect.ts';
import { builtPart } from '../support/build.ts';
import { expectBounded } from '../support/expect-bounded.ts';
import { failureOf } from '../support/failure-of.ts';
import { changeBehindHangUp } from './support/hang-up.ts';
import { clientConfig, createKdc, missingKdc, realm } from './support/kdc.ts';
import type { Kdc } from './support/kdc.ts';
import { peerAccount, startPeer } from './support/peer-server.ts';
import type { PeerOptions, PeerServer } from './support/peer-server.ts';
import { missingPeer } from './support/python-venv.ts';

const run = promisify(execFile);
const missing = (await missingPeer(['gssapi', 'spnego'])) ?? (await missingKdc());
const kerberosTest = test.skipIf(missing !== null);

const password = 'Grün-Pass-1!';
const ops = `ops@${realm}`;
let kdc: Kdc;
let keytab: string;
let opsKeytab: string;
const before = { ...process.env };

beforeAll(async () => {
  if (missing !== null) return;
  kdc = await createKdc();
  for (const user of ['ops', 'locked', 'other']) await kdc.admin(`addprinc -pw ${password} ${user}`);
  await kdc.admin('modprinc -allow_tix locked');
  const services = ['HTTP/localhost', 'WSMAN/ex02.corp.example', 'host/ex03.corp.example'];
  for (const service of [...services, 'HTTP/ex04.corp.example']) await kdc.admin(`addprinc -randkey ${service}`);
  keytab = await kdc.keytab('services.keytab', ...services);
  opsKeytab = await kdc.keytab('ops.keytab', 'ops');
  await kdc.start();
  // The library reads the environment of this very process.
  Object.assign(process.env, kdc.environment);
});
afterAll(async () => {
  for (const name of Object.keys(process.env)) if (!(name in before)) Reflect.deleteProperty(process.env, name);
  if (missing === null) await kdc.dispose();
});

let peer: PeerServer | undefined;
beforeEach(async () => {
  if (missing === null) await kdc.kinit('ops', password);
});
afterEach(async () => {
  await peer?.stop();
  peer = undefined;
});

async function start(options: Partial<PeerOptions> = {}): Promise<PeerServer> {
  peer = await startPeer({ acceptor: 'kerberos', keytab, environment: kdc.environment, ...options });
  return peer;
}

function loginTo(server: PeerServer, more: Partial<ConnectOptions> = {}): ConnectOptions {
  const tls = server.caFile === null ? {} : ({ scheme: 'https', caFile: server.caFile } as const);
  return { host: 'localhost', port: server.port, auth: 'kerberos', ...tls, ...more };
}

async function traced(login: ConnectOptions): Promise<readonly TraceEntry[]> {
  const trace: TraceEntry[] = [];
  const shell = await connect({ ...login, trace: (entry) => trace.push(entry) });
  expect((await shell.run('echo hello')).stdout).toBe('hello\r\n');
  await shell.close();
  return trace;
}

const languages = 'Zürich größer\r\nПривет, порт 9933\r\n東京 ポート 9955 *\r\n';
const logon = { peer: ops, mutual: true, delegated: false, scheme: 'Kerberos' };

describe('over http, sealed', () => {
  kerberosTest('a whole collect is five requests on one connection, mutual and without delegation', async () => {
    const server = await start();
    await traced(loginTo(server));
    const log = await server.log({ afterDelete: true });
    expect(log.requests.map((one) => one.what)).toEqual(['ap-req', 'create', 'command', 'receive', 'delete']);
    expect(log.connections).toBe(1);
    expect(log.requests.slice(1).every((one) => one.sealed)).toBe(true);
    expect(log.requests[1]?.content_type).toContain('protocol="application/HTTP-Kerberos-session-encrypted"');
    expect(log.logons).toEqual([{ ...logon, service: `HTTP/localhost@${realm}`, confidential: true, bound: false }]);
  });

  kerberosTest('messages of every size, both ways', async () => {
    const server = await start();
    const shell = await connect(loginTo(server));
    expect(await shell.run('languages')).toEqual({ exitCode: 0, stdout: languages, stderr: 'nö' });
    expect((await shell.run('big')).stdout).toBe('0123456789abcdef'.repeat(25_600));
    for (const length of [1, 2, 3, 15, 16, 17, 4000]) {
      const line = 'x'.repeat(length);
      expect((await shell.run(line)).stdout).toBe(line);
    }
    await shell.close();
    expect((await server.log({ afterDelete: true })).connections).toBe(1);
  });

  kerberosTest('a lost Receive goes on over a new connection with a new logon', async () => {
    const server = await start();
    const shell = await connect(loginTo(server));
    expect((await shell.run('drop receive')).stdout).toBe('before and after');
    await shell.close();
    const log = await server.log({ afterDelete: true });
    expect(log.requests.map((one) => one.what).slice(3)).toEqual(['receive', 'receive', 'ap-req', 'receive', 'delete']);
    expect(log.logons).toHaveLength(2);
  });

  kerberosTest('a server that offers Negotiate alone gets the same in SPNEGO', async () => {
    const server = await start({ offers: ['Negotiate'] });
    const shell = await connect(loginTo(server));
    expect((await shell.run('languages')).stdout).toBe(languages);
    await shell.close();
    const log = await server.log({ afterDelete: true });
    expect(log.requests.slice(0, 3).map((one) => one.what)).toEqual(['kerberos not offered', 'ap-req', 'create']);
    expect(log.requests[2]?.content_type).toContain('protocol="application/HTTP-SPNEGO-session-encrypted"');
    expect(log.logons[0]).toMatchObject({ ...logon, scheme: 'Negotiate', confidential: true });
  });

  kerberosTest.each([
    ['sends no proof', 'no-proof', 'auth/server'],
    ['sends a false proof', 'false-proof', 'auth/server'],
  ] as const)('a server that %s is sent no message', async (_what, mood, code) => {
    const server = await start({ mood });
    const failure = await failureOf(connect(loginTo(server)));
    expect([failure.code, failure.effect]).toEqual([code, 'none']);
    expect((await server.log()).requests.map((one) => one.what)).toEqual(['ap-req']);
  });

  kerberosTest.each(['breaks-seal', 'answers-in-clear'] as const)('an answer that %s is not read', async (mood) => {
    const server = await start({ mood });
    const shell = await connect(loginTo(server));
    const failure = await failureOf(shell.run('echo hello'));
    expect([failure.code, failure.effect]).toEqual(['wire/unsealed', 'unknown']);
    await shell.close();
  });
});

describe('over https, bound to the certificate', () => {
  kerberosTest('the logon travels with the first message: four requests', async () => {
    const server = await start({ scheme: 'https' });
    await traced(loginTo(server));
    const log = await server.log({ afterDelete: true });
    expect(log.requests.map((one) => one.what)).toEqual(['ap-req+create', 'command', 'receive', 'delete']);
    expect(log.requests.every((one) => !one.sealed)).toBe(true);
    expect(log.logons).toMatchObject([{ ...logon, bound: true }]);
  });

  kerberosTest('in SPNEGO where the server offers Negotiate alone', async () => {
    const server = await start({ scheme: 'https', offers: ['Negotiate'] });
    await traced(loginTo(server));
    const log = await server.log({ afterDelete: true });
    expect(log.requests.slice(0, 2).map((one) => one.what)).toEqual(['kerberos not offered', 'ap-req+create']);
    expect(log.logons).toMatchObject([{ ...logon, scheme: 'Negotiate', bound: true }]);
  });

  kerberosTest('another channel binding is refused', async () => {
    const server = await start({ scheme: 'https', mood: 'wrong-bindings' });
    const failure = await failureOf(connect(loginTo(server)));
    expect(failure.code).toBe('auth/refused');
    expect(failure.hint).toContain('channel binding');
  });

  kerberosTest('an answer without the proof of the server is not read', async () => {
    const server = await start({ scheme: 'https', mood: 'no-proof' });
    expect((await failureOf(connect(loginTo(server)))).code).toBe('auth/server');
  });

  kerberosTest('a change on a new connection finishes its logon first', async () => {
    const server = await start({ scheme: 'https' });
    const shell = await connect(loginTo(server));
    expect(await changeBehindHangUp(server, shell)).toEqual(['ap-req', 'command', 'receive', 'delete']);
  });
});

describe('where the ticket comes from', () => {
  kerberosTest('a password, in any case of the realm, without touching the ticket cache', async () => {
    await kdc.kdestroy();
    const server = await start();
    const trace = await traced(loginTo(server, { username: 'ops@corp.example', password }));
    expect((await server.log()).logons).toMatchObject([logon]);
    expect(JSON.stringify(trace)).not.toContain(password);
    expect((await failureOf(connect(loginTo(server)))).code).toBe('auth/kerberos-ticket');
  });

  kerberosTest('a keytab', async () => {
    await kdc.kdestroy();
    const server = await start();
    await traced(loginTo(server, { username: ops, kerberos: { keytabFile: opsKeytab } }));
    expect((await server.log()).logons).toMatchObject([logon]);
  });

  kerberosTest('the ticket of another account is not used', async () => {
    const server = await start();
    await traced(loginTo(server, { username: 'CORP\\OPS' }));
    for (const username of [`other@${realm}`, 'CORP\\other', 'OTHERDOMAIN\\ops']) {
      expect((await failureOf(connect(loginTo(server, { username })))).code).toBe('auth/kerberos-ticket');
    }
    expect((await server.log()).logons).toHaveLength(1);
  });

  kerberosTest('a fleet asks for one ticket-granting ticket, and one ticket per service', async () => {
    await kdc.kdestroy();
    const server = await start();
    const issued = async (): Promise<number> =>
      (await readFile(join(kdc.folder, 'kdc.log'), 'utf8')).match(/AS_REQ .* ISSUE/g)?.length ?? 0;
    const countBefore = await issued();
    const connector = createConnector({
      readSecret: () => Promise.resolve(password),
      random: randomBytes,
      clock: systemClock,
    });
    const connection: Connection = {
      address: 'localhost',
      port: server.port,
      scheme: 'http',
      path: '/wsman',
      auth: 'kerberos',
      username: ops,
      password: { kind: 'prompt' },
      caFile: null,
      tlsServerName: null,
      timeouts: { connectMs: 10_000, operationMs: 20_000, requestMs: 30_000, hostMs: 60_000 },
      kerberos: { service: null, hostname: null, ticketFrom: { kind: 'password' } },
    };
    const origin = { file: '', line: 0, column: 0 };
    await Promise.all(
      Array.from({ length: 60 }, async (_one, index) => {
        const target = { name: `ex${index}`, connection, groups: [], variables: {}, origin };
        const session = await connector.connect(target);
        expect((await session.ask(`echo ${index}`)).stdout).toBe(`echo ${index}`);
        await session.close();
      }),
    );
    expect((await server.log({ afterDelete: true })).logons).toHaveLength(60);
    expect((await issued()) - countBefore).toBe(1);
  });
});

describe('the name of the service', () => {
  kerberosTest.each([
    ['ex02.corp.example', 'WSMAN'],
    ['ex03.corp.example', 'host'],
  ] as const)('%s is known to the domain as %s only', async (hostname, service) => {
    const server = await start();
    const [first] = await traced(loginTo(server, { host: '127.0.0.1', kerberos: { hostname } }));
    expect(first?.note).toBe(`Kerberos: ${ops} to ${service}/${hostname}`);
    await traced(loginTo(server, { host: '127.0.0.1', kerberos: { hostname, service } }));
    const asked = await failureOf(connect(loginTo(server, { kerberos: { hostname, service: 'HTTP' } })));
    expect(asked.code).toBe('auth/kerberos-service');
    expect(asked.message).toContain(`HTTP/${hostname}`);
  });

  kerberosTest('a service whose key the host does not have is refused by the host', async () => {
    const server = await start();
    const failure = await failureOf(connect(loginTo(server, { kerberos: { hostname: 'ex04.corp.example' } })));
    expect(failure.code).toBe('auth/kerberos-service');
    expect(failure.hint).toContain('kerberos_service');
    expect((await server.log()).requests.map((one) => one.what)).toEqual(['ap-req refused']);
  });

  kerberosTest('an IP address is refused before anything is asked', async () => {
    const server = await start();
    const failure = await failureOf(connect(loginTo(server, { host: '127.0.0.1' })));
    expect(failure.code).toBe('auth/unsupported');
    expect(failure.hint).toContain('kerberos_hostname');
    expect((await server.log()).connections).toBe(0);
  });
});

describe('what goes wrong before the host is asked', () => {
  const wrong: readonly (readonly [string, Partial<ConnectOptions>, string])[] = [
    ['a wrong password', { username: ops, password: 'secret-Wrong-1' }, 'auth/refused'],
    ['an unknown account', { username: `nobody@${realm}`, password }, 'auth/refused'],
    ['a locked account', { username: `locked@${realm}`, password }, 'auth/refused'],
    ['an unknown realm', { username: 'ops@NOWHERE.EXAMPLE', password }, 'auth/kerberos-realm'],
    ['a service of a realm without trust', { kerberos: { hostname: 'ex01.other.example' } }, 'auth/kerberos-service'],
    ['an unknown service', { kerberos: { hostname: 'ex99.corp.example' } }, 'auth/kerberos-service'],
    ['a keytab that is not there', { username: ops, kerberos: { keytabFile: '/no/such.keytab' } }, 'secret/missing'],
  ];
  kerberosTest.each(wrong)('%s', async (_what, login, code) => {
    const server = await start();
    const failure = await failureOf(connect(loginTo(server, login)));
    expect([failure.code, failure.effect]).toEqual([code, 'none']);
    expect(failure.hint).not.toBeNull();
    expect(`${failure.message} ${failure.hint ?? ''} ${JSON.stringify(failure)}`).not.toContain('secret-Wrong-1');
    expect((await server.log()).connections).toBe(0);
  });

  kerberosTest('a keytab of another account', async () => {
    const server = await start();
    const login = { username: `other@${realm}`, kerberos: { keytabFile: opsKeytab } };
    expect((await failureOf(connect(loginTo(server, login)))).code).toBe('auth/kerberos-ticket');
  });

  kerberosTest('no ticket', async () => {
    await kdc.kdestroy();
    const server = await start();
    const failure = await failureOf(connect(loginTo(server)));
    expect(failure.code).toBe('auth/kerberos-ticket');
    expect(failure.hint).toContain('kinit');
  });

  kerberosTest('an expired ticket', async () => {
    await kdc.kinit('ops', password, ['-l', '1s']);
    // `klist -s` says whether there is a ticket that is still good.
    const isGood = () =>
      run('klist', ['-s']).then(
        () => true,
        () => false,
      );
    while (await isGood()) await new Promise(setImmediate);
    const server = await start();
    const failure = await failureOf(connect(loginTo(server)));
    expect(failure.code).toBe('auth/kerberos-ticket');
    expect(failure.message).toContain('expired');
  });

  kerberosTest('a KDC that is down', async () => {
    await kdc.halt();
    try {
      const server = await start();
      expect((await failureOf(connect(loginTo(server)))).code).toBe('auth/kerberos-kdc');
      const login = { username: ops, password };
      expect((await failureOf(connect(loginTo(server, login)))).code).toBe('auth/kerberos-kdc');
      expect((await server.log()).connections).toBe(0);
    } finally {
      await kdc.start();
    }
  });

  kerberosTest('a KDC that is silent holds up neither the host nor the end of the process', async () => {
    const silent = net.createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const config = join(kdc.folder, 'silent.conf');
    await writeFile(config, clientConfig((silent.address() as net.AddressInfo).port));
    const client = new URL('../../dist/winrm/client.js', import.meta.url).href;
    const program = `
      import { connect } from ${JSON.stringify(client)};
      const login = { host: 'localhost', auth: 'kerberos', username: 'ops@${realm}', password: 'x', timeouts: { connectMs: 500 } };
      const code = await connect(login).catch((error) => error.code);
      process.stdout.write(code);
      process.exit(3);`;
    const startedMs = performance.now();
    const child = run(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...process.env, KRB5_CONFIG: config },
    });
    // Left to itself the library goes on asking for half a minute.
    await expect(child).rejects.toMatchObject({ code: 3, stdout: 'auth/kerberos-kdc' });
    expectBounded(startedMs, 20_000);
    await new Promise((resolve) => silent.close(resolve));
  });

  test.each([
    ['without the package that binds the library', { exports: './missing.js' }, '--omit=optional'],
    ['without the library', { main: 'index.js', type: 'module' }, 'apt install libgssapi-krb5-2'],
  ])('a machine %s', async (_what, koffi, cure) => {
    // The client alone, beside a package of that name that is of no use.
    const folder = await mkdtemp(join(tmpdir(), 'fencepost-no-kerberos-'));
    try {
      await cp(join(builtPart('winrm/auth/kerberos'), '../../..'), folder, { recursive: true });
      const useless = join(folder, 'node_modules', 'koffi');
      await mkdir(useless, { recursive: true });
      await writeFile(join(folder, 'package.json'), '{"type":"module"}');
      const ours = fileURLToPath(new URL('../../node_modules/', import.meta.url));
      await symlink(join(ours, 'p-limit'), join(folder, 'node_modules', 'p-limit'), 'junction');
      await writeFile(join(useless, 'package.json'), JSON.stringify(koffi));
      await writeFile(
        join(useless, 'index.js'),
        'export function sizeof() { return 8; }\nexport function load() { throw new Error("cannot open"); }',
      );
      const program = `
        const { loadKerberos } = await import(${JSON.stringify(join(folder, 'winrm/auth/kerberos.js'))});
        await loadKerberos().catch((error) => process.stdout.write(error.code + ': ' + error.hint));`;
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program]);
      expect(stdout).toMatch(/^auth\/kerberos-library: /);
      expect(stdout).toContain(cure);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('negotiate', () => {
  kerberosTest('takes Kerberos where there is a ticket, and says so', async () => {
    const server = await start();
    const [first] = await traced(loginTo(server, { auth: 'negotiate', username: ops }));
    expect(first).toMatchObject({ what: 'ap-req', note: `Kerberos: ${ops} to HTTP/localhost` });
  });

  kerberosTest.each([
    [
      'there is no ticket',
      { username: `${peerAccount.domain}\\${peerAccount.user}`, host: 'localhost' },
      'auth/kerberos-ticket',
    ],
    [
      'the realm is unknown',
      { username: `${peerAccount.user}@NOWHERE.EXAMPLE`, host: 'localhost' },
      'auth/kerberos-realm',
    ],
    ['the host is an address', { username: ops, host: '127.0.0.1' }, 'IP address'],
  ])('falls back to NTLM when %s, and says so', async (_what, login, reason) => {
    await kdc.kdestroy();
    const server = await start({ acceptor: 'pyspnego' });
    const trace: TraceEntry[] = [];
    const known = login.username.startsWith(peerAccount.domain);
    // Without a password in the options the ticket cache is looked into, and NTLM then has none to go with.
    const withPassword = known ? {} : { password: peerAccount.password };
    const options = {
      ...loginTo(server, { auth: 'negotiate', ...login, ...withPassword }),
      trace: (one: TraceEntry) => trace.push(one),
    };
    const failure = await failureOf(connect(options));
    if (known) {
      expect(failure.code).toBe('secret/missing');
      return;
    }
    // The peer knows no such account; what counts is that NTLM was tried.
    expect(failure.code).toBe('auth/refused');
    expect(trace[0]?.what).toBe('type1');
    expect(trace[0]?.note).toContain(`NTLM, not Kerberos: `);
    expect(trace[0]?.note).toContain(reason);
  });

  kerberosTest('a password that the domain refused is not tried again with NTLM', async () => {
    const server = await start({ acceptor: 'pyspnego' });
    const login = { auth: 'negotiate', username: ops, password: 'secret-Wrong-1' } as const;
    expect((await failureOf(connect(loginTo(server, login)))).code).toBe('auth/refused');
    expect((await server.log()).connections).toBe(0);
  });
});
