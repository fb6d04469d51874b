// The initiator against a challenge made by hand, and against the acceptor: each token that leaves is read with the codec.
import { describe, expect, test } from 'vitest';
import { avIds, avFlags, avText, avValue, writeAvPairs } from '../../../../src/winrm/auth/ntlm/av-pairs.ts';
import type { AvPair } from '../../../../src/winrm/auth/ntlm/av-pairs.ts';
import { createNtlmInitiator } from '../../../../src/winrm/auth/ntlm/context.ts';
import type { NtlmInitiatorInput } from '../../../../src/winrm/auth/ntlm/context.ts';
import { hasFlags, joinFlags, ntlmFlags } from '../../../../src/winrm/auth/ntlm/flags.ts';
import { readAuthenticate, readNegotiate, writeChallenge } from '../../../../src/winrm/auth/ntlm/messages.ts';
import type { AuthenticateMessage } from '../../../../src/winrm/auth/ntlm/messages.ts';
import {
  exchangeKey,
  fileTime,
  lmV2Response,
  messageIntegrityCode,
  ntowfV2,
  readNtResponse,
  verifyNtlmV2,
} from '../../../../src/winrm/auth/ntlm/response.ts';
import { ntlmSealing } from '../../../../src/winrm/auth/ntlm/seal.ts';
import type { SecurityContext } from '../../../../src/winrm/auth/security-context.ts';
import { readSpnego, writeNegTokenResp } from '../../../../src/winrm/auth/spnego.ts';

const hex = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('hex'));
const utf16 = (text: string): Uint8Array => Buffer.from(text, 'utf16le');
const now = new Date('2026-12-05T22:00:00Z');
const earlier = fileTime(new Date('2026-12-05T21:59:00Z'));
const serverChallenge = Buffer.from('0123456789abcdef', 'hex');

const names: readonly AvPair[] = [
  { id: avIds.nbDomain, value: utf16('CORP') },
  { id: avIds.nbComputer, value: utf16('EX01') },
];
const timestamp: AvPair = { id: avIds.timestamp, value: earlier };
const everyFlag = joinFlags(...Object.values(ntlmFlags));

function challenge(pairs: readonly AvPair[], flags = everyFlag): Uint8Array {
  return writeChallenge({
    flags,
    targetName: 'CORP',
    serverChallenge,
    targetInfo: pairs.length === 0 ? new Uint8Array() : writeAvPairs(pairs),
    version: null,
  });
}

function context(changes: Partial<NtlmInitiatorInput> = {}): SecurityContext {
  return createNtlmInitiator({
    username: 'CORP\\ops',
    password: 'secret-Word-1',
    workstation: 'JUMP',
    random: (bytes) => new Uint8Array(bytes).fill(bytes),
    now: () => now,
    channelBinding: null,
    targetName: null,
    seal: true,
    ...changes,
  });
}

/** Runs the handshake against that challenge. */
function handshake(bytes: Uint8Array, changes: Partial<NtlmInitiatorInput> = {}) {
  const made = context(changes);
  const negotiate = made.step(null) ?? new Uint8Array();
  const authenticate = made.step(bytes) ?? new Uint8Array();
  const message: AuthenticateMessage = readAuthenticate(authenticate);
  return { made, negotiate, authenticate, message, pairs: readNtResponse(message.ntResponse).avPairs };
}

test('NEGOTIATE offers NTLMv2 sealing over http, and no sealing over https', () => {
  const sealing = readNegotiate(context().step(null) ?? new Uint8Array());
  expect(sealing.flags).toBe(0xe2888235);
  const clear = readNegotiate(context({ seal: false }).step(null) ?? new Uint8Array());
  expect(clear.flags).toBe((sealing.flags & ~ntlmFlags.seal) >>> 0);
});

describe('a challenge with a timestamp', () => {
  const bytes = challenge([...names, timestamp]);
  const { made, negotiate, authenticate, message, pairs } = handshake(bytes);
  const base = verifyNtlmV2(ntowfV2('secret-Word-1', 'ops', 'CORP'), serverChallenge, message.ntResponse);
  const key = exchangeKey(base ?? new Uint8Array(16), message.encryptedSessionKey);

  test('is answered with the server’s time, a MIC and an empty LM response', () => {
    expect(base).not.toBeNull();
    expect(hex(readNtResponse(message.ntResponse).timestamp)).toBe(hex(earlier));
    expect(hex(message.lmResponse)).toBe('00'.repeat(24));
    expect(avFlags(pairs)).toBe(2);
    expect(hex(message.mic)).toBe(hex(messageIntegrityCode(key, negotiate, bytes, authenticate)));
  });

  test('keeps the server’s attributes and adds ours', () => {
    expect(pairs.map(({ id }) => id)).toEqual([2, 1, 7, 6, 0xa, 9]);
    expect([avText(pairs, avIds.nbDomain), avText(pairs, avIds.nbComputer)]).toEqual(['CORP', 'EX01']);
  });

  test('uses fresh randomness for the client challenge and the session key', () => {
    expect(hex(readNtResponse(message.ntResponse).clientChallenge)).toBe('08'.repeat(8));
    expect(hex(key)).toBe('10'.repeat(16));
  });

  test('ends in sealing that the server side opens', () => {
    expect(made.done).toBe(true);
    const sealed = made.sealing?.seal(utf16('hello'));
    const server = ntlmSealing(key, message.flags, 'server');
    expect(hex(server.unseal(sealed?.signature ?? new Uint8Array(), sealed?.sealed ?? new Uint8Array()))).toBe(
      hex(utf16('hello')),
    );
  });
});

