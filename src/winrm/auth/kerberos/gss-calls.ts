// The calls of MIT's libgssapi_krb5 as declarations, and what every one of them needs: names, buffers, statuses. A wrong declaration or
// struct layout here is a crash, so it has no other job; what the calls are used for is in gss-*.ts beside it.
// Sources: RFC 2744, RFC 6680 (IOV calls); gssapi.h and gssapi_ext.h of MIT Kerberos.
import { declareCall } from './calls.ts';
import type { Call } from './calls.ts';
import { GssError } from './library.ts';
import { Memory } from './memory.ts';
import type { Koffi } from './memory.ts';

/** 1.2.840.113554.1.2.2 */
const krb5Oid = Buffer.from('2a864886f712010202', 'hex');

/** 1.2.840.113554.1.2.1.4, GSS_C_NT_HOSTBASED_SERVICE; ...2.1.1, GSS_C_NT_USER_NAME. */
export const nameTypes = {
  hostBasedService: Buffer.from('2a864886f71201020104', 'hex'),
  user: Buffer.from('2a864886f71201020101', 'hex'),
} as const;

/** GSS_C_INDEFINITE. */
export const indefinite = 0xffffffff;

interface Status {
  readonly major: number;
  readonly minor: number;
}

export interface GssCalls {
  readonly gss: ReturnType<typeof declareAll>;
  readonly memory: Memory;
  /** The OID of Kerberos, and a set of it alone. */
  readonly mechanism: Buffer;
  readonly mechanisms: Buffer;
  /** The major status of a call that succeeded. Throws GssError. */
  readonly check: (status: Status) => number;
  /** The error of a call that did not succeed; null when it did. */
  readonly errorOf: (status: Status) => GssError | null;
  /** Copies what the library put into an output buffer, and frees the library's. */
  readonly takeBuffer: (out: Buffer) => Buffer;
  /** A handle to free with `releaseName`, in 8 bytes. Throws GssError. */
  readonly importName: (text: string, type: Buffer) => Buffer;
  /** The text of a name of the library's, which is freed. Throws GssError. */
  readonly takeName: (name: Buffer) => string;
  /** gss_channel_bindings_struct: 64 bytes, application data at 48; the addresses are empty (RFC 5929, wsman.md 3.5). */
  readonly bindings: (applicationData: Uint8Array) => Buffer;
}

/** The library's calls over an opened library. Throws when one of them isn't in it. */
export function declareGssCalls(koffi: Koffi, library: ReturnType<Koffi['load']>): GssCalls {
  const gss = declareAll((name, signature) => declareCall(library, name, signature));
  const memory = new Memory(koffi);
  const mechanism = memory.counted(krb5Oid);

  function wordsFor(code: number, kind: 1 | 2): string {
    const more = Buffer.alloc(4);
    const out = Buffer.alloc(16);
    gss.displayStatus(code, kind, kind === 2 ? mechanism : null, more, out);
    return takeBuffer(out).toString('utf8');
  }

  function errorOf({ major, minor }: Status): GssError | null {
    if (major >>> 16 === 0) return null;
    const words = [wordsFor(major, 1), minor === 0 ? '' : wordsFor(minor, 2)].filter((one) => one !== '');
    return new GssError({ routine: (major >>> 16) & 0xff, minor, words: words.join(': ') });
  }

  function check(status: Status): number {
    const error = errorOf(status);
    if (error !== null) throw error;
    return status.major;
  }

  function takeBuffer(out: Buffer): Buffer {
    const bytes = memory.copy(out.readBigUInt64LE(8), Number(out.readBigUInt64LE(0)));
    gss.releaseBuffer(out);
    return bytes;
  }

  return {
    gss,
    memory,
    mechanism,
    mechanisms: memory.block(16, [0, 1n], [8, mechanism]),
    check,
    errorOf,
    takeBuffer,
    importName(text, type) {
      const name = Buffer.alloc(8);
      check(gss.importName(memory.sized(Buffer.from(text, 'utf8')), memory.counted(type), name));
      return name;
    },
    takeName(name) {
      const out = Buffer.alloc(16);
      const status = gss.displayName(name.readBigUInt64LE(), out, null);
      gss.releaseName(name);
      check(status);
      return takeBuffer(out).toString('utf8');
    },
    bindings(applicationData) {
      const data = Buffer.from(applicationData);
      return memory.block(64, [48, BigInt(data.length)], [56, data]);
    },
  };
}

/** Letters: see `declareCall`. */
function declareAll(declare: (name: string, signature: string) => Call) {
  return {
    importName: declare('gss_import_name', 'ppp'),
    displayName: declare('gss_display_name', 'ppp'),
    releaseName: declare('gss_release_name', 'p'),
    acquireFrom: declare('gss_acquire_cred_from', 'pupipppp'),
    acquireWithPassword: declare('gss_acquire_cred_with_password', 'ppupippp'),
    inquire: declare('gss_inquire_cred', 'ppppp'),
    releaseCredential: declare('gss_release_cred', 'p'),
    initiate: declare('gss_init_sec_context', 'ppppuupppppp'),
    accept: declare('gss_accept_sec_context', 'pppppppppp'),
    inquireContext: declare('gss_inquire_context', 'pppppppp'),
    deleteContext: declare('gss_delete_sec_context', 'pp'),
    releaseBuffer: declare('gss_release_buffer', 'p'),
    displayStatus: declare('gss_display_status', 'uippp'),
    wrapLength: declare('gss_wrap_iov_length', 'piuppi'),
    wrap: declare('gss_wrap_iov', 'piuppi'),
    unwrap: declare('gss_unwrap', 'ppppp'),
  };
}
