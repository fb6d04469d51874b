import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinFlags, ntlmFlags } from '../../../../src/winrm/auth/ntlm/flags.ts';
import { ntlmSealing, sealKey, signKey } from '../../../../src/winrm/auth/ntlm/seal.ts';
import { continued, v2, weak } from './vectors.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Buffer => Buffer.from(text, 'hex');
const key = v2.exportedSessionKey;
const flags = v2.authenticateFlags;

describe('keys', () => {
  test.each([
    ['client sealing, 128 bits [4.2.4.4]', sealKey(key, flags, 'client'), v2.clientSealKey],
    ['client signing [4.2.4.4]', signKey(key, 'client'), v2.clientSignKey],
    ['server sealing', sealKey(key, flags, 'server'), continued.serverSealKey],
    ['server signing', signKey(key, 'server'), continued.serverSignKey],
    ['client sealing, 56 bits', sealKey(key, ntlmFlags.key56, 'client'), continued.clientSealKey56],
    ['client sealing, 40 bits', sealKey(key, 0, 'client'), continued.clientSealKey40],
    ['client sealing, 56 bits [4.2.3.4]', sealKey(weak.keyExchangeKey, weak.flags, 'client'), weak.clientSealKey],
    ['client signing [4.2.3.4]', signKey(weak.keyExchangeKey, 'client'), weak.clientSignKey],
  ])('%s', (_, made, expected) => {
    expect(hex(made)).toBe(expected);
  });
});

test('seals the specification’s message [4.2.4.4], and the next one on the same stream', () => {
  const client = ntlmSealing(key, flags, 'client');
  const first = client.seal(v2.plaintext);
  expect([hex(first.sealed), hex(first.signature)]).toEqual([v2.sealed, v2.signature]);
  const { second } = continued;
  const next = client.seal(second.plain);
  expect([hex(next.sealed), hex(next.signature)]).toEqual([second.sealed, second.signature]);
});

test('unseals both on the server, and seals in its own direction', () => {
  const server = ntlmSealing(key, flags, 'server');
  expect(hex(server.unseal(bytes(v2.signature), bytes(v2.sealed)))).toBe(hex(v2.plaintext));
  const { second, fromServer } = continued;
  expect(hex(server.unseal(bytes(second.signature), bytes(second.sealed)))).toBe(hex(second.plain));
  const answer = server.seal(v2.plaintext);
  expect([hex(answer.sealed), hex(answer.signature)]).toEqual([fromServer.sealed, fromServer.signature]);
});

test('without a key exchange the checksum stays in clear [4.2.3.4]', () => {
  const made = ntlmSealing(weak.keyExchangeKey, weak.flags, 'client').seal(v2.plaintext);
  expect([hex(made.sealed), hex(made.signature)]).toEqual([weak.sealed, weak.signature]);
});

const anyFlags = fc
  .subarray([ntlmFlags.key128, ntlmFlags.key56, ntlmFlags.keyExchange])
  .map((some) => joinFlags(...some, ntlmFlags.extendedSessionSecurity));
const messages = fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 200 })), { maxLength: 12 });

test('what one side seals the other unseals, in any interleaving and at any key length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), anyFlags, messages, (sessionKey, someFlags, list) => {
      const client = ntlmSealing(sessionKey, someFlags, 'client');
      const server = ntlmSealing(sessionKey, someFlags, 'server');
      for (const [fromClient, message] of list) {
        const [from, to] = fromClient ? [client, server] : [server, client];
        const { signature, sealed } = from.seal(message);
        expect(signature.length).toBe(16);
        expect(hex(to.unseal(signature, sealed))).toBe(hex(message));
      }
    }),
  );
});

const unsealed: unknown = expect.objectContaining({ code: 'wire/unsealed', retry: 'new-session' });

test('a changed bit, a wrong length, a repeat or a gap in the sequence breaks the seal', () => {
  const message = Buffer.from('a message of some length');
  fc.assert(
    fc.property(fc.nat(15), fc.nat(7), (at, bit) => {
      const { signature, sealed } = ntlmSealing(key, flags, 'client').seal(message);
      const bent = Uint8Array.from(signature, (byte, index) => (index === at ? byte ^ (1 << bit) : byte));
      expect(() => ntlmSealing(key, flags, 'server').unseal(bent, sealed)).toThrow(unsealed);
      const bentBody = Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ (1 << bit) : byte));
      expect(() => ntlmSealing(key, flags, 'server').unseal(signature, bentBody)).toThrow(unsealed);
    }),
  );
  const client = ntlmSealing(key, flags, 'client');
  const one = client.seal(message);
  const two = client.seal(message);
  expect(() => ntlmSealing(key, flags, 'server').unseal(one.signature.subarray(0, 15), one.sealed)).toThrow(unsealed);
  expect(() => ntlmSealing(key, flags, 'server').unseal(two.signature, two.sealed)).toThrow(unsealed);
  const server = ntlmSealing(key, flags, 'server');
  server.unseal(one.signature, one.sealed);
  expect(() => server.unseal(one.signature, one.sealed)).toThrow(unsealed);
});

test('a side does not take its own messages for the other’s', () => {
  const { signature, sealed } = ntlmSealing(key, flags, 'client').seal(Buffer.from('mirror'));
  expect(() => ntlmSealing(key, flags, 'client').unseal(signature, sealed)).toThrow(unsealed);
});

test('after a signature over the mechanisms the stream begins anew and the sequence goes on at 1', () => {
  const list = Buffer.from('300c060a2b06010401823702020a', 'hex');
  const client = ntlmSealing(key, flags, 'client');
  const server = ntlmSealing(key, flags, 'server');
  server.verifyMechList(list, client.signMechList(list));
  const { signature, sealed } = client.seal(v2.plaintext);
  expect(hex(sealed)).toBe(v2.sealed);
  expect(Buffer.from(signature).readUInt32LE(12)).toBe(1);
  expect(hex(server.unseal(signature, sealed))).toBe(hex(v2.plaintext));
  expect(() => {
    ntlmSealing(key, flags, 'server').verifyMechList(list, new Uint8Array(16));
  }).toThrow(expect.objectContaining({ code: 'auth/server' }));
});
