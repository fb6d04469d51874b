import { expect, test } from 'vitest';
import { readDer, readDerList, writeDer } from '../../../src/winrm/auth/der.ts';

// X.690 section 8.1.3: short form, and long form with one and two bytes.
test.each([
  [0, '0400'],
  [127, '047f'],
  [128, '048180'],
  [255, '0481ff'],
  [256, '04820100'],
  [65_535, '0482ffff'],
])('%i bytes of content begin with %s', (length, head) => {
  const written = writeDer(4, new Uint8Array(length));
  expect(Buffer.from(written).toString('hex').startsWith(head)).toBe(true);
  expect(readDer(written).content.length).toBe(length);
});

test('values one after the other', () => {
  const list = Buffer.concat([writeDer(4, Buffer.from('a')), writeDer(0x0a, Buffer.of(1))]);
  expect(readDerList(list).map(({ tag, content }) => [tag, content.length])).toEqual([
    [4, 1],
    [10, 1],
  ]);
});

test.each(['', '04', '0402aa', '0480', '0485000000000100', '048201'])('damaged: %s', (hex) => {
  expect(() => readDer(Buffer.from(hex, 'hex'))).toThrow(expect.objectContaining({ code: 'auth/server' }));
});
