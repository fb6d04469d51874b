// Messages sealed by a finished Kerberos context, at either end (RFC 4121). The cryptography is the library's.
// Sources: MS-WSMV 2.2.9.1.2.2.2; wsman.md section 4.2.
import { Failure } from '../../../model/failure.ts';
import type { Sealing, Signatures } from '../security-context.ts';
import type { GssSeal, GssSignatures } from './library.ts';

/** The header goes before the message as its signature; message and ciphertext have one length (wsman.md section 4.2). */
export function kerberosSealing(gss: GssSeal, where: string): Sealing {
  return {
    seal(message) {
      const { header, data, padding } = gss.wrap(message);
      if (padding === 0) return { signature: header, sealed: data };
      throw new Failure('auth/unsafe', 'the ticket is encrypted with RC4, which is not used here', {
        where,
        hint: 'give the account of the host AES keys (msDS-SupportedEncryptionTypes), or use https',
      });
    },
    unseal(signature, sealed) {
      let message: Uint8Array | null;
      try {
        message = gss.unwrap(signature, sealed);
      } catch (cause) {
        throw unsealed(where, cause);
      }
      if (message === null) throw unsealed(where, null);
      return message;
    },
  };
}

export function kerberosSignatures(gss: GssSignatures, where: string): Signatures {
  const orUnsealed = (work: () => Uint8Array): Uint8Array => {
    try {
      return work();
    } catch (cause) {
      throw unsealed(where, cause);
    }
  };
  return {
    sign: (message) => orUnsealed(() => gss.sign(message)),
    verify: (token) => orUnsealed(() => gss.verify(token)),
  };
}

function unsealed(where: string, cause: unknown): Failure {
  return new Failure('wire/unsealed', 'the seal of the message is broken', {
    where,
    hint: 'connect again; if it keeps happening, something between here and the host changes the traffic',
    retry: 'new-session',
    cause,
  });
}
