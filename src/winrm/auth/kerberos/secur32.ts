// The calls of Windows' secur32.dll, declared and put behind the seam `Secur32`. A wrong declaration or struct layout here is a crash, so
// it has no other job; what the calls make is in sspi.ts. 64-bit layouts of sspi.h. Never run on Windows: test/interop runs it over a
// library of the same C signatures that is compiled there. Sources: learn.microsoft.com, sspi.h: SecBuffer, SecBufferDesc,
// SEC_CHANNEL_BINDINGS, SEC_WINNT_AUTH_IDENTITY_W, SecPkgContext_Sizes, AcquireCredentialsHandleW, InitializeSecurityContextW.
import { declareNative } from './calls.ts';
import type { Argument, NativeCall } from './calls.ts';
import { Memory } from './memory.ts';
import type { Koffi } from './memory.ts';

/** BufferType of a SecBuffer. */
export const bufferTypes = { data: 1, token: 2, channelBindings: 14 } as const;

/** A SecBuffer. A call may write into `bytes`, and says in its answer how many of them count. */
export interface SecurityBuffer {
  readonly type: number;
  readonly bytes: Buffer;
}

/** An account with a password; `domain` empty: `user` is a UPN. */
export interface SspiAccount {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
}

export interface InitializeInput {
  readonly credential: Buffer;
  /** Null: the first call. */
  readonly context: Buffer | null;
  /** `HTTP/ex01.corp.example` */
  readonly target: string;
  /** ISC_REQ_... */
  readonly flags: number;
  readonly buffers: readonly SecurityBuffer[];
}

export interface Initialized {
  /** Unsigned. */
  readonly status: number;
  readonly context: Buffer;
  readonly token: Buffer;
  /** ISC_RET_... */
  readonly attributes: number;
}

/** Handles are 16 bytes each. All statuses are unsigned. */
export interface Secur32 {
  /** `account` null: whoever is logged on. */
  acquire(packageName: string, account: SspiAccount | null): Promise<{ status: number; credential: Buffer }>;
  nameOf(credential: Buffer): { readonly status: number; readonly name: string };
  /** May ask a domain controller. */
  initialize(input: InitializeInput): Promise<Initialized>;
  /** The same for a token that was received, without asking a server. */
  proceed(input: InitializeInput): Initialized;
  trailerBytesOf(context: Buffer): { readonly status: number; readonly trailerBytes: number };
  /** In place. `lengths`: of each buffer, afterwards. */
  encrypt(context: Buffer, buffers: readonly SecurityBuffer[]): { status: number; lengths: readonly number[] };
  decrypt(
    context: Buffer,
    buffers: readonly SecurityBuffer[],
  ): { status: number; lengths: readonly number[]; protection: number };
  deleteContext(context: Buffer): void;
}

const outbound = 2;
const nativeDataRepresentation = 0x10;
const namesAttribute = 1;
const sizesAttribute = 0;
const unicode = 2;
const secBufferBytes = 16;
/** MaxTokenSize can't be set higher (learn.microsoft.com, "Problems with Kerberos authentication when a user belongs to many groups"). */
const maxTokenBytes = 65_535;

