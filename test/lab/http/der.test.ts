// DER as X.690's own examples have it, and lengths on both sides of each border.
import { expect, test } from 'vitest';
import {
  derBitString,
  derBoolean,
  derElement,
  derInteger,
  derObjectIdentifier,
  derUtcTime,
} from '../../../src/lab/http/der.ts';

const hex = (buffer: Buffer): string => buffer.toString('hex');

test.each([
  ['a boolean (X.690 8.2)', derBoolean(true), '0101ff'],
  [
    'a bit string with four unused bits (8.6.4.2)',
    derBitString(Buffer.from('0a3b5f291cd0', 'hex'), 4),
    '0307040a3b5f291cd0',
  ],
  ['the object identifier of a subject alternative name (8.19)', derObjectIdentifier('2.5.29.17'), '0603551d11'],
  ['an object identifier with a long arc', derObjectIdentifier('1.2.840.113549'), '06062a864886f70d'],
  ['zero', derInteger(Buffer.from([0, 0])), '020100'],
  ['an integer whose first bit is set', derInteger(Buffer.from([0x80])), '02020080'],
  ['an integer with superfluous zeros', derInteger(Buffer.from([0, 0, 0x7f])), '02017f'],
  [
    'a UTCTime to the second (11.8)',
    derUtcTime(Date.UTC(2026, 10, 24, 2, 45, 7, 999)),
    '170d3236313132343032343530375a',
  ],
])('%s', (_name, found, expected) => {
  expect(hex(found)).toBe(expected);
});

test.each([
  [0, '0400'],
  [127, '047f'],
  [128, '048180'],
  [255, '0481ff'],
  [256, '04820100'],
  [65535, '0482ffff'],
])('a content of %i bytes', (length, head) => {
  const element = derElement(0x04, Buffer.alloc(length));
  expect(hex(element.subarray(0, head.length / 2))).toBe(head);
  expect(element.length).toBe(head.length / 2 + length);
});
