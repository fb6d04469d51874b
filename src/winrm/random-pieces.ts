// Random bytes in small pieces out of one block: a session needs some ten ids and challenges, and the system takes its time for each
// question. A piece is given once, and nothing of it stays in the block. It has no randomness of its own.

const blockBytes = 4096;

/** `fill` fills a whole block with random bytes. Pieces longer than a block are filled by themselves. */
export function createRandomPieces(fill: (block: Buffer) => void): (byteCount: number) => Buffer {
  const block = Buffer.alloc(blockBytes);
  let used = blockBytes;
  return (byteCount) => {
    const piece = Buffer.alloc(byteCount);
    if (byteCount > blockBytes) {
      fill(piece);
      return piece;
    }
    if (used + byteCount > blockBytes) {
      fill(block);
      used = 0;
    }
    block.copy(piece, 0, used, used + byteCount);
    block.fill(0, used, used + byteCount);
    used += byteCount;
    return piece;
  };
}
