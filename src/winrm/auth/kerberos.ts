// I/O: the one file that binds the system's Kerberos library (MIT's libgssapi_krb5, through the optional package koffi), loaded on first
// use. It hands out typed calls and raw status codes; what they mean is kerberos/failures.ts, how they make a logon is
// kerberos/context.ts. A wrong struct layout here is a crash, so it has no other job. Sources: RFC 2744, RFC 4121; gssapi.h and
// gssapi_ext.h of MIT Kerberos (64-bit layouts).
import { access, constants } from 'node:fs/promises';
import type * as KoffiModule from 'koffi';
import { Failure } from '../../model/failure.ts';

/** A call that did not succeed, as the library reports it. */
export interface GssStatus {
  /** Routine error of RFC 2744 section 3.9.1, shifted down: 7 is NO_CRED. */
  readonly routine: number;
  /** The mechanism's own code, unsigned; for Kerberos com_err's numbers (krb5_err.et, kv5m_err.et), or a C errno. */
  readonly minor: number;
  /** The library's words for both. They hold no secret. */
  readonly words: string;
}

export class GssError extends Error {
  readonly status: GssStatus;

  constructor(status: GssStatus) {
    super(status.words);
    this.name = 'GssError';
    this.status = status;
  }
}

/** An opaque handle of the library. */
export type GssHandle = bigint;

export type CredentialSource =
  | { readonly kind: 'ticket-cache'; readonly principal: string | null }
  | { readonly kind: 'keytab'; readonly principal: string; readonly file: string }
  | { readonly kind: 'password'; readonly principal: string; readonly password: string };

export interface Credential {
  readonly handle: GssHandle;
  /** `ops@CORP.EXAMPLE`. */
  readonly principal: string;
  /** Seconds that the ticket is still good for, when it was acquired. */
  readonly lifetimeSeconds: number;
}

export interface GssContext {
  /** The next token to send, or null for none. Local: it asks no KDC. Throws GssError. */
  answer(token: Uint8Array): Uint8Array | null;
  /** True when both ends have proved who they are. */
  readonly established: boolean;
  /** Seals one message: the header and the ciphertext, which is as long as the message. Throws GssError. */
  wrap(message: Uint8Array): { readonly header: Uint8Array; readonly data: Uint8Array; readonly padding: number };
  /** Throws GssError when the token is not the next one of the other end; null when it was not encrypted. */
  unwrap(token: Uint8Array): Uint8Array | null;
  /** Frees it. May be called twice. */
  release(): void;
}

export interface ContextInput {
  readonly credential: Credential;
  /** `HTTP@ex01.corp.example`: the form of GSS_C_NT_HOSTBASED_SERVICE. */
  readonly service: string;
  /** Application data of the channel binding (`tls-server-end-point:` and a hash); null: none. */
  readonly channelBinding: Uint8Array | null;
}

export interface KerberosLibrary {
  /** Asks the KDC for `keytab` and `password`, reads a file for `ticket-cache`. Rejects with GssError. */
  acquire(source: CredentialSource): Promise<Credential>;
  release(credential: Credential): void;
  /** The first token of a mutual logon; asks the KDC for a ticket unless the cache has one. Rejects with GssError. */
  initiate(input: ContextInput): Promise<{ readonly context: GssContext; readonly token: Uint8Array }>;
}

type Koffi = typeof KoffiModule;

const libraryNames = ['libgssapi_krb5.so.2'];
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

let loaded: Promise<KerberosLibrary> | undefined;

/** Rejects with Failure `auth/kerberos-library` when this machine has no usable library. Loaded once. */
export function loadKerberos(): Promise<KerberosLibrary> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<KerberosLibrary> {
  if (process.platform !== 'linux') {
    const message = `Kerberos is built for Linux only so far; this machine runs ${process.platform}`;
    throw new Failure('auth/kerberos-library', message, { hint: 'use `auth: ntlm`, or run from a Linux machine' });
  }
  let koffi: Koffi;
  try {
    koffi = await import('koffi');
  } catch (cause) {
    throw new Failure(
      'auth/kerberos-library',
      'the package koffi, through which Kerberos is called, is not installed',
      {
        hint: 'install again without `--omit=optional`, or use `auth: ntlm`',
        cause,
      },
    );
  }
  if (koffi.sizeof('void *') !== 8) {
    throw new Failure('auth/kerberos-library', 'Kerberos is built for 64-bit systems only', {
      hint: 'use `auth: ntlm`',
    });
  }
  let cause: unknown;
  for (const name of libraryNames) {
    try {
      return bind(koffi, koffi.load(name));
    } catch (thrown) {
      cause = thrown;
    }
  }
  throw new Failure('auth/kerberos-library', `the Kerberos library ${libraryNames.join(' or ')} can't be loaded`, {
    hint: 'install it: `apt install libgssapi-krb5-2` (Debian, Ubuntu), `dnf install krb5-libs` (Red Hat)',
    cause,
  });
}

