// The list of attributes that NTLM calls TargetInfo [MS-NLMP 2.2.2.1], read and written. What they mean is for context.ts and acceptor.ts.
import { Failure } from '../../../model/failure.ts';

export interface AvPair {
  readonly id: number;
  readonly value: Uint8Array;
}

export const avIds = {
  end: 0,
  nbComputer: 1,
  nbDomain: 2,
  dnsComputer: 3,
  dnsDomain: 4,
  dnsTree: 5,
  flags: 6,
  timestamp: 7,
  singleHost: 8,
  targetName: 9,
  channelBindings: 0xa,
} as const;

/** Bit of the flags attribute: the AUTHENTICATE message carries a MIC. */
export const avFlagMic = 0x2;

/** Pairs up to the end mark, which is left out. Throws Failure `auth/server` when a pair or the end mark is cut off. */
export function readAvPairs(bytes: Uint8Array): readonly AvPair[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pairs: AvPair[] = [];
  for (let offset = 0; ;) {
    if (offset + 4 > view.length) throw cut();
    const id = view.readUInt16LE(offset);
    const length = view.readUInt16LE(offset + 2);
    if (id === avIds.end) return pairs;
    if (offset + 4 + length > view.length) throw cut();
    pairs.push({ id, value: bytes.subarray(offset + 4, offset + 4 + length) });
    offset += 4 + length;
  }
}

/** The pairs in their order, with the end mark. */
export function writeAvPairs(pairs: readonly AvPair[]): Uint8Array {
  const parts = [...pairs, { id: avIds.end, value: new Uint8Array() }].flatMap(({ id, value }) => {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(id);
    head.writeUInt16LE(value.length, 2);
    return [head, value];
  });
  return Buffer.concat(parts);
}

/** The value of the first pair with that id, or null. */
export function avValue(pairs: readonly AvPair[], id: number): Uint8Array | null {
  return pairs.find((one) => one.id === id)?.value ?? null;
}

/** The value as text (UTF-16LE whatever was negotiated [2.2.2.1]), or null. */
export function avText(pairs: readonly AvPair[], id: number): string | null {
  const value = avValue(pairs, id);
  return value === null ? null : Buffer.from(value).toString('utf16le');
}

/** The flags attribute; 0 when there is none. */
export function avFlags(pairs: readonly AvPair[]): number {
  const value = avValue(pairs, avIds.flags);
  return value === null || value.length < 4 ? 0 : Buffer.from(value).readUInt32LE();
}

/** The list with that pair replaced, or added at its end. */
export function withAvPair(pairs: readonly AvPair[], id: number, value: Uint8Array): readonly AvPair[] {
  const pair = { id, value };
  return pairs.some((one) => one.id === id) ? pairs.map((one) => (one.id === id ? pair : one)) : [...pairs, pair];
}

function cut(): Failure {
  return new Failure('auth/server', 'expected a whole list of NTLM target attributes, got one that is cut off');
}
