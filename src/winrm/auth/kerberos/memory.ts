// C structs as Buffers, and what they point to. It calls nothing. 64-bit layouts; gssapi.h (MIT Kerberos) where a struct is named.
import type * as KoffiModule from 'koffi';

export type Koffi = typeof KoffiModule;

/** Structs as Buffers. What a struct points to is kept alive as long as the struct is. */
export class Memory {
  readonly #koffi: Koffi;
  readonly #kept = new WeakMap<Buffer, Uint8Array[]>();

  constructor(koffi: Koffi) {
    this.#koffi = koffi;
  }

  /** A struct of 8-byte fields: numbers, or pointers to other memory. */
  block(bytes: number, ...fields: readonly (readonly [offset: number, value: bigint | Buffer])[]): Buffer {
    const block = Buffer.alloc(bytes);
    for (const [offset, value] of fields) {
      if (typeof value === 'bigint') block.writeBigUInt64LE(value, offset);
      else this.point(block, offset, value);
    }
    return block;
  }

  point(block: Buffer, offset: number, target: Buffer): void {
    block.writeBigUInt64LE(target.length === 0 ? 0n : this.#koffi.address(target), offset);
    this.#kept.set(block, [...(this.#kept.get(block) ?? []), target]);
  }

  /** gss_buffer_desc. */
  sized(bytes: Buffer): Buffer {
    return this.block(16, [0, BigInt(bytes.length)], [8, bytes]);
  }

  /** gss_OID_desc: its length has 4 bytes, and 4 of padding follow. */
  counted(oid: Buffer): Buffer {
    return this.sized(oid);
  }

  /** A C string. */
  text(value: string): Buffer {
    return Buffer.from(`${value}\0`, 'utf8');
  }

  /** A text of UTF-16 that ends with a zero. */
  wideText(address: bigint): string {
    for (let bytes = 0; ; bytes += 2) {
      const seen = this.copy(address, bytes + 2);
      if (seen.readUInt16LE(bytes) === 0) return seen.toString('utf16le', 0, bytes);
    }
  }

  copy(address: bigint, bytes: number): Buffer {
    return bytes === 0 ? Buffer.alloc(0) : Buffer.from(new Uint8Array(this.#koffi.view(address, bytes)));
  }
}
