import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeText } from '../../src/files/decode-text.ts';
import { anyCharacter } from '../support/any-character.ts';

function encode16(text: string, isBig: boolean, mark: boolean): Buffer {
  const bytes = Buffer.from(`${mark ? '\uFEFF' : ''}${text}`, 'utf16le');
  return isBig ? bytes.swap16() : bytes;
}

describe('what Windows and Linux write is read as it was meant', () => {
  const text = 'user: CÖRP\\svc\r\n# 名前\r\n';
  test.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with its mark', Buffer.from(`\uFEFF${text}`)],
    ['UTF-16 of PowerShell 5', encode16(text, false, true)],
    ['UTF-16, big end first', encode16(text, true, true)],
    ['UTF-16 without its mark', encode16(text, false, false)],
    ['UTF-16 without its mark, big end first', encode16(text, true, false)],
  ])('%s', (_, bytes) => {
    expect(decodeText(bytes)).toEqual({ text, fault: null });
  });

  test('any text of any letters', () => {
    const anyText = fc.string({ unit: anyCharacter }).filter((one) => !/[\0\uFEFF]/.test(one));
    fc.assert(
      fc.property(anyText, (one) => {
        expect(decodeText(Buffer.from(one))).toEqual({ text: one, fault: null });
        expect(decodeText(encode16(one, false, true))).toEqual({ text: one, fault: null });
      }),
    );
  });
});

describe('what can not be told is named with its place, never guessed', () => {
  test.each([
    ['one line', 'password: C', '', 1, 12],
    ['a later line', 'a: ä\nb: ', '\nc: d', 2, 4],
    ['far down', `${'a: ä\n'.repeat(500)}x`, 'tail', 501, 2],
  ])('Windows-1252: %s', (_, before, after, line, column) => {
    const bytes = Buffer.concat([Buffer.from(before), Buffer.from([0xd6]), Buffer.from(after)]);
    const fault = 'this is not UTF-8: byte 0xD6 (Ö in Windows-1252); save the file as UTF-8';
    expect(decodeText(bytes)).toEqual({ fault, line, column });
  });

  test('no text, and half of a letter', () => {
    expect(decodeText(Buffer.from('a\nb\0c'))).toMatchObject({ line: 2, column: 2 });
    expect(decodeText(Buffer.from([0xff, 0xfe, 0x41])).fault).toContain('UTF-16');
    expect(decodeText(Buffer.from([0x41, 0xc3])).fault).toContain('0xC3');
  });

  test('any bytes are read or named', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const decoded = decodeText(bytes);
        if (decoded.fault === null) expect(decoded.text).not.toContain('\0');
        else expect(decoded.line).toBeGreaterThan(0);
      }),
    );
  });
});
