import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  exchangeKey,
  fileTime,
  lmV2Response,
  messageIntegrityCode,
  ntlmV2Response,
  ntowfV2,
  readNtResponse,
  upperCaseUnits,
  verifyNtlmV2,
  writeTemp,
} from '../../../../src/winrm/auth/ntlm/response.ts';
import { v2 } from './vectors.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const ntowf = ntowfV2(v2.password, v2.user, v2.domain);

describe('the specification’s example [MS-NLMP 4.2.4]', () => {
  const made = ntlmV2Response({ ...v2, ntowf });
  test.each([
    ['NTOWFv2', ntowf, v2.ntowf],
    ['temp', writeTemp(v2), v2.temp],
    ['NTProofStr and temp', made.ntResponse, v2.ntProof + v2.temp],
    ['SessionBaseKey', made.sessionBaseKey, v2.sessionBaseKey],
    ['LMv2', lmV2Response(ntowf, v2.serverChallenge, v2.clientChallenge), v2.lmResponse],
    ['EncryptedRandomSessionKey', exchangeKey(made.sessionBaseKey, v2.exportedSessionKey), v2.encryptedSessionKey],
  ])('%s', (_, bytes, expected) => {
    expect(hex(bytes)).toBe(expected);
  });

  test('is verified, and nothing near it is', () => {
    expect(hex(verifyNtlmV2(ntowf, v2.serverChallenge, made.ntResponse) ?? new Uint8Array())).toBe(v2.sessionBaseKey);
    expect(verifyNtlmV2(ntowfV2('password', v2.user, v2.domain), v2.serverChallenge, made.ntResponse)).toBeNull();
    expect(verifyNtlmV2(ntowf, Buffer.from('0123456789abcdee', 'hex'), made.ntResponse)).toBeNull();
  });

  test('comes apart again', () => {
    const read = readNtResponse(made.ntResponse);
    expect([hex(read.proof), hex(read.clientChallenge), hex(read.timestamp)]).toEqual([
      v2.ntProof,
      hex(v2.clientChallenge),
      hex(v2.timestamp),
    ]);
    expect(read.avPairs.map(({ id, value }) => [id, Buffer.from(value).toString('utf16le')])).toEqual([
      [2, 'Domain'],
      [1, 'Server'],
    ]);
  });
});

test('the user is upper-cased and the domain is not', () => {
  expect(hex(ntowfV2('p', 'user', 'Domain'))).toBe(hex(ntowfV2('p', 'USER', 'Domain')));
  expect(hex(ntowfV2('p', 'user', 'Domain'))).not.toBe(hex(ntowfV2('p', 'user', 'DOMAIN')));
});

test.each([
  ['müller', 'MÜLLER'],
  ['straße', 'STRAßE'],
  ['ﬁx', 'ﬁX'],
])('upper case of %s is %s, of the same length', (user, upper) => {
  expect(upperCaseUnits(user)).toBe(upper);
});

test('an NTLMv1 response is refused, and so is anything too short', () => {
  for (const length of [0, 16, 24, 47]) {
    expect(() => readNtResponse(Buffer.alloc(length, 1))).toThrow(expect.objectContaining({ code: 'auth/server' }));
  }
});

test.each([
  ['1970-01-01T00:00:00Z', '00803ed5deb19d01'],
  ['1601-01-01T00:00:00Z', '0000000000000000'],
])('FILETIME of %s', (date, expected) => {
  expect(hex(fileTime(new Date(date)))).toBe(expected);
});

test('a MIC depends on every byte of the three messages except its own field', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 88, maxLength: 120 }), fc.nat(119), (message, index) => {
      const at = index % message.length;
      const changed = Uint8Array.from(message, (byte, position) => (position === at ? byte ^ 0x80 : byte));
      const key = Buffer.alloc(16, 7);
      const before = hex(messageIntegrityCode(key, message, message, message));
      const same = hex(messageIntegrityCode(key, message, message, changed)) === before;
      expect(same).toBe(at >= 72 && at < 88);
      expect(hex(messageIntegrityCode(key, changed, message, message))).not.toBe(before);
      expect(hex(messageIntegrityCode(key, message, changed, message))).not.toBe(before);
    }),
  );
});
