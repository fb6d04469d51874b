// Texts come back whole from where they were put, whatever is in them and in whatever order they are asked for.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSpool } from '../../src/cli/io/spool.ts';

test('every text comes back whole, in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 300 })), (texts) => {
      const spool = createSpool();
      try {
        const places = texts.map((text) => spool.put(text));
        for (const [index, place] of [...places.entries()].reverse()) expect(spool.read(place)).toBe(texts[index]);
      } finally {
        spool.dispose();
      }
    }),
  );
});
