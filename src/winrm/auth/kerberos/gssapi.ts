// The calls of MIT's libgssapi_krb5, declared and put behind `KerberosLibrary`. A wrong declaration or struct layout here is a crash, so it
// has no other job. Sources: RFC 2744, RFC 4121, RFC 6680 (IOV calls); gssapi.h and gssapi_ext.h of MIT Kerberos.
import { declareCall } from './calls.ts';
import type { Argument, Call } from './calls.ts';
import { createGate } from './gate.ts';
import { GssError } from './library.ts';
import type { ContextInput, Credential, CredentialSource, GssContext, GssHandle, KerberosLibrary } from './library.ts';
import { Memory } from './memory.ts';
import type { Koffi } from './memory.ts';

/** 1.2.840.113554.1.2.2 */
const krb5Oid = Buffer.from('2a864886f712010202', 'hex');
/** 1.2.840.113554.1.2.1.4, GSS_C_NT_HOSTBASED_SERVICE; ...2.1.1, GSS_C_NT_USER_NAME. */
const hostBasedServiceOid = Buffer.from('2a864886f71201020104', 'hex');
const userNameOid = Buffer.from('2a864886f71201020101', 'hex');
/**
 * MUTUAL, REPLAY, SEQUENCE, CONF, INTEG (RFC 2744 section 5.19). The library asks for the last two in any case. Delegation (1) is
 * never asked for.
 */
const requestFlags = 2 | 4 | 8 | 16 | 32;
const mutualAndConfidential = 2 | 16;
const initiateUsage = 1;
const iovHeader = 2;
const iovData = 1;
const iovPadding = 9;
const iovBytes = 24;
/** The library's calls wait on their own threads; more at once would only wait there. */
const callsAtOnce = 32;

