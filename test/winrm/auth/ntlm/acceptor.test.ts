// Both ends of NTLM against each other: logons that must succeed and logons that must not.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ntlmAcceptor } from '../../../../src/winrm/auth/ntlm/acceptor.ts';
import type { NtlmAcceptor, NtlmAcceptorInput } from '../../../../src/winrm/auth/ntlm/acceptor.ts';
import { createNtlmInitiator } from '../../../../src/winrm/auth/ntlm/context.ts';
import type { NtlmInitiatorInput } from '../../../../src/winrm/auth/ntlm/context.ts';
import { joinFlags, ntlmFlags } from '../../../../src/winrm/auth/ntlm/flags.ts';
import {
  readAuthenticate,
  readChallenge,
  writeAuthenticate,
  writeNegotiate,
} from '../../../../src/winrm/auth/ntlm/messages.ts';
import { ntlmV2Response, ntowfV2, upperCaseUnits } from '../../../../src/winrm/auth/ntlm/response.ts';
import { ntlmSealing } from '../../../../src/winrm/auth/ntlm/seal.ts';
import type { SecurityContext } from '../../../../src/winrm/auth/security-context.ts';
import { ntlmMechTypeList, readSpnego, writeNegTokenInit } from '../../../../src/winrm/auth/spnego.ts';

const now = (): Date => new Date('2026-12-05T22:00:00Z');
const binding = new Uint8Array(16).fill(0xcb);

function counting(): (bytes: number) => Uint8Array {
  let next = 0;
  return (bytes) => Uint8Array.from({ length: bytes }, () => (next += 1) & 0xff);
}

function acceptor(changes: Partial<NtlmAcceptorInput> = {}): NtlmAcceptor {
  return ntlmAcceptor({
    accounts: (user, domain) => (user.toLowerCase() === 'ops' && domain === 'CORP' ? 'secret-Word-1' : null),
    names: { nbDomain: 'CORP', nbComputer: 'EX01', dnsDomain: 'corp.example', dnsComputer: 'ex01.corp.example' },
    random: counting(),
    now,
    channelBinding: null,
    requireChannelBinding: false,
    ...changes,
  });
}

function initiator(changes: Partial<NtlmInitiatorInput> = {}): SecurityContext {
  return createNtlmInitiator({
    username: 'CORP\\ops',
    password: 'secret-Word-1',
    workstation: '',
    random: counting(),
    now,
    channelBinding: null,
    targetName: null,
    seal: true,
    ...changes,
  });
}

/** Passes tokens to and fro until one side has nothing more to say. */
function logOn(
  client: SecurityContext,
  server: NtlmAcceptor,
  change: (token: Uint8Array, number: number) => Uint8Array = (token) => token,
): void {
  let answer: Uint8Array | null = null;
  for (let number = 1; number <= 5; number += 1) {
    const token = client.step(answer);
    if (token === null) return;
    answer = server.step(change(token, number));
    if (answer === null) return;
  }
  throw new Error('the handshake does not end');
}

function talk(client: SecurityContext, server: NtlmAcceptor): void {
  for (const text of ['one', 'two', 'three']) {
    const asked = client.sealing?.seal(Buffer.from(text));
    expect(
      Buffer.from(
        server.sealing?.unseal(asked?.signature ?? Buffer.of(), asked?.sealed ?? Buffer.of()) ?? [],
      ).toString(),
    ).toBe(text);
    const answered = server.sealing?.seal(Buffer.from(`${text}!`));
    expect(
      Buffer.from(
        client.sealing?.unseal(answered?.signature ?? Buffer.of(), answered?.sealed ?? Buffer.of()) ?? [],
      ).toString(),
    ).toBe(`${text}!`);
  }
}

test('a bare NTLM logon succeeds, and both ends talk sealed', () => {
  const [client, server] = [initiator(), acceptor()];
  logOn(client, server);
  expect(server).toMatchObject({ done: true, refusal: null, account: { user: 'ops', domain: 'CORP' } });
  talk(client, server);
});

test('a logon whose challenge bears no time succeeds without a MIC, and both ends talk sealed', () => {
  const [client, server] = [initiator(), acceptor({ timestamp: false })];
  logOn(client, server, (token, number) => {
    if (number === 2) expect(readAuthenticate(token).mic).toBeNull();
    return token;
  });
  expect(server).toMatchObject({ done: true, refusal: null });
  talk(client, server);
});

test('NTLM in SPNEGO succeeds, with both lists of mechanisms signed', () => {
  const [client, server] = [initiator({ spnego: true }), acceptor()];
  logOn(client, server);
  expect(server).toMatchObject({ done: true, refusal: null });
  talk(client, server);
});

test('over https: no sealing, and the channel binding holds', () => {
  const [client, server] = [
    initiator({ seal: false, channelBinding: binding }),
    acceptor({ channelBinding: binding, requireChannelBinding: true }),
  ];
  logOn(client, server);
  expect(server).toMatchObject({ done: true, sealing: null });
  expect(client.sealing).toBeNull();
});

test('relaxed hardening lets a client without a binding in', () => {
  const server = acceptor({ channelBinding: binding });
  logOn(initiator({ seal: false }), server);
  expect(server.done).toBe(true);
});