/** Throws when one of the calls isn't in the library. */
export function bindSecur32(koffi: Koffi, library: ReturnType<Koffi['load']>): Secur32 {
  const declare = (name: string, signature: string): NativeCall => declareNative(library, name, signature);
  const native = {
    acquire: declare('AcquireCredentialsHandleW', 'ppupppppp'),
    queryCredential: declare('QueryCredentialsAttributesW', 'pup'),
    initialize: declare('InitializeSecurityContextW', 'pppuuupupppp'),
    queryContext: declare('QueryContextAttributesW', 'pup'),
    encrypt: declare('EncryptMessage', 'pupu'),
    decrypt: declare('DecryptMessage', 'ppup'),
    deleteContext: declare('DeleteSecurityContext', 'p'),
    freeBuffer: declare('FreeContextBuffer', 'p'),
  };
  const memory = new Memory(koffi);

  function started(input: InitializeInput) {
    const context = Buffer.from(input.context ?? Buffer.alloc(16));
    const token = Buffer.alloc(maxTokenBytes);
    const received = input.buffers.length === 0 ? null : writeBuffers(memory, input.buffers);
    const out = writeBuffers(memory, [{ type: bufferTypes.token, bytes: token }]);
    const attributes = Buffer.alloc(4);
    const args: readonly Argument[] = [
      ...[input.credential, input.context === null ? null : context, wide(input.target), input.flags, 0],
      ...[nativeDataRepresentation, received?.description ?? null, 0, context, out.description, attributes],
      Buffer.alloc(8),
    ];
    const finish = (status: number): Initialized => ({
      status,
      context,
      token: Buffer.from(token.subarray(0, out.lengths()[0])),
      attributes: attributes.readUInt32LE(),
    });
    return { args, finish };
  }

  return {
    async acquire(packageName, account) {
      const credential = Buffer.alloc(16);
      const identity = account === null ? null : writeIdentity(memory, account);
      const status = await native.acquire.async(
        ...[null, wide(packageName), outbound, null, identity?.block ?? null, null, null, credential, Buffer.alloc(8)],
      );
      identity?.password.fill(0);
      return { status, credential };
    },
    nameOf(credential) {
      const out = Buffer.alloc(8);
      const status = native.queryCredential(credential, namesAttribute, out);
      const address = out.readBigUInt64LE();
      if (status !== 0 || address === 0n) return { status, name: '' };
      const name = memory.wideText(address);
      native.freeBuffer(address);
      return { status, name };
    },
    async initialize(input) {
      const { args, finish } = started(input);
      return finish(await native.initialize.async(...args));
    },
    proceed(input) {
      const { args, finish } = started(input);
      return finish(native.initialize(...args));
    },
    trailerBytesOf(context) {
      const sizes = Buffer.alloc(16);
      const status = native.queryContext(context, sizesAttribute, sizes);
      return { status, trailerBytes: sizes.readUInt32LE(12) };
    },
    encrypt(context, buffers) {
      const { description, lengths } = writeBuffers(memory, buffers);
      return { status: native.encrypt(context, 0, description, 0), lengths: lengths() };
    },
    decrypt(context, buffers) {
      const { description, lengths } = writeBuffers(memory, buffers);
      const protection = Buffer.alloc(4);
      const status = native.decrypt(context, description, 0, protection);
      return { status, lengths: lengths(), protection: protection.readUInt32LE() };
    },
    deleteContext(context) {
      native.deleteContext(context);
    },
  };
}

/** SecBufferDesc {u32 version 0, u32 count, pointer} over SecBuffers {u32 size, u32 type, pointer}. */
function writeBuffers(memory: Memory, buffers: readonly SecurityBuffer[]) {
  const array = Buffer.alloc(buffers.length * secBufferBytes);
  for (const [index, { type, bytes }] of buffers.entries()) {
    array.writeUInt32LE(bytes.length, index * secBufferBytes);
    array.writeUInt32LE(type, index * secBufferBytes + 4);
    memory.point(array, index * secBufferBytes + 8, bytes);
  }
  const description = memory.block(16, [8, array]);
  description.writeUInt32LE(buffers.length, 4);
  return { description, lengths: () => buffers.map((_one, index) => array.readUInt32LE(index * secBufferBytes)) };
}

/** SEC_WINNT_AUTH_IDENTITY_W, 48 bytes: three of {pointer, u32 characters, 4 of padding}, the last padding being the flags. */
function writeIdentity(memory: Memory, { user, domain, password }: SspiAccount) {
  const texts = [user, domain, password].map((text) => Buffer.from(text, 'utf16le'));
  const block = memory.block(48, ...texts.map((text, index) => [index * 16, text] as const));
  for (const [index, text] of texts.entries()) block.writeUInt32LE(text.length / 2, index * 16 + 8);
  block.writeUInt32LE(unicode, 44);
  return { block, password: texts[2] ?? Buffer.alloc(0) };
}

/** SEC_CHANNEL_BINDINGS: eight u32, of which the last two are size and offset of the application data, which follows them. */
export function writeChannelBindings(applicationData: Uint8Array): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(applicationData.length, 24);
  head.writeUInt32LE(head.length, 28);
  return Buffer.concat([head, applicationData]);
}

function wide(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'utf16le');
}
