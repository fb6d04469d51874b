// Bytes that come in pieces, as one. PURE. One piece is kept as it is; of more it holds a copy of its own and none of the pieces, so what
// it takes is at most twice what came, however small the pieces are. It sets no limit: its user knows what is too much.

const none: Buffer = Buffer.alloc(0);
const smallestCopyBytes = 4096;

export class JoinedBytes {
  #bytes = none;
  #length = 0;
  #isCopy = false;

  get length(): number {
    return this.#length;
  }

  append(piece: Buffer): void {
    if (this.#length === 0 && !this.#isCopy) {
      this.#bytes = piece;
    } else {
      this.#makeRoom(this.#length + piece.length);
      piece.copy(this.#bytes, this.#length);
    }
    this.#length += piece.length;
  }

  /** What has come so far. Later pieces do not change it. */
  join(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #makeRoom(wanted: number): void {
    if (this.#isCopy && wanted <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(wanted, this.#length * 2, smallestCopyBytes));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
    this.#isCopy = true;
  }
}