test('any account and password, in any script: the right one gets in and the wrong one does not', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  const name = text.filter((one) => !one.includes('\\') && !one.startsWith('.'));
  fc.assert(
    fc.property(name, name, text, text, fc.boolean(), (domain, user, password, other, spnego) => {
      const logOnWith = (known: string): NtlmAcceptor => {
        const server = acceptor({ accounts: () => known });
        logOn(initiator({ username: `${domain}\\${user}`, password, spnego }), server);
        return server;
      };
      expect(logOnWith(password).account).toEqual({ user, domain: upperCaseUnits(domain) });
      expect(logOnWith(`${password}${other}`).refusal).toBe('wrong password');
    }),
    { numRuns: 60 },
  );
});

describe('refuses', () => {
  test.each<[string, Partial<NtlmInitiatorInput>, Partial<NtlmAcceptorInput>]>([
    ['wrong password', { password: 'secret-Word-2' }, {}],
    ['wrong password', { username: 'CORP\\OPS', password: '' }, {}],
    ['unknown account', { username: 'CORP\\nobody' }, {}],
    ['unknown account', { username: 'ops' }, {}],
    ['anonymous logon', { username: 'CORP\\' }, {}],
    ['no channel binding', { seal: false }, { channelBinding: binding, requireChannelBinding: true }],
    ['wrong channel binding', { seal: false, channelBinding: new Uint8Array(16).fill(1) }, { channelBinding: binding }],
  ])('%s (%o)', (reason, client, server) => {
    const refusing = acceptor(server);
    logOn(initiator(client), refusing);
    expect(refusing).toMatchObject({ done: false, refusal: reason, account: null, sealing: null });
  });

  test('a NEGOTIATE that was changed on the way: the MIC tells', () => {
    const server = acceptor();
    logOn(initiator(), server, (token, number) =>
      number === 1 ? Uint8Array.from(token, (byte, at) => (at === 39 ? 14 : byte)) : token,
    );
    expect(server).toMatchObject({ done: false, refusal: 'wrong message integrity code' });
  });

  test('an AUTHENTICATE whose flags were changed on the way', () => {
    const server = acceptor();
    logOn(initiator(), server, (token, number) =>
      number === 2 ? Uint8Array.from(token, (byte, at) => (at === 63 ? byte & ~0x20 : byte)) : token,
    );
    expect(server).toMatchObject({ done: false, refusal: 'wrong message integrity code' });
  });

  test('garbage, without throwing', () => {
    for (const garbage of [
      Buffer.of(),
      Buffer.from('NTLMSSP\0'),
      Buffer.from('hello'),
      Buffer.from([0x60, 0x82, 1, 0]),
    ]) {
      const server = acceptor();
      expect(server.step(garbage)).toBeNull();
      expect(server.done).toBe(false);
      expect(server.refusal).not.toBeNull();
    }
  });
});

test('a client without Unicode, MIC and version field gets in, as pywinrm’s does', () => {
  const server = acceptor();
  const flags = joinFlags(
    ntlmFlags.oem,
    ntlmFlags.sign,
    ntlmFlags.seal,
    ntlmFlags.ntlm,
    ntlmFlags.extendedSessionSecurity,
    ntlmFlags.key128,
  );
  const challenge = readChallenge(
    server.step(writeNegotiate({ flags, domain: '', workstation: '', version: null })) ?? Buffer.of(),
  );
  expect(challenge.targetName).toBe('CORP');
  const made = ntlmV2Response({
    ntowf: ntowfV2('secret-Word-1', 'ops', 'CORP'),
    serverChallenge: challenge.serverChallenge,
    clientChallenge: new Uint8Array(8),
    timestamp: new Uint8Array(8),
    targetInfo: new Uint8Array(4),
  });
  server.step(
    writeAuthenticate({
      flags,
      lmResponse: new Uint8Array(24),
      ntResponse: made.ntResponse,
      domain: 'CORP',
      user: 'ops',
      workstation: '',
      encryptedSessionKey: new Uint8Array(),
      version: null,
      mic: null,
    }),
  );
  expect(server).toMatchObject({ done: true, refusal: null });
  const sealed = ntlmSealing(made.sessionBaseKey, flags, 'client').seal(Buffer.from('old'));
  expect(Buffer.from(server.sealing?.unseal(sealed.signature, sealed.sealed) ?? []).toString()).toBe('old');
});

describe('SPNEGO', () => {
  test('names NTLM when another mechanism came first', () => {
    const token = acceptor().step(writeNegTokenInit(Buffer.from('a Kerberos token')));
    expect(readSpnego(token ?? Buffer.of())).toMatchObject({ kind: 'resp', state: 'request-mic', responseToken: null });
  });

  test('a wrong signature over the mechanisms is refused', () => {
    const server = acceptor();
    logOn(initiator({ spnego: true }), server, (token, number) =>
      number === 2 ? Uint8Array.from(token, (byte, at) => (at === token.length - 8 ? byte ^ 1 : byte)) : token,
    );
    expect(server.done).toBe(false);
    expect(server.refusal).toContain('mechanisms');
    expect(ntlmMechTypeList.length).toBe(14);
  });
});
