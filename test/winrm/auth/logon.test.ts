import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.ts';
import type { Connection, Target } from '../../../src/model/target.ts';
import { GssError } from '../../../src/winrm/auth/kerberos/library.ts';
import type { ContextInput, CredentialSource, KerberosLibrary } from '../../../src/winrm/auth/kerberos/library.ts';
import { createCredentialStore } from '../../../src/winrm/auth/kerberos/credential-store.ts';
import { ntlmAcceptor } from '../../../src/winrm/auth/ntlm/acceptor.ts';
import { avIds, avText } from '../../../src/winrm/auth/ntlm/av-pairs.ts';
import { readAuthenticate } from '../../../src/winrm/auth/ntlm/messages.ts';
import { readNtResponse } from '../../../src/winrm/auth/ntlm/response.ts';
import { prepareLogon } from '../../../src/winrm/auth/logon.ts';
import { failureOf } from '../../support/failure-of.ts';

const krb5 = 2_529_638_912;
const unknownService = krb5 + 7;
const wrongPassword = krb5 + 31;
const noCache = krb5 + 195;

interface Scene {
  readonly connection?: Partial<Connection>;
  /** Status with which the library refuses a ticket, or never answers. */
  readonly ticket?: number | 'silent';
  /** Services that the domain knows. */
  readonly services?: readonly string[];
  /** Whose ticket is in the cache. */
  readonly principal?: string;
  readonly isLibraryMissing?: boolean;
}

function gssError(minor: number): GssError {
  return new GssError({ routine: 13, minor, words: 'refused' });
}

function prepare(scene: Scene, signal?: AbortSignal) {
  const said: string[] = [];
  const initiated: ContextInput[] = [];
  const sources: CredentialSource[] = [];
  let released = 0;
  const library: KerberosLibrary = {
    acquire(source) {
      sources.push(source);
      if (scene.ticket === 'silent') return new Promise(() => undefined);
      if (scene.ticket !== undefined) return Promise.reject(gssError(scene.ticket));
      const principal = source.principal ?? scene.principal ?? 'ops@CORP.EXAMPLE';
      return Promise.resolve({ handle: 1n, principal, lifetimeSeconds: 3600 });
    },
    initiate(input) {
      initiated.push(input);
      const services = scene.services ?? ['HTTP@ex01.corp.example'];
      if (!services.includes(input.service)) return Promise.reject(gssError(unknownService));
      const context = {
        answer: () => null,
        established: false,
        wrap: () => ({ header: new Uint8Array(), data: new Uint8Array(), padding: 0 }),
        unwrap: () => null,
        release: () => {
          released += 1;
        },
      };
      return Promise.resolve({ context, token: Buffer.from('AP-REQ') });
    },
  };
  const connection: Connection = {
    address: 'ex01.corp.example',
    port: 5985,
    scheme: 'http',
    path: '/wsman',
    auth: 'negotiate',
    username: 'ops@CORP.EXAMPLE',
    password: { kind: 'env', name: 'P' },
    caFile: null,
    tlsServerName: null,
    timeouts: { connectMs: 1000, operationMs: 1, requestMs: 2, hostMs: 3 },
    ...scene.connection,
  };
  const target: Target = {
    name: 'ex01',
    connection,
    groups: [],
    variables: {},
    origin: { file: '', line: 0, column: 0 },
  };
  const logon = prepareLogon(
    {
      target,
      where: 'ex01:5985',
      readSecret: () => {
        said.push('password asked for');
        return Promise.resolve('secret-Word-1');
      },
      loadKerberos: () =>
        scene.isLibraryMissing === true
          ? Promise.reject(new Failure('auth/kerberos-library', 'no library', { hint: 'install it' }))
          : Promise.resolve(library),
      credentials: createCredentialStore(() => 0),
      random: (bytes) => new Uint8Array(bytes),
      now: () => new Date('2026-12-05T22:00:00Z'),
      // The time is over as soon as nothing else happens any more.
      sleep: (_durationMs, over) =>
        scene.ticket === 'silent' && over?.aborted !== true
          ? new Promise(setImmediate)
          : new Promise((resolve) =>
              over?.addEventListener('abort', () => {
                resolve();
              }),
            ),
    },
    signal,
  );
  return { logon, said, initiated, sources, released: () => released };
}

const withPassword = { kerberos: { service: null, hostname: null, ticketFrom: { kind: 'password' } } } as const;

