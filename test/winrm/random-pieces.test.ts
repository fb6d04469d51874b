import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandomPieces } from '../../src/winrm/random-pieces.ts';

/** Fills with 1, 2, 3, ... over all calls, in 32 bits each, so that no two places of the stream read the same. */
function counted(): { readonly fill: (block: Buffer) => void; readonly blocks: Buffer[] } {
  const blocks: Buffer[] = [];
  let next = 0;
  return {
    blocks,
    fill(block) {
      blocks.push(block);
      for (let at = 0; at + 4 <= block.length; at += 4) block.writeUInt32LE(++next, at);
    },
  };
}

function wordsOf(bytes: Buffer): readonly number[] {
  return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readUInt32LE(at * 4));
}

test('pieces have their length, none is given twice, and none stays in the block', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 400 }), (words) => {
      const source = counted();
      const random = createRandomPieces(source.fill);
      const pieces = words.map((count) => random(count * 4));
      expect(pieces.map((piece) => piece.length)).toEqual(words.map((count) => count * 4));
      const seen = pieces.flatMap(wordsOf);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).not.toContain(0);
      const left = source.blocks.flatMap(wordsOf);
      expect(seen.filter((word) => left.includes(word))).toEqual([]);
    }),
  );
});

test('a piece longer than a block is filled by itself', () => {
  const source = counted();
  const piece = createRandomPieces(source.fill)(10_000);
  expect(piece.length).toBe(10_000);
  expect(source.blocks).toEqual([piece]);
});
