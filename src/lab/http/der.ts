// Writes the few ASN.1 types that an X.509 certificate is made of, in DER. It writes only; nothing here reads.
// Source: ITU-T X.690 (2021) sections 8 and 10.
import { writeDer } from '../../winrm/auth/der.ts';

/** One element: tag, length, content (X.690 section 8.1). `tag` is the whole identifier octet. */
export function derElement(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  return Buffer.from(writeDer(tag, ...contents));
}

export function derSequence(...elements: readonly Buffer[]): Buffer {
  return derElement(0x30, ...elements);
}

export function derSet(...elements: readonly Buffer[]): Buffer {
  return derElement(0x31, ...elements);
}

/** `[number]`, constructed: context-specific class (X.690 section 8.14). */
export function derExplicit(number: number, ...elements: readonly Buffer[]): Buffer {
  return derElement(0xa0 | number, ...elements);
}

/** `[number] IMPLICIT` of a primitive type. */
export function derImplicit(number: number, content: Buffer): Buffer {
  return derElement(0x80 | number, content);
}

export function derBoolean(value: boolean): Buffer {
  return derElement(0x01, Buffer.from([value ? 0xff : 0x00]));
}

/** A non-negative INTEGER from its big-endian bytes; a leading zero is added where the first bit is set (8.3). */
export function derInteger(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const shortest = first === -1 ? Buffer.from([0]) : bytes.subarray(first);
  return derElement(0x02, (shortest[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), shortest]) : shortest);
}

export function derOctetString(content: Buffer): Buffer {
  return derElement(0x04, content);
}

/** A BIT STRING whose last byte leaves `unusedBits` unused (8.6). */
export function derBitString(content: Buffer, unusedBits = 0): Buffer {
  return derElement(0x03, Buffer.from([unusedBits]), content);
}

export function derUtf8String(text: string): Buffer {
  return derElement(0x0c, Buffer.from(text, 'utf8'));
}

/** `2.5.4.3` as an OBJECT IDENTIFIER (8.19). */
export function derObjectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return derElement(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** UTCTime to the second; certificates use it for dates up to 2049 (RFC 5280 section 4.1.2.5.1). */
export function derUtcTime(epochMs: number): Buffer {
  const digits = new Date(epochMs).toISOString().replace(/\D/g, '').slice(2, 14);
  return derElement(0x17, Buffer.from(`${digits}Z`, 'latin1'));
}

function base128(value: number): number[] {
  const octets = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) octets.unshift(0x80 | (rest % 128));
  return octets;
}
