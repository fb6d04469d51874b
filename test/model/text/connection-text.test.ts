import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFingerprint, readProxy } from '../../../src/model/text/connection-text.ts';

const digits = '0123456789ABCDEF'.repeat(4);
const pairs = digits.match(/../g) ?? [];

describe('a fingerprint', () => {
  test.each([
    digits,
    digits.toLowerCase(),
    pairs.join(':'),
    pairs.join(' '),
    `sha256:${digits}`,
    `SHA256 Fingerprint=${pairs.join(':')}`,
    `  sha-256: ${digits} `,
  ])('%s', (text) => {
    expect(readFingerprint(text)).toBe(digits);
  });

  test('any 64 digits, however they are set apart', () => {
    const hex = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
    fc.assert(
      fc.property(
        hex,
        fc.constantFrom('', ':', ' ', '-'),
        fc.constantFrom('', 'sha256:', 'SHA256='),
        (text, gap, front) => {
          expect(readFingerprint(front + (text.match(/../g) ?? []).join(gap))).toBe(text.toUpperCase());
        },
      ),
    );
  });

  test.each(['', digits.slice(1), `${digits}0`, digits.slice(0, 40), `sha1:${digits}`, digits.replace('F', 'G')])(
    'none: %s',
    (text) => {
      expect(readFingerprint(text)).toBeNull();
    },
  );
});

describe('a proxy', () => {
  test.each([
    ['http://proxy.corp.example:3128', { host: 'proxy.corp.example', port: 3128 }],
    ['HTTP://10.0.0.1:1/', { host: '10.0.0.1', port: 1 }],
    ['http://[2001:db8::1]:65535', { host: '2001:db8::1', port: 65_535 }],
  ])('%s', (text, proxy) => {
    expect(readProxy(text)).toEqual(proxy);
  });

  test.each([
    'http://proxy',
    'http://proxy:0',
    'http://proxy:65536',
    'https://proxy:3128',
    'http://user:pass@proxy:3128',
    'http://proxy:3128/path',
    'proxy:3128',
    'http://:3128',
  ])('none: %s', (text) => {
    expect(readProxy(text)).toBeNull();
  });

  test('every port there is and no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999 }), (port) => {
        expect(readProxy(`http://p:${port}`)?.port ?? null).toBe(port >= 1 && port <= 65_535 ? port : null);
      }),
    );
  });
});
