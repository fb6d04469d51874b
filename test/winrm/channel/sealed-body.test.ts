import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.ts';
import { ntlmSealing } from '../../../src/winrm/auth/ntlm/seal.ts';
import type { NtlmSealing } from '../../../src/winrm/auth/ntlm/seal.ts';
import { isSealedContentType, readSealedBody, writeSealedBody } from '../../../src/winrm/channel/sealed-body.ts';

const key = Buffer.alloc(16, 0x55);
const flags = 0xe2888235;
const client = (): NtlmSealing => ntlmSealing(key, flags, 'client');
const server = (): NtlmSealing => ntlmSealing(key, flags, 'server');
const protocol = 'application/HTTP-SPNEGO-session-encrypted';
const unsealed: unknown = expect.objectContaining({ code: 'wire/unsealed', retry: 'new-session' });

test('the frame of 1000 bytes is 1258 bytes, as every other client makes it', () => {
  const { contentType, body } = writeSealedBody({ protocol, sealing: client(), message: new Uint8Array(1000) });
  expect(contentType).toBe(`multipart/encrypted;protocol="${protocol}";boundary="Encrypted Boundary"`);
  expect(body.length).toBe(1258);
  const text = Buffer.from(body).toString('latin1');
  expect(text.slice(0, 214)).toBe(
    '--Encrypted Boundary\r\n' +
      '\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n' +
      '\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=1000\r\n' +
      '--Encrypted Boundary\r\n' +
      '\tContent-Type: application/octet-stream\r\n',
  );
  expect(body.subarray(214, 218)).toEqual(Buffer.of(16, 0, 0, 0));
  expect(text.slice(-24)).toBe('--Encrypted Boundary--\r\n');
});

const variants = fc.record({
  tabs: fc.boolean(),
  spacedBoundary: fc.boolean(),
  lowerCaseNames: fc.boolean(),
  extraCrlf: fc.boolean(),
  charset: fc.constantFrom('UTF-8', 'UTF-16'),
});

test('every variant of the frame is read back, whatever the message holds', () => {
  const boundary = Buffer.from('--Encrypted Boundary--\r\n');
  const message = fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.constant(boundary));
  fc.assert(
    fc.property(fc.array(fc.tuple(message, variants), { maxLength: 6 }), (list) => {
      const [from, to] = [client(), server()];
      for (const [bytes, variant] of list) {
        const written = writeSealedBody({ protocol, sealing: from, message: bytes, ...variant });
        const read = readSealedBody({ ...written, sealing: to });
        expect(Buffer.from(read.message).equals(bytes)).toBe(true);
        expect([read.charset, read.protocol]).toEqual([variant.charset, protocol]);
      }
    }),
  );
});

test('sealed bytes that contain the boundary are no boundary', () => {
  const none = new Uint8Array(16);
  const inClear = {
    seal: (message: Uint8Array) => ({ signature: none, sealed: message }),
    unseal: (_: Uint8Array, sealed: Uint8Array) => sealed,
  };
  const message = Buffer.from('x--Encrypted Boundary--\r\n--Encrypted Boundary\r\n');
  const written = writeSealedBody({ protocol, sealing: inClear, message });
  expect(Buffer.from(readSealedBody({ ...written, sealing: inClear }).message).equals(message)).toBe(true);
});

describe('refuses with wire/unsealed', () => {
  const written = writeSealedBody({ protocol, sealing: client(), message: Buffer.from('<s:Envelope/>') });
  const { contentType } = written;
  const bytes = Buffer.from(written.body);
  const cases: readonly (readonly [string, string, Buffer])[] = [
    ['a body in clear', 'application/soap+xml;charset=UTF-8', bytes],
    ['an empty body', contentType, Buffer.of()],
    [
      'another protocol',
      contentType,
      Buffer.from(bytes.toString('latin1').replace('HTTP-SPNEGO', 'HTTP-CredSSP'), 'latin1'),
    ],
    ['a wrong length', contentType, Buffer.from(bytes.toString('latin1').replace('Length=13', 'Length=12'), 'latin1')],
    [
      'a length beyond the body',
      contentType,
      Buffer.from(bytes.toString('latin1').replace('Length=13', 'Length=999'), 'latin1'),
    ],
    ['a body cut inside the seal', contentType, bytes.subarray(0, 230)],
    ['a body cut at its end', contentType, bytes.subarray(0, -5)],
    ['bytes after the end', contentType, Buffer.concat([bytes, Buffer.from('more')])],
  ];
  test.each(cases)('%s', (_, type, body) => {
    expect(() => readSealedBody({ contentType: type, body, sealing: server() })).toThrow(unsealed);
  });

  test('any cut and any change: a Failure or, outside what is sealed, the message itself', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.nat(bytes.length - 1), fc.nat(255), (length, at, value) => {
        const changed = Buffer.from(bytes.subarray(0, length));
        if (at < length) changed[at] = value;
        try {
          const { message } = readSealedBody({ contentType, body: changed, sealing: server() });
          expect(Buffer.from(message).toString()).toBe('<s:Envelope/>');
        } catch (error) {
          expect(error instanceof Failure ? error.code : error).toBe('wire/unsealed');
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test.each([
  ['multipart/encrypted;protocol="x"', true],
  ['Multipart/Encrypted', true],
  ['multipart/x-multi-encrypted;protocol="x"', true],
  ['application/soap+xml;charset=UTF-8', false],
  ['multipart/encrypted-not', false],
  ['', false],
])('"%s" is a sealed content type: %s', (contentType, expected) => {
  expect(isSealedContentType(contentType)).toBe(expected);
});
