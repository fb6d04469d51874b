// The binding of secur32.dll, run over a library with the same C signatures and structs that is compiled here (support/secur32.c) and that
// MIT Kerberos carries out: what is declared in secur32.ts is called for real, from the logon of a host down to a sealed message, and a
// service of MIT's takes it. It shows that the layouts agree with the C compiler's reading of sspi.h, not how Windows behaves.
import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as koffi from 'koffi';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAuthority } from '../../src/lab/http/certificates.ts';
import type { Connection, Target } from '../../src/model/target.ts';
import { tlsServerEndPointData } from '../../src/winrm/auth/channel-binding.ts';
import { openKerberosService } from '../../src/winrm/auth/kerberos.ts';
import type { AcceptAnswer, KerberosLibrary, KerberosService } from '../../src/winrm/auth/kerberos/library.ts';
import { kerberosSealing } from '../../src/winrm/auth/kerberos/sealing.ts';
import { bindSecur32 } from '../../src/winrm/auth/kerberos/secur32.ts';
import { createSspiLibrary } from '../../src/winrm/auth/kerberos/sspi.ts';
import { createCredentialStore } from '../../src/winrm/auth/kerberos/credential-store.ts';
import { prepareKerberos } from '../../src/winrm/auth/kerberos-logon.ts';
import { failureOf } from '../support/failure-of.ts';
import { createKdc, missingKdc, realm } from './support/kdc.ts';
import type { Kdc } from './support/kdc.ts';

const run = promisify(execFile);
const password = 'Grün-Pass-€-1!';
const source = fileURLToPath(new URL('./support/secur32.c', import.meta.url));

async function missingCompiler(): Promise<string | null> {
  try {
    await run('gcc', ['-fsyntax-only', source]);
    return null;
  } catch (cause) {
    const reason = 'no C compiler with the headers of MIT Kerberos: gcc and libkrb5-dev are not installed';
    if (process.env['CI'] !== undefined) throw new Error(reason, { cause });
    console.warn(`skipped: ${reason}`);
    return reason;
  }
}

const missing = (await missingKdc()) ?? (await missingCompiler());
const suite = describe.skipIf(missing !== null);
let kdc: Kdc;
let service: KerberosService;
let library: KerberosLibrary;
const before = { ...process.env };

beforeAll(async () => {
  if (missing !== null) return;
  kdc = await createKdc();
  await kdc.admin(`addprinc -pw ${password} ops`);
  for (const one of ['HTTP/localhost', 'WSMAN/ex02.corp.example']) await kdc.admin(`addprinc -randkey ${one}`);
  const keytab = await kdc.keytab('services.keytab', 'HTTP/localhost', 'WSMAN/ex02.corp.example');
  await kdc.start();
  Object.assign(process.env, kdc.environment);
  service = await openKerberosService(keytab);
  const built = join(kdc.folder, 'secur32.so');
  await run('gcc', ['-shared', '-fPIC', '-Wall', '-Werror', '-o', built, source, '-lgssapi_krb5']);
  library = createSspiLibrary(bindSecur32(koffi, koffi.load(built)));
});

afterAll(async () => {
  for (const name of Object.keys(process.env)) if (!(name in before)) Reflect.deleteProperty(process.env, name);
  if (missing === null) await kdc.dispose();
});

beforeEach(async () => {
  if (missing === null) await kdc.kinit('ops', password);
});

interface Login {
  readonly username?: string;
  readonly password?: string;
  readonly address?: string;
  readonly scheme?: 'http' | 'https';
}

function prepare({ username = '', password: given, address = 'localhost', scheme = 'http' }: Login = {}) {
  const connection: Connection = {
    address,
    port: 5985,
    scheme,
    path: '/wsman',
    auth: 'kerberos',
    username,
    password: { kind: 'prompt' },
    caFile: null,
    tlsServerName: null,
    timeouts: { connectMs: 10_000, operationMs: 20_000, requestMs: 30_000, hostMs: 60_000 },
    kerberos: { service: null, hostname: null, ticketFrom: { kind: given === undefined ? 'cache' : 'password' } },
  };
  const origin = { file: '', line: 0, column: 0 };
  const target: Target = { name: 'ex01', connection, groups: [], variables: {}, origin };
  return prepareKerberos({
    target,
    where: 'ex01:5985',
    readPassword: () => Promise.resolve(given ?? ''),
    loadKerberos: () => Promise.resolve(library),
    credentials: createCredentialStore(() => 0),
    sleep: () => new Promise(() => undefined),
  });
}

