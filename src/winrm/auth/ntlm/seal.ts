// Signing and sealing after the handshake [MS-NLMP 3.4], with extended session security alone. One RC4 stream and one sequence number
// per direction, for the life of the connection. Held against MS-NLMP 4.2.4.4 and the recorded messages (omi-captures).
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Failure } from '../../../model/failure.ts';
import type { Sealing } from '../security-context.ts';
import { hasFlags, ntlmFlags } from './flags.ts';
import { rc4 } from './rc4.ts';
import type { Rc4 } from './rc4.ts';

export type Side = 'client' | 'server';

const magic = (from: Side, use: 'signing' | 'sealing'): Buffer =>
  Buffer.from(
    `session key to ${from === 'client' ? 'client-to-server' : 'server-to-client'} ${use} key magic constant\0`,
    'latin1',
  );

/** SIGNKEY [3.4.5.2] for what `from` sends. */
export function signKey(exportedSessionKey: Uint8Array, from: Side): Uint8Array {
  return createHash('md5').update(exportedSessionKey).update(magic(from, 'signing')).digest();
}

/** SEALKEY [3.4.5.3] for what `from` sends: the whole session key for 128 bits, its first 7 or 5 bytes for 56 or 40. */
export function sealKey(exportedSessionKey: Uint8Array, flags: number, from: Side): Uint8Array {
  const byteCount = hasFlags(flags, ntlmFlags.key128) ? 16 : hasFlags(flags, ntlmFlags.key56) ? 7 : 5;
  return createHash('md5').update(exportedSessionKey.subarray(0, byteCount)).update(magic(from, 'sealing')).digest();
}

export interface NtlmSealing extends Sealing {
  /**
   * The mechListMIC of SPNEGO: a signature that takes a sequence number, after which the RC4 stream starts again (as MIT Kerberos,
   * pyspnego and OMI do it: wsman.md section 10).
   */
  signMechList(list: Uint8Array): Uint8Array;
  /** Throws Failure `auth/server` when the signature is wrong. */
  verifyMechList(list: Uint8Array, signature: Uint8Array): void;
}

/** Sealing for one end of a connection. `flags`: those of the AUTHENTICATE message. */
export function ntlmSealing(exportedSessionKey: Uint8Array, flags: number, side: Side): NtlmSealing {
  const out = direction(exportedSessionKey, flags, side);
  const incoming = direction(exportedSessionKey, flags, side === 'client' ? 'server' : 'client');
  return {
    seal(message) {
      // The order is prescribed: first the message, then its checksum, through the same stream [3.4.3].
      const sealed = out.cipher(message);
      return { sealed, signature: out.sign(message) };
    },
    unseal(signature, sealed) {
      const message = incoming.cipher(sealed);
      if (!same(incoming.sign(message), signature)) throw unsealed();
      return message;
    },
    signMechList(list) {
      const signature = out.sign(list);
      out.restartCipher();
      return signature;
    },
    verifyMechList(list, signature) {
      if (!same(incoming.sign(list), signature)) {
        throw new Failure('auth/server', "the server's signature over the offered mechanisms is wrong", {
          hint: 'something between here and the host changes the traffic; do not use this path',
        });
      }
      incoming.restartCipher();
    },
  };
}

interface Direction {
  cipher(data: Uint8Array): Uint8Array;
  sign(message: Uint8Array): Uint8Array;
  restartCipher(): void;
}

function direction(exportedSessionKey: Uint8Array, flags: number, from: Side): Direction {
  const signing = signKey(exportedSessionKey, from);
  const sealing = sealKey(exportedSessionKey, flags, from);
  const encryptsChecksum = hasFlags(flags, ntlmFlags.keyExchange);
  let stream: Rc4 = rc4(sealing);
  let sequence = 0;
  return {
    cipher: (data) => stream(data),
    // MAC with extended session security [3.4.4.2]; the checksum runs through RC4 only after a key exchange.
    sign(message) {
      const number = Buffer.alloc(4);
      number.writeUInt32LE(sequence);
      sequence = (sequence + 1) >>> 0;
      const checksum = createHmac('md5', signing).update(number).update(message).digest().subarray(0, 8);
      return Buffer.concat([Buffer.from([1, 0, 0, 0]), encryptsChecksum ? stream(checksum) : checksum, number]);
    },
    restartCipher() {
      stream = rc4(sealing);
    },
  };
}

function same(expected: Uint8Array, got: Uint8Array): boolean {
  return expected.length === got.length && timingSafeEqual(expected, got);
}

function unsealed(): Failure {
  return new Failure(
    'wire/unsealed',
    'the seal of the message is broken: its signature or its sequence number is wrong',
    {
      hint: 'connect again; if it keeps happening, something between here and the host changes the traffic',
      retry: 'new-session',
    },
  );
}
