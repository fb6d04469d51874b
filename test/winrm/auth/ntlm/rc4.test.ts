import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rc4 } from '../../../../src/winrm/auth/ntlm/rc4.ts';

// RFC 6229 section 2: key, then the key stream at offsets 0 and 16.
test.each([
  ['0102030405', 'b2396305f03dc027ccc3524a0a1118a8', '6982944f18fc82d589c403a47a0d0919'],
  ['01020304050607', '293f02d47f37c9b633f2af5285feb46b', 'e620f1390d19bd84e2e0fd752031afc1'],
  ['0102030405060708090a0b0c0d0e0f10', '9ac7cc9a609d1ef7b2932899cde41b97', '5248c4959014126a6e8a84f11d1a9e1c'],
])('the key stream of %s', (key, first, second) => {
  const stream = rc4(Buffer.from(key, 'hex'));
  expect(Buffer.from(stream(new Uint8Array(16))).toString('hex')).toBe(first);
  expect(Buffer.from(stream(new Uint8Array(16))).toString('hex')).toBe(second);
});

test('the stream goes on over any cut, and leaves its input alone', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 32 }),
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(300),
      (key, data, at) => {
        const kept = Uint8Array.from(data);
        const whole = rc4(key)(data);
        const parts = rc4(key);
        const cut = Math.min(at, data.length);
        expect([...parts(data.subarray(0, cut)), ...parts(data.subarray(cut))]).toEqual([...whole]);
        expect(data).toEqual(kept);
        expect(rc4(key)(whole)).toEqual(data);
      },
    ),
  );
});