test('a challenge without a timestamp is answered with our time, LMv2 and no MIC', () => {
  const { message, pairs } = handshake(challenge(names));
  expect(hex(readNtResponse(message.ntResponse).timestamp)).toBe(hex(fileTime(now)));
  expect(hex(message.lmResponse)).toBe(
    hex(lmV2Response(ntowfV2('secret-Word-1', 'ops', 'CORP'), serverChallenge, new Uint8Array(8).fill(8))),
  );
  expect(message.mic).toBeNull();
  expect(avValue(pairs, avIds.flags)).toBeNull();
});

test('a server that exchanges no key gets none', () => {
  const { message } = handshake(challenge([...names, timestamp], joinFlags(everyFlag & ~ntlmFlags.keyExchange)));
  expect(message.encryptedSessionKey.length).toBe(0);
  expect(hasFlags(message.flags, ntlmFlags.keyExchange)).toBe(false);
});

test.each([
  ['CORP\\ops', 'CORP', 'ops'],
  ['corp\\Ops', 'CORP', 'Ops'],
  ['.\\Administrator', 'EX01', 'Administrator'],
  ['ops@corp.example', '', 'ops@corp.example'],
  ['ops', '', 'ops'],
])('%s is sent as domain "%s" and user "%s", and proved as sent', (username, domain, user) => {
  const { message } = handshake(challenge([...names, timestamp]), { username });
  expect([message.domain, message.user]).toEqual([domain, user]);
  expect(verifyNtlmV2(ntowfV2('secret-Word-1', user, domain), serverChallenge, message.ntResponse)).not.toBeNull();
});

test('a server that names no version is told none', () => {
  const flags = joinFlags(everyFlag & ~ntlmFlags.version);
  const { message } = handshake(challenge([...names, timestamp], flags));
  expect([message.version, message.mic?.length]).toEqual([null, 16]);
  expect(handshake(challenge(names, flags)).authenticate.indexOf(0x43)).toBe(64);
});

test('channel binding and target name travel in the proof', () => {
  const channelBinding = new Uint8Array(16).fill(0xcb);
  const { pairs } = handshake(challenge([...names, timestamp]), {
    seal: false,
    channelBinding,
    targetName: 'HTTP/ex01',
  });
  expect(hex(avValue(pairs, avIds.channelBindings))).toBe('cb'.repeat(16));
  expect(avText(pairs, avIds.targetName)).toBe('HTTP/ex01');
  const without = handshake(challenge([...names, timestamp])).pairs;
  expect(hex(avValue(without, avIds.channelBindings))).toBe('00'.repeat(16));
  expect(avText(without, avIds.targetName)).toBe('');
});

test('over https nothing is sealed, whatever the server offers', () => {
  const { made, message } = handshake(challenge([...names, timestamp]), { seal: false });
  expect(hasFlags(message.flags, ntlmFlags.seal)).toBe(false);
  expect([made.done, made.sealing]).toEqual([true, null]);
});

describe('refuses', () => {
  const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });
  test.each([
    ['NTLMv1 session security', ntlmFlags.extendedSessionSecurity],
    ['no sealing', ntlmFlags.seal],
    ['keys below 128 bits', ntlmFlags.key128],
    ['no signing', ntlmFlags.sign],
  ])('%s', (_, missing) => {
    const bytes = challenge([...names, timestamp], joinFlags(everyFlag & ~missing));
    expect(() => handshake(bytes)).toThrow(code('auth/unsafe'));
  });

  test('a challenge that names nobody', () => {
    expect(() => handshake(challenge([]))).toThrow(code('auth/server'));
    expect(() => handshake(challenge([timestamp]))).toThrow(code('auth/server'));
  });

  test('no challenge, and something else in its place', () => {
    const made = context();
    made.step(null);
    expect(() => made.step(null)).toThrow(code('auth/server'));
    expect(() => made.step(new Uint8Array())).toThrow(code('auth/server'));
    expect(() => made.step(Buffer.from('<html>'))).toThrow(code('auth/server'));
    expect(() => made.step(made.step(challenge([...names, timestamp])))).toThrow(code('auth/refused'));
  });

  test('a SPNEGO answer that rejects', () => {
    const made = context();
    made.step(null);
    expect(() => made.step(writeNegTokenResp({ state: 'reject' }))).toThrow(code('auth/refused'));
  });

  test('and no secret stands in what it says', () => {
    try {
      handshake(challenge([]));
      expect.unreachable();
    } catch (error) {
      expect(JSON.stringify(error) + String(error)).not.toContain('secret-Word-1');
    }
  });
});

describe('a server that answers bare NTLM with SPNEGO', () => {
  const made = context();
  made.step(null);
  const inner = challenge([...names, timestamp]);
  const answer = made.step(writeNegTokenResp({ state: 'accept-incomplete', chooses: 'ntlm', responseToken: inner }));

  test('is answered in kind, with nothing signed that was never offered', () => {
    const read = readSpnego(answer ?? new Uint8Array());
    expect(read).toMatchObject({ kind: 'resp', mechListMic: null });
    expect(read.kind === 'resp' ? readAuthenticate(read.responseToken ?? new Uint8Array()).user : '').toBe('ops');
  });

  test('and its last word changes nothing, with or without an empty token', () => {
    expect(made.step(writeNegTokenResp({ state: 'accept-completed', responseToken: new Uint8Array() }))).toBeNull();
    expect(made.step(writeNegTokenResp({ state: 'accept-completed' }))).toBeNull();
    expect(made.done).toBe(true);
  });
});