describe('negotiate', () => {
  test('with a ticket: Kerberos, and nobody is asked for a password', async () => {
    const { logon, said, initiated, released } = prepare({});
    const made = await logon;
    expect(made.note).toBe('Kerberos: ops@CORP.EXAMPLE to HTTP/ex01.corp.example');
    expect(made.fallback).toBeNull();
    // What was made to find out is freed.
    expect([initiated.length, released()]).toEqual([1, 1]);
    const context = await made.open(null);
    expect([context.method, context.scheme, said]).toEqual(['kerberos', 'Kerberos', []]);
    expect(initiated.map((one) => one.channelBinding)).toEqual([null, null]);
  });

  test.each<[string, Scene, string]>([
    ['no ticket', { ticket: noCache }, 'auth/kerberos-ticket'],
    ['no library', { isLibraryMissing: true }, 'auth/kerberos-library'],
    ['no such service', { services: [] }, 'auth/kerberos-service'],
    ['no answer of a KDC', { ticket: 'silent' }, 'auth/kerberos-kdc'],
    ['the ticket of another', { connection: { username: 'CORP\\other' } }, 'auth/kerberos-ticket'],
    ['an address', { connection: { address: '192.0.2.1' } }, 'the host is reached by its IP address'],
    ['a password for DOMAIN\\user', { connection: { username: 'CORP\\ops', ...withPassword } }, 'user@REALM'],
  ])('with %s: NTLM, and the reason is said', async (_what, scene, reason) => {
    const { logon, said } = prepare(scene);
    const made = await logon;
    expect(made.note).toContain('NTLM, not Kerberos: ');
    expect(made.note).toContain(reason);
    expect(made.fallback).toContain(reason);
    expect((await made.open(null)).method).toBe('ntlm');
    expect(said).toEqual(['password asked for']);
  });

  test.each<[string, Partial<Connection>, string]>([
    ['by name', { auth: 'ntlm' }, 'HTTP/ex01.corp.example'],
    ['by address', { auth: 'ntlm', address: '192.0.2.1' }, 'HTTP/192.0.2.1'],
    [
      'with another service and name',
      { auth: 'ntlm', kerberos: { service: 'WSMAN', hostname: 'ex01', ticketFrom: { kind: 'cache' } } },
      'WSMAN/ex01',
    ],
  ])('NTLM names the service it means: %s', async (_what, connection, service) => {
    const context = await (await prepare({ connection }).logon).open(null);
    const server = ntlmAcceptor({
      accounts: () => null,
      names: { nbDomain: 'CORP', nbComputer: 'EX01', dnsDomain: 'corp.example', dnsComputer: 'ex01.corp.example' },
      random: (bytes) => new Uint8Array(bytes),
      now: () => new Date('2026-12-05T22:00:00Z'),
      channelBinding: null,
      requireChannelBinding: false,
    });
    const challenge = server.step(context.step(null) ?? new Uint8Array());
    const proof = readAuthenticate(context.step(challenge) ?? new Uint8Array());
    expect(avText(readNtResponse(proof.ntResponse).avPairs, avIds.targetName)).toBe(service);
  });

  test('a password that the domain refused is not tried with NTLM', async () => {
    const { logon } = prepare({ ticket: wrongPassword, connection: withPassword });
    const failure = await failureOf(logon);
    expect(failure.code).toBe('auth/refused');
    expect(`${failure.message}${failure.hint ?? ''}`).not.toContain('secret-Word-1');
  });
});

describe('kerberos', () => {
  test('goes on to the next service that the domain may know, and says which', async () => {
    const scene = { services: ['host@ex01.corp.example'], connection: { auth: 'kerberos' } } as const;
    const { logon, initiated } = prepare(scene);
    expect((await logon).note).toBe('Kerberos: ops@CORP.EXAMPLE to host/ex01.corp.example');
    expect(initiated.map((one) => one.service.split('@')[0])).toEqual(['HTTP', 'WSMAN', 'host']);
  });

  test('a service that was named is the only one asked for', async () => {
    const kerberos = { service: 'WSMAN', hostname: 'other.corp.example', ticketFrom: { kind: 'cache' } } as const;
    const { logon, initiated } = prepare({ connection: { auth: 'kerberos', kerberos } });
    expect((await failureOf(logon)).message).toContain('WSMAN/other.corp.example');
    expect(initiated).toHaveLength(1);
  });

  test('has nothing to say when all is as usual, and never falls back', async () => {
    expect((await prepare({ connection: { auth: 'kerberos' } }).logon).note).toBeNull();
    const missing = prepare({ isLibraryMissing: true, connection: { auth: 'kerberos' } });
    expect(await failureOf(missing.logon)).toMatchObject({
      code: 'auth/kerberos-library',
      where: 'ex01:5985',
      hint: 'install it',
    });
    expect(missing.said).toEqual([]);
  });

  test('an abort ends the waiting for a KDC', async () => {
    const stop = new AbortController();
    const { logon } = prepare({ ticket: 'silent', connection: { auth: 'kerberos' } }, stop.signal);
    stop.abort();
    expect((await failureOf(logon)).code).toBe('interrupted');
  });

  test('a password is asked for where the ticket is to be got with it', async () => {
    const { logon, said, sources } = prepare({ connection: { auth: 'kerberos', ...withPassword } });
    await logon;
    expect(said).toEqual(['password asked for']);
    expect(new Set(sources.map((one) => one.kind))).toEqual(new Set(['password']));
  });
});

test('a certificate needs no secret here', async () => {
  const { logon, said } = prepare({ connection: { auth: 'certificate', scheme: 'https' } });
  expect((await (await logon).open(null)).method).toBe('certificate');
  expect(said).toEqual([]);
});
