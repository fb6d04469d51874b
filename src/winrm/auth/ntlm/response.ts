// The arithmetic of NTLMv2 [MS-NLMP 3.3.2, 3.4.5, 3.1.5.1.2]: password hash, proof, session keys, MIC; and its verification, for the
// lab's end of the wire. NTLMv1 is deliberately absent. Held against the vectors of MS-NLMP 4.2.4.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Failure } from '../../../model/failure.ts';
import { readAvPairs } from './av-pairs.ts';
import type { AvPair } from './av-pairs.ts';
import { md4 } from './md4.ts';
import { micLength, micOffset } from './messages.ts';
import { rc4 } from './rc4.ts';

const utf16 = (text: string): Uint8Array => Buffer.from(text, 'utf16le');
const hmacMd5 = (key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array =>
  createHmac('md5', key).update(Buffer.concat(parts)).digest();

/** Upper case unit by unit, as Windows does it: what would grow (`ß` to `SS`) stays as it is. */
export function upperCaseUnits(name: string): string {
  return Array.from({ length: name.length }, (_, index) => {
    const unit = name.charAt(index);
    const upper = unit.toUpperCase();
    return upper.length === 1 ? upper : unit;
  }).join('');
}

/** NTOWFv2 [3.3.2]: 16 bytes. User and domain as they are sent in AUTHENTICATE; the domain's case is not folded. */
export function ntowfV2(password: string, user: string, domain: string): Uint8Array {
  return hmacMd5(md4(utf16(password)), utf16(upperCaseUnits(user) + domain));
}

export interface V2Input {
  readonly ntowf: Uint8Array;
  /** 8 bytes. */
  readonly serverChallenge: Uint8Array;
  /** 8 bytes. */
  readonly clientChallenge: Uint8Array;
  /** 8 bytes, a FILETIME. */
  readonly timestamp: Uint8Array;
  /** Attribute list with its end mark. */
  readonly targetInfo: Uint8Array;
}

export interface V2Response {
  readonly ntResponse: Uint8Array;
  readonly sessionBaseKey: Uint8Array;
}

/** NTLMv2_CLIENT_CHALLENGE [2.2.2.7], which the specification calls temp. */
export function writeTemp(input: Omit<V2Input, 'ntowf' | 'serverChallenge'>): Uint8Array {
  const head = Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]);
  const zeros = Buffer.alloc(4);
  return Buffer.concat([head, input.timestamp, input.clientChallenge, zeros, input.targetInfo, zeros]);
}

export function ntlmV2Response(input: V2Input): V2Response {
  const temp = writeTemp(input);
  const proof = hmacMd5(input.ntowf, input.serverChallenge, temp);
  return { ntResponse: Buffer.concat([proof, temp]), sessionBaseKey: hmacMd5(input.ntowf, proof) };
}

/** LMv2 [3.3.2]: 24 bytes. Sent only to servers whose challenge had no timestamp. */
export function lmV2Response(ntowf: Uint8Array, serverChallenge: Uint8Array, clientChallenge: Uint8Array): Uint8Array {
  return Buffer.concat([hmacMd5(ntowf, serverChallenge, clientChallenge), clientChallenge]);
}

export interface ReadNtResponse {
  readonly proof: Uint8Array;
  readonly temp: Uint8Array;
  readonly timestamp: Uint8Array;
  readonly clientChallenge: Uint8Array;
  readonly avPairs: readonly AvPair[];
}

/** Takes an NTLMv2 response apart. Throws Failure `auth/server` when it is none (NTLMv1 is 24 bytes). */
export function readNtResponse(ntResponse: Uint8Array): ReadNtResponse {
  const temp = ntResponse.subarray(16);
  if (temp.length < 32 || temp[0] !== 1 || temp[1] !== 1) {
    throw new Failure('auth/server', `expected an NTLMv2 response, got ${ntResponse.length} bytes that are none`);
  }
  return {
    proof: ntResponse.subarray(0, 16),
    temp,
    timestamp: temp.subarray(8, 16),
    clientChallenge: temp.subarray(16, 24),
    avPairs: readAvPairs(temp.subarray(28)),
  };
}

/** The session base key when the response proves knowledge of the password behind `ntowf`, else null. In constant time. */
export function verifyNtlmV2(
  ntowf: Uint8Array,
  serverChallenge: Uint8Array,
  ntResponse: Uint8Array,
): Uint8Array | null {
  const { proof, temp } = readNtResponse(ntResponse);
  const expected = hmacMd5(ntowf, serverChallenge, temp);
  return timingSafeEqual(expected, proof) ? hmacMd5(ntowf, proof) : null;
}

/** The exported session key under the key exchange key, or back: RC4 is its own inverse [3.1.5.1.2]. For v2 that key is the session base key. */
export function exchangeKey(keyExchangeKey: Uint8Array, sessionKey: Uint8Array): Uint8Array {
  return rc4(keyExchangeKey)(sessionKey);
}

/** MIC over the three messages as they were sent [3.1.5.1.2]; the MIC field of the third is taken as zero. */
export function messageIntegrityCode(
  exportedSessionKey: Uint8Array,
  negotiate: Uint8Array,
  challenge: Uint8Array,
  authenticate: Uint8Array,
): Uint8Array {
  const blank = Buffer.from(authenticate);
  blank.fill(0, micOffset, micOffset + micLength);
  return hmacMd5(exportedSessionKey, negotiate, challenge, blank);
}

/** A time as FILETIME [MS-DTYP 2.3.3]: 100 ns since 1601, little-endian. */
export function fileTime(date: Date): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE((BigInt(date.getTime()) + 11_644_473_600_000n) * 10_000n);
  return bytes;
}
