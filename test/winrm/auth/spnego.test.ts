import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.ts';
import { readSpnego, writeNegTokenInit, writeNegTokenResp } from '../../../src/winrm/auth/spnego.ts';
import type { NegState } from '../../../src/winrm/auth/spnego.ts';

const hex = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('hex'));

test('the first token of pyspnego, byte for byte', () => {
  // From a recorded exchange (ntlm-spnego-encrypted-enumerate-pypsrp).
  const recorded =
    'YEgGBisGAQUFAqA+MDygDjAMBgorBgEEAYI3AgIKoioEKE5UTE1TU1AAAQAAADeCCOIAAAAAKAAAAAAAAAAoAAAAAAwAAAAAAA8=';
  const token = Buffer.from(recorded, 'base64');
  const read = readSpnego(token);
  expect(read).toMatchObject({ kind: 'init', offersNtlm: true });
  expect(hex(read.kind === 'init' ? read.mechTypeList : null)).toBe('300c060a2b06010401823702020a');
  expect(hex(writeNegTokenInit((read.kind === 'init' ? read.mechToken : null) ?? new Uint8Array()))).toBe(hex(token));
});

test('the last answer of the server, byte for byte', () => {
  const token = Buffer.from('oRswGaADCgEAoxIEEAEAAABwNi5Yvr/bIgAAAAA=', 'base64');
  const read = readSpnego(token);
  if (read.kind !== 'resp') return expect.unreachable();
  expect([read.state, read.responseToken, hex(read.mechListMic)]).toEqual([
    'accept-completed',
    null,
    '0100000070362e58bebfdb2200000000',
  ]);
  expect(hex(writeNegTokenResp(read))).toBe(hex(token));
});

test('what is written is read back', () => {
  const blob = fc.option(fc.uint8Array({ minLength: 1, maxLength: 70_000 }), { freq: 3 });
  const states = fc.constantFrom<NegState | null>(
    'accept-completed',
    'accept-incomplete',
    'reject',
    'request-mic',
    null,
  );
  fc.assert(
    fc.property(states, fc.boolean(), fc.uint8Array({ maxLength: 60_000 }), blob, (state, isNamed, token, mic) => {
      const small = mic === null ? null : mic.subarray(0, 300);
      const read = readSpnego(
        writeNegTokenResp({ state, ...(isNamed ? { chooses: 'ntlm' } : {}), responseToken: token, mechListMic: small }),
      );
      if (read.kind !== 'resp') return expect.unreachable();
      expect([read.state, hex(read.responseToken), hex(read.mechListMic)]).toEqual([state, hex(token), hex(small)]);
    }),
    { numRuns: 50 },
  );
});

test('anything else is a Failure', () => {
  const start = writeNegTokenInit(Buffer.alloc(200, 7));
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.tuple(fc.nat(start.length), fc.nat(start.length - 1), fc.nat(255)).map(([length, at, value]) => {
      const changed = Uint8Array.from(start);
      changed[at] = value;
      return changed.subarray(0, length);
    }),
  );
  fc.assert(
    fc.property(bytes, (token) => {
      try {
        readSpnego(token);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
      }
    }),
    { numRuns: 3000 },
  );
  expect(() => readSpnego(Buffer.from('Basic'))).toThrow(expect.objectContaining({ code: 'auth/server' }));
});