function accepted(answer: AcceptAnswer): Extract<AcceptAnswer, { kind: 'accepted' }> {
  if (answer.kind === 'accepted') return answer;
  throw new Error(answer.status.words);
}

suite('secur32', () => {
  test.each([
    ['the user who is logged on', {}],
    ['an account with its password', { username: `ops@${realm}`, password }],
  ])('%s: mutual, sealed both ways, messages of every size', async (_who, login) => {
    if ('password' in login) await kdc.kdestroy();
    const logon = await prepare(login);
    expect(logon.words).toBe(`ops@${realm} to HTTP/localhost`);
    const context = await logon.open(null);
    const first = accepted(service.accept({ token: context.step(null) ?? new Uint8Array(), channelBinding: null }));
    expect([first.principal, first.isMutual, first.isConfidential]).toEqual([`ops@${realm}`, true, true]);
    expect(context.step(first.token)).toBeNull();
    const server = kerberosSealing(first.context, 'server');
    if (context.sealing === null) return expect.unreachable();
    for (const size of [0, 1, 15, 16, 17, 4000, 153_600]) {
      const message = Buffer.alloc(size, 'größer ');
      const out = context.sealing.seal(message);
      expect([out.signature.length, out.sealed.length]).toEqual([60, size]);
      expect(message.equals(server.unseal(out.signature, out.sealed))).toBe(true);
      const back = server.seal(message);
      expect(message.equals(context.sealing.unseal(back.signature, back.sealed))).toBe(true);
    }
    const forged = server.seal(Buffer.from('message'));
    forged.sealed[0] = (forged.sealed[0] ?? 0) ^ 1;
    const { sealing } = context;
    expect(() => sealing.unseal(forged.signature, forged.sealed)).toThrow(
      expect.objectContaining({ code: 'wire/unsealed' }),
    );
    context.close();
    first.context.release();
  });

  test('bound to a certificate', async () => {
    const newKeyPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const authority = createAuthority({ nowMs: Date.now(), randomBytes, newKeyPair });
    const { der } = authority.certificateFor('ex01', null);
    const logon = await prepare({ scheme: 'https' });
    const token = (await logon.open(der)).step(null) ?? new Uint8Array();
    const answer = accepted(service.accept({ token, channelBinding: tlsServerEndPointData(der) }));
    expect(answer.isBound).toBe(true);
    const other = (await logon.open(der)).step(null) ?? new Uint8Array();
    expect(service.accept({ token: other, channelBinding: Buffer.from('other') }).kind).toBe('refused');
  });

  test('a service that the domain knows by another name only', async () => {
    expect((await prepare({ address: 'ex02.corp.example' })).words).toBe(`ops@${realm} to WSMAN/ex02.corp.example`);
    const failure = await failureOf(prepare({ address: 'ex99.corp.example' }));
    expect(failure.code).toBe('auth/kerberos-service');
  });

  test('a false proof', async () => {
    const context = await (await prepare()).open(null);
    const token = context.step(null) ?? new Uint8Array();
    const answer = accepted(service.accept({ token, channelBinding: null }));
    const proof = Buffer.from(answer.token ?? []);
    proof.writeUInt8(proof.readUInt8(proof.length - 1) ^ 1, proof.length - 1);
    expect(() => context.step(proof)).toThrow(expect.objectContaining({ code: 'auth/server' }));
  });

  test('nobody is logged on to the domain: the cure is of Windows', async () => {
    await kdc.kdestroy();
    const failure = await failureOf(prepare());
    expect([failure.code, failure.hint]).toEqual(['auth/kerberos-ticket', expect.stringContaining('log on to this')]);
  });

  test('another user is logged on than the one who was named', async () => {
    expect((await failureOf(prepare({ username: `other@${realm}` }))).code).toBe('auth/kerberos-ticket');
    expect((await prepare({ username: 'CORP\\OPS' })).words).toContain(`ops@${realm}`);
  });
});
