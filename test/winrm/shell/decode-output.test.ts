import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeOutput } from '../../../src/winrm/shell/decode-output.ts';

test('UTF-8 cut at any bytes is the same text', () => {
  const anyText = fc.string({ unit: 'grapheme' }).filter((text) => !text.startsWith('\ufeff'));
  fc.assert(
    fc.property(anyText, fc.array(fc.nat(200), { maxLength: 8 }), (text, cuts) => {
      const bytes = Buffer.from(text, 'utf8');
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
      const parts = places.slice(1).map((end, at) => bytes.subarray(places[at], end));
      expect(decodeOutput(parts)).toBe(text);
    }),
  );
});

test('never fails, and in any code page ASCII survives in its place', () => {
  fc.assert(
    fc.property(fc.uint8Array({ max: 255 }), (noise) => {
      const bytes = Buffer.concat([Buffer.from('9933    9933     *\r\n'), noise]);
      expect(decodeOutput([bytes]).startsWith('9933    9933     *\r\n')).toBe(true);
    }),
  );
});

test.each([
  ['nothing', [], ''],
  ['a byte order mark', [0xef, 0xbb, 0xbf, 0x41], 'A'],
  ['windows-1252', [0x67, 0x72, 0xf6, 0xdf, 0x65], 'größe'],
  ['code page 850 keeps its digits', [0x81, 0x20, 0x39, 0x39, 0x33, 0x33, 0x20, 0x2a], '\u0081 9933 *'],
])('%s', (_name, bytes, text) => {
  expect(decodeOutput([Buffer.from(bytes)])).toBe(text);
});