/** The library's calls over an opened library. Throws when one of them isn't in it. */
export function bindGssapi(koffi: Koffi, library: ReturnType<Koffi['load']>): KerberosLibrary {
  const declare = (name: string, signature: string): Call => declareCall(library, name, signature);
  const gss = {
    importName: declare('gss_import_name', 'ppp'),
    displayName: declare('gss_display_name', 'ppp'),
    releaseName: declare('gss_release_name', 'p'),
    acquireFrom: declare('gss_acquire_cred_from', 'pupipppp'),
    acquireWithPassword: declare('gss_acquire_cred_with_password', 'ppupippp'),
    inquire: declare('gss_inquire_cred', 'ppppp'),
    releaseCredential: declare('gss_release_cred', 'p'),
    initiate: declare('gss_init_sec_context', 'ppppuupppppp'),
    deleteContext: declare('gss_delete_sec_context', 'pp'),
    releaseBuffer: declare('gss_release_buffer', 'p'),
    displayStatus: declare('gss_display_status', 'uippp'),
    wrapLength: declare('gss_wrap_iov_length', 'piuppi'),
    wrap: declare('gss_wrap_iov', 'piuppi'),
    unwrap: declare('gss_unwrap', 'ppppp'),
  };
  const memory = new Memory(koffi);
  const gate = createGate(callsAtOnce);
  let cacheCount = 0;
  const mechanism = memory.counted(krb5Oid);
  const mechanisms = memory.block(16, [0, 1n], [8, mechanism]);

  function wordsFor(code: number, kind: 1 | 2): string {
    const more = Buffer.alloc(4);
    const out = Buffer.alloc(16);
    gss.displayStatus(code, kind, kind === 2 ? mechanism : null, more, out);
    return takeBuffer(out).toString('utf8');
  }

  function check({ major, minor }: { readonly major: number; readonly minor: number }): number {
    if (major >>> 16 === 0) return major;
    const words = [wordsFor(major, 1), minor === 0 ? '' : wordsFor(minor, 2)].filter((one) => one !== '');
    throw new GssError({ routine: (major >>> 16) & 0xff, minor, words: words.join(': ') });
  }

  /** Copies what the library put into an output buffer, and frees the library's. */
  function takeBuffer(out: Buffer): Buffer {
    const bytes = memory.copy(out.readBigUInt64LE(8), Number(out.readBigUInt64LE(0)));
    gss.releaseBuffer(out);
    return bytes;
  }

  function importName(text: string, type: Buffer): Buffer {
    const name = Buffer.alloc(8);
    check(gss.importName(memory.sized(Buffer.from(text, 'utf8')), memory.counted(type), name));
    return name;
  }

  async function acquire(source: CredentialSource): Promise<Credential> {
    const name = source.principal === null ? null : importName(source.principal, userNameOid);
    const handle = Buffer.alloc(8);
    const nameHandle = name === null ? null : name.readBigUInt64LE();
    try {
      if (source.kind === 'password') {
        const password = Buffer.from(source.password, 'utf8');
        const described = memory.sized(password);
        const done = await gss.acquireWithPassword.async(
          ...[nameHandle, described, 0xffffffff, mechanisms, initiateUsage, handle, null, null],
        );
        password.fill(0);
        check(done);
      } else {
        const store = source.kind === 'keytab' ? keytabStore(source.file) : null;
        check(
          await gss.acquireFrom.async(
            ...[nameHandle, 0xffffffff, mechanisms, initiateUsage, store, handle, null, null],
          ),
        );
      }
      return await inquire(handle.readBigUInt64LE());
    } finally {
      if (name !== null) gss.releaseName(name);
    }
  }

  /** gss_key_value_set_desc. A keytab fills a ticket cache of its own in memory; the user's is left alone. */
  function keytabStore(file: string): Buffer {
    cacheCount += 1;
    const texts = ['client_keytab', `FILE:${file}`, 'ccache', `MEMORY:fencepost-${cacheCount}`];
    const elements = memory.block(32, ...texts.map((text, index) => [index * 8, memory.text(text)] as const));
    return memory.block(16, [0, 2n], [8, elements]);
  }

  /** Also makes the library fetch the first ticket now, so that a wrong password is found out once and not by every host. */
  async function inquire(handle: GssHandle): Promise<Credential> {
    const name = Buffer.alloc(8);
    const lifetime = Buffer.alloc(4);
    const out = Buffer.alloc(16);
    try {
      check(await gss.inquire.async(handle, name, lifetime, null, null));
      check(gss.displayName(name.readBigUInt64LE(), out, null));
      const credential = {
        handle,
        principal: takeBuffer(out).toString('utf8'),
        lifetimeSeconds: lifetime.readUInt32LE(),
      };
      gss.releaseName(name);
      return credential;
    } catch (thrown) {
      release({ handle });
      throw thrown;
    }
  }

  function release({ handle }: { readonly handle: GssHandle }): void {
    gss.releaseCredential(memory.block(8, [0, handle]));
  }

  async function initiate(input: ContextInput): Promise<{ readonly context: GssContext; readonly token: Uint8Array }> {
    const context = Buffer.alloc(8);
    const name = importName(input.service, hostBasedServiceOid);
    const binding = input.channelBinding === null ? null : bindings(input.channelBinding);
    const { handle } = input.credential;
    const flags = Buffer.alloc(4);
    let established = false;
    let released = false;

    const argumentsFor = (token: Buffer | null, out: Buffer): readonly Argument[] => [
      ...[handle, context, name.readBigUInt64LE(), mechanism, requestFlags, 0, binding, token, null, out, flags, null],
    ];
    const finish = (status: { readonly major: number; readonly minor: number }, out: Buffer): Buffer => {
      const token = takeBuffer(out);
      established = check(status) === 0;
      if (established && (flags.readUInt32LE() & mutualAndConfidential) !== mutualAndConfidential) {
        throw new GssError({ routine: 13, minor: 0, words: 'the server agreed to no mutual logon with encryption' });
      }
      return token;
    };
    const releaseAll = (): void => {
      if (released) return;
      released = true;
      gss.deleteContext(context, null);
      gss.releaseName(name);
    };

    try {
      const out = Buffer.alloc(16);
      const token = finish(await gss.initiate.async(...argumentsFor(null, out)), out);
      return {
        token,
        context: {
          answer(received) {
            const reply = Buffer.alloc(16);
            const next = finish(gss.initiate(...argumentsFor(memory.sized(Buffer.from(received)), reply)), reply);
            return next.length === 0 ? null : next;
          },
          get established() {
            return established;
          },
          wrap: (message) => wrap(context.readBigUInt64LE(), message),
          unwrap: (sealed) => unwrap(context.readBigUInt64LE(), sealed),
          release: releaseAll,
        },
      };
    } catch (thrown) {
      releaseAll();
      throw thrown;
    }
  }

  /** gss_channel_bindings_struct: 64 bytes, application data at 48; the addresses are empty (RFC 5929, wsman.md 3.5). */
  function bindings(applicationData: Uint8Array): Buffer {
    const data = Buffer.from(applicationData);
    return memory.block(64, [48, BigInt(data.length)], [56, data]);
  }

  function wrap(context: GssHandle, message: Uint8Array): ReturnType<GssContext['wrap']> {
    const data = Buffer.from(message);
    const iov = memory.block(iovBytes * 3, [iovBytes + 8, BigInt(data.length)], [iovBytes + 16, data]);
    for (const [index, type] of [iovHeader, iovData, iovPadding].entries()) iov.writeUInt32LE(type, index * iovBytes);
    const confidential = Buffer.alloc(4);
    check(gss.wrapLength(context, 1, 0, confidential, iov, 3));
    const header = Buffer.alloc(Number(iov.readBigUInt64LE(8)));
    const padding = Buffer.alloc(Number(iov.readBigUInt64LE(iovBytes * 2 + 8)));
    memory.point(iov, 16, header);
    memory.point(iov, iovBytes * 2 + 16, padding);
    check(gss.wrap(context, 1, 0, confidential, iov, 3));
    if (confidential.readInt32LE() === 0) {
      throw new GssError({ routine: 13, minor: 0, words: 'the ticket has no key that encrypts' });
    }
    return { header, data: Buffer.concat([data, padding]), padding: padding.length };
  }

  function unwrap(context: GssHandle, token: Uint8Array): Uint8Array | null {
    const out = Buffer.alloc(16);
    const confidential = Buffer.alloc(4);
    check(gss.unwrap(context, memory.sized(Buffer.from(token)), out, confidential, null));
    const message = takeBuffer(out);
    return confidential.readInt32LE() === 0 ? null : message;
  }

  return {
    acquire: (source) => gate(() => acquire(source)),
    initiate: (input) => gate(() => initiate(input)),
  };
}
