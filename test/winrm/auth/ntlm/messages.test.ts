import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../../../src/model/failure.ts';
import { readAvPairs, writeAvPairs } from '../../../../src/winrm/auth/ntlm/av-pairs.ts';
import { ntlmFlags } from '../../../../src/winrm/auth/ntlm/flags.ts';
import {
  readAuthenticate,
  readChallenge,
  readNegotiate,
  writeAuthenticate,
  writeChallenge,
  writeNegotiate,
} from '../../../../src/winrm/auth/ntlm/messages.ts';
import type { NtlmVersion } from '../../../../src/winrm/auth/ntlm/messages.ts';
import { v2 } from './vectors.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('the specification’s messages [MS-NLMP 4.2.4.3]', () => {
  test('CHALLENGE is read and written', () => {
    const read = readChallenge(v2.challenge);
    expect(read).toMatchObject({ flags: v2.challengeFlags, targetName: 'Server' });
    expect(hex(read.serverChallenge)).toBe(hex(v2.serverChallenge));
    expect(hex(read.targetInfo)).toBe(hex(v2.targetInfo));
    expect(read.version).toEqual({ major: 6, minor: 0, build: 6000, revision: 15 });
    expect(hex(writeChallenge(read))).toBe(hex(v2.challenge));
  });

  test('AUTHENTICATE is read and written, whole', () => {
    const read = readAuthenticate(v2.authenticate);
    expect(read).toMatchObject({
      flags: v2.authenticateFlags,
      domain: v2.domain,
      user: v2.user,
      workstation: v2.workstation,
      version: { major: 5, minor: 1, build: 2600, revision: 15 },
      mic: null,
    });
    expect(hex(read.lmResponse)).toBe(v2.lmResponse);
    expect(hex(read.ntResponse)).toBe(v2.ntProof + v2.temp);
    expect(hex(read.encryptedSessionKey)).toBe(v2.encryptedSessionKey);
    expect(hex(writeAuthenticate(read))).toBe(hex(v2.authenticate));
  });
});

test('a NEGOTIATE without the version field, as rubyntlm sends it', () => {
  const bytes = Buffer.from('TlRMTVNTUAABAAAAN4II4AIAAgAgAAAAAAAAACIAAABWTXZt', 'base64');
  expect(readNegotiate(bytes)).toEqual({ flags: 0xe0088237, domain: 'VM', workstation: '', version: null });
});

test('a NEGOTIATE of flags alone is read', () => {
  const bytes = Buffer.from('4e544c4d53535000010000000782080a', 'hex');
  expect(readNegotiate(bytes)).toEqual({ flags: 0x0a088207, domain: '', workstation: '', version: null });
});

const version: fc.Arbitrary<NtlmVersion> = fc.record({
  major: fc.nat(255),
  minor: fc.nat(255),
  build: fc.nat(65535),
  revision: fc.nat(255),
});
const utf16 = fc.string({ unit: 'grapheme', maxLength: 20 });
const oem = fc.string({ unit: 'grapheme-ascii', maxLength: 20 });
const blob = fc.uint8Array({ maxLength: 80 });
const fixed = (size: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: size, maxLength: size });
const otherFlags = fc.nat(0x1fff_ffff).map((flags) => (flags & ~(ntlmFlags.unicode | ntlmFlags.version)) >>> 0);

/** Flags and text that agree: Unicode names any text, without it only ASCII is sure. A version goes with its flag. */
const shared = fc.boolean().chain((unicode) =>
  fc.record({
    flags: otherFlags.map((flags) => (flags | (unicode ? ntlmFlags.unicode : 0)) >>> 0),
    version: fc.option(version),
    texts: fc.tuple(unicode ? utf16 : oem, unicode ? utf16 : oem, unicode ? utf16 : oem),
  }),
);
const withVersionFlag = (flags: number, given: NtlmVersion | null): number =>
  (flags | (given === null ? 0 : ntlmFlags.version)) >>> 0;
const plain = (message: object): unknown =>
  Object.fromEntries(
    Object.entries(message).map(([name, value]): [string, unknown] => [
      name,
      value instanceof Uint8Array ? hex(value) : value,
    ]),
  );

describe('what is written is read back', () => {
  test('NEGOTIATE', () => {
    fc.assert(
      fc.property(shared, oem, oem, ({ flags, version: given }, domain, workstation) => {
        const message = { flags: withVersionFlag(flags, given), domain, workstation, version: given };
        expect(readNegotiate(writeNegotiate(message))).toEqual(message);
      }),
    );
  });

  test('CHALLENGE', () => {
    fc.assert(
      fc.property(shared, fixed(8), blob, ({ flags, version: given, texts }, serverChallenge, targetInfo) => {
        const message = {
          flags: withVersionFlag(flags, given),
          targetName: texts[0],
          serverChallenge,
          targetInfo,
          version: given,
        };
        expect(plain(readChallenge(writeChallenge(message)))).toEqual(plain(message));
      }),
    );
  });

  test('AUTHENTICATE, with and without a MIC', () => {
    fc.assert(
      fc.property(shared, blob, blob, blob, fixed(16), fc.boolean(), (common, lm, nt, key, mic, hasMic) => {
        const { flags, texts } = common;
        const given = common.version;
        const message = {
          flags: withVersionFlag(flags, given),
          lmResponse: lm,
          ntResponse: nt,
          domain: texts[0],
          user: texts[1],
          workstation: texts[2],
          encryptedSessionKey: key,
          version: given,
          mic: hasMic ? mic : null,
        };
        expect(plain(readAuthenticate(writeAuthenticate(message)))).toEqual(plain(message));
      }),
    );
  });

  test('attribute lists', () => {
    const pairs = fc.array(fc.record({ id: fc.integer({ min: 1, max: 65535 }), value: blob }), { maxLength: 8 });
    fc.assert(
      fc.property(pairs, (list) => {
        expect(readAvPairs(writeAvPairs(list)).map(plain)).toEqual(list.map(plain));
      }),
    );
  });
});

describe('damaged messages', () => {
  const readers = { readNegotiate, readChallenge, readAuthenticate, readAvPairs };
  const samples = [
    v2.challenge,
    v2.authenticate,
    v2.targetInfo,
    writeNegotiate({ flags: 1, domain: 'D', workstation: 'W', version: null }),
  ];

  test.each(Object.entries(readers))('%s throws nothing but a Failure', (_, read) => {
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.constantFrom(...samples), fc.nat(240), fc.array(fc.tuple(fc.nat(240), fc.nat(255)), { maxLength: 4 }))
        .map(([sample, length, changes]) => {
          const bytes = Uint8Array.from(sample.subarray(0, length));
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          return bytes;
        }),
    );
    fc.assert(
      fc.property(any, (bytes) => {
        try {
          read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('a field that points out of the message is refused', () => {
    const bytes = Buffer.from(v2.authenticate);
    bytes.writeUInt32LE(bytes.length - 1, 24);
    expect(() => readAuthenticate(bytes)).toThrow(expect.objectContaining({ code: 'auth/server' }));
  });

  test('one message is not taken for another', () => {
    expect(() => readChallenge(v2.authenticate)).toThrow('CHALLENGE');
    expect(() => readAuthenticate(v2.challenge)).toThrow('AUTHENTICATE');
    expect(() => readNegotiate(v2.challenge)).toThrow('NEGOTIATE');
  });
});
