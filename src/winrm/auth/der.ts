// The few rules of DER (ITU-T X.690) that SPNEGO tokens and a certificate's signature algorithm need. No general ASN.1.
import { Failure } from '../../model/failure.ts';

export const derTags = {
  octetString: 0x04,
  objectId: 0x06,
  enumerated: 0x0a,
  sequence: 0x30,
} as const;

export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag, length and content: the value as it stands in the message. */
  readonly whole: Uint8Array;
}

/** The value that starts at `offset`. Throws Failure `auth/server` when it doesn't fit into `bytes`. */
export function readDer(bytes: Uint8Array, offset = 0): DerValue {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined) throw cut();
  let start = offset + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count < 1 || count > 3) throw cut();
    length = 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + (bytes[start + index] ?? 0);
    start += count;
  }
  if (start + length > bytes.length) throw cut();
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(offset, start + length) };
}

/** All values that lie one after the other in `bytes`. Throws like `readDer`. */
export function readDerList(bytes: Uint8Array): readonly DerValue[] {
  const values: DerValue[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const value = readDer(bytes, offset);
    values.push(value);
    offset += value.whole.length;
  }
  return values;
}

export function writeDer(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80
      ? [length]
      : length < 0x100
        ? [0x81, length]
        : length < 0x1_0000
          ? [0x82, length >> 8, length & 0xff]
          : null;
  if (size === null) throw new RangeError(`expected at most 65535 bytes in a DER value, got ${length}`);
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function cut(): Failure {
  return new Failure(
    'auth/server',
    'expected a whole DER value in the token or certificate of the server, got a damaged one',
    {
      hint: 'check that nothing between here and the host rewrites the traffic',
    },
  );
}