type Argument = Uint8Array | bigint | number | null;

/** `minor` is always the first argument and is added here. */
interface Call {
  (...args: readonly Argument[]): { readonly major: number; readonly minor: number };
  async(...args: readonly Argument[]): Promise<{ readonly major: number; readonly minor: number }>;
}

function bind(koffi: Koffi, library: ReturnType<Koffi['load']>): KerberosLibrary {
  const declare = (name: string, types: readonly string[]): Call => {
    const native = library.func(name, 'uint32', ['void *', ...types]);
    const call = (...args: readonly Argument[]) => {
      const minor = Buffer.alloc(4);
      const major = native(minor, ...args) as number;
      return { major, minor: minor.readUInt32LE() };
    };
    return Object.assign(call, {
      async: (...args: readonly Argument[]) => {
        const minor = Buffer.alloc(4);
        return new Promise<{ readonly major: number; readonly minor: number }>((resolve, reject) => {
          native.async(minor, ...args, (error: unknown, major: number) => {
            // `args` and `minor` are named here, so their memory outlives the call.
            if (error !== null && error !== undefined)
              reject(error instanceof Error ? error : new Error(String(args.length)));
            else resolve({ major, minor: minor.readUInt32LE() });
          });
        });
      },
    });
  };
  const pointer = 'void *';
  const gss = {
    importName: declare('gss_import_name', [pointer, pointer, pointer]),
    displayName: declare('gss_display_name', [pointer, pointer, pointer]),
    releaseName: declare('gss_release_name', [pointer]),
    acquireFrom: declare('gss_acquire_cred_from', [
      pointer,
      'uint32',
      pointer,
      'int',
      pointer,
      pointer,
      pointer,
      pointer,
    ]),
    acquireWithPassword: declare('gss_acquire_cred_with_password', [
      ...[pointer, pointer, 'uint32', pointer, 'int', pointer, pointer, pointer],
    ]),
    inquire: declare('gss_inquire_cred', [pointer, pointer, pointer, pointer, pointer]),
    releaseCredential: declare('gss_release_cred', [pointer]),
    initiate: declare('gss_init_sec_context', [
      ...[pointer, pointer, pointer, pointer, 'uint32', 'uint32', pointer, pointer, pointer, pointer, pointer, pointer],
    ]),
    deleteContext: declare('gss_delete_sec_context', [pointer, pointer]),
    releaseBuffer: declare('gss_release_buffer', [pointer]),
    displayStatus: declare('gss_display_status', ['uint32', 'int', pointer, pointer, pointer]),
    wrapLength: declare('gss_wrap_iov_length', [pointer, 'int', 'uint32', pointer, pointer, 'int']),
    wrap: declare('gss_wrap_iov', [pointer, 'int', 'uint32', pointer, pointer, 'int']),
    unwrap: declare('gss_unwrap', [pointer, pointer, pointer, pointer, pointer]),
  };
  const memory = new Memory(koffi);
  const gate = createGate(callsAtOnce);
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
    if (source.kind === 'keytab') await requireReadable(source.file);
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

  /** A keytab fills a ticket cache of its own in memory; the user's is left alone. */
  function keytabStore(file: string): Buffer {
    const pairs = { client_keytab: `FILE:${file}`, ccache: 'MEMORY:' };
    const elements = Object.entries(pairs).flatMap(([key, value]) => [key, value]);
    elements[elements.length - 1] = `MEMORY:fencepost-${(cacheCount += 1)}`;
    const block = memory.block(
      elements.length * 8,
      ...elements.map((text, index) => [index * 8, memory.text(text)] as const),
    );
    return memory.block(16, [0, BigInt(elements.length / 2)], [8, block]);
  }
  let cacheCount = 0;

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
    release,
    initiate: (input) => gate(() => initiate(input)),
  };
}

/** The library says no more of a keytab it can't read than that there are no credentials. */
async function requireReadable(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
  } catch (cause) {
    throw new Failure('secret/missing', `the keytab ${file} can't be read`, {
      where: file,
      hint: 'name a keytab that this user may read (`kerberos_keytab`); make one with `ktutil` or `ktpass`',
      cause,
    });
  }
}

/** Structs as Buffers. What a struct points to is kept alive as long as the struct is. */
class Memory {
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

  copy(address: bigint, bytes: number): Buffer {
    return bytes === 0 ? Buffer.alloc(0) : Buffer.from(new Uint8Array(this.#koffi.view(address, bytes)));
  }
}

/** Runs at most `limit` pieces of work at a time, the rest in order. */
function createGate(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
