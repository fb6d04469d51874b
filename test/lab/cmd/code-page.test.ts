// Bytes of the OEM code pages, held against letters whose bytes are known from recordings and from the runtime's own decoders.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeText, isCodePage } from '../../../src/lab/cmd/code-page.ts';

describe('encodeText', () => {
  it.each([
    // mojibake-fr-cp437-as-1252: 0x82 is é, 0xFF a no-break space.
    ['é\u00a0', 437, [0x82, 0xff]],
    ['é\u00a0', 850, [0x82, 0xff]],
    ['Ã', 437, [0x3f]],
    ['Ã', 850, [0xc7]],
    ['’', 850, [0x3f]],
    ['Порт', 866, [0x8f, 0xae, 0xe0, 0xe2]],
    ['端口', 437, [0x3f, 0x3f]],
    ['端口', 936, [0xb6, 0xcb, 0xbf, 0xda]],
    ['포트', 949, [0xc6, 0xf7, 0xc6, 0xae]],
    ['\u{1f600}', 850, [0x3f]],
    ['ü', 65001, [0xc3, 0xbc]],
    ['ü', 12345, [0x3f]],
  ])('%s on %i', (text, codePage, bytes) => {
    expect([...encodeText(text, codePage)]).toEqual(bytes);
  });

  it.each([
    [866, 'ibm866'],
    [1252, 'windows-1252'],
    [932, 'shift_jis'],
    [936, 'gbk'],
    [949, 'euc-kr'],
    [950, 'big5'],
  ])('what %i can write reads back', (codePage, label) => {
    const decoder = new TextDecoder(label);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '端', '口', '포', 'ポ', 'П', 'é', '除') }), (text) => {
        const back = decoder.decode(encodeText(text, codePage));
        expect(back).toHaveLength(text.length);
        for (const [index, letter] of Array.from(back).entries()) expect([text[index], '?']).toContain(letter);
      }),
    );
  });

  it('ASCII survives everywhere', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme-ascii' }),
        fc.constantFrom(437, 850, 866, 932, 65001, 7),
        (text, codePage) => {
          expect([...encodeText(text, codePage)]).toEqual(Array.from(text, (letter) => letter.charCodeAt(0)));
        },
      ),
    );
    expect([437, 850, 65001, 936, 12345].map(isCodePage)).toEqual([true, true, true, true, false]);
  });
});
