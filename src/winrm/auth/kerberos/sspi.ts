// Windows' SSPI behind `KerberosLibrary`: package Kerberos, mutual and encrypting, never delegating. It calls nothing itself (secur32.ts)
// and holds no ticket: Windows keeps, renews and forgets them. Never run on Windows. Sources: learn.microsoft.com "InitializeSecurityContext
// (Kerberos)", "EncryptMessage (Kerberos)"; pyspnego's account of the buffers that WinRM wants (wsman.md section 4.3).
import { Failure } from '../../../model/failure.ts';
import pLimit, { type LimitFunction } from 'p-limit';
import { isRefusedByDomain } from './failures.ts';
import { GssError } from './library.ts';
import type { ContextInput, Credential, CredentialSource, GssContext, KerberosLibrary } from './library.ts';
import { bufferTypes, writeChannelBindings } from './secur32.ts';
import type { Initialized, Secur32, SecurityBuffer } from './secur32.ts';
import { errorOfSspi, sspiStatus } from './sspi-status.ts';

/** ISC_REQ_MUTUAL_AUTH, REPLAY_DETECT, SEQUENCE_DETECT, CONFIDENTIALITY, INTEGRITY. ISC_REQ_DELEGATE (1) is never asked for. */
const requestFlags = 0x2 | 0x4 | 0x8 | 0x10 | 0x10000;
const mutualAndConfidential = 0x2 | 0x10;
/** SECQOP_WRAP_NO_ENCRYPT: the message was signed only. */
const notEncrypted = 0x80000001;
const callsAtOnce = 32;
/** Windows renews tickets by itself; a new handle is requested now and then, so that a new logon is noticed. */
const handleSeconds = 3600;

interface Held {
  readonly credential: Buffer;
  /** Windows looks at a password when the first ticket is asked for. Until one was got, one host asks at a time. */
  readonly onlyOne: LimitFunction;
  /** A password that was refused is never tried again, so that no fleet locks an account. */
  refusal: GssError | null;
  isProved: boolean;
}

export function createSspiLibrary(secur32: Secur32): KerberosLibrary {
  const held = new Map<bigint, Held>();
  const gate = pLimit(callsAtOnce);

  async function acquire(source: CredentialSource): Promise<Credential> {
    if (source.kind === 'keytab') {
      throw new Failure('auth/unsupported', 'Kerberos on Windows takes no keytab', {
        hint: 'leave out `kerberos_keytab` to log on as the user who runs this, or give a password',
      });
    }
    const account =
      source.kind === 'password' ? { user: source.principal, domain: '', password: source.password } : null;
    const { status, credential } = await secur32.acquire('Kerberos', account);
    if (status !== sspiStatus.ok) throw errorOfSspi(status);
    const principal = source.kind === 'password' ? source.principal : nameOf(credential);
    const handle = BigInt(held.size + 1);
    held.set(handle, { credential, onlyOne: pLimit(1), refusal: null, isProved: account === null });
    return { handle, principal, lifetimeSeconds: handleSeconds };
  }

  /** `CORP\ops` is written `ops@CORP`, as principals are. */
  function nameOf(credential: Buffer): string {
    const { status, name } = secur32.nameOf(credential);
    if (status !== sspiStatus.ok) throw errorOfSspi(status);
    const cut = name.indexOf('\\');
    return cut < 0 ? name : `${name.slice(cut + 1)}@${name.slice(0, cut)}`;
  }

  async function initiate(input: ContextInput): Promise<{ readonly context: GssContext; readonly token: Uint8Array }> {
    const one = held.get(input.credential.handle);
    if (one === undefined) throw new Failure('internal/bug', 'a credential that was never acquired');
    return one.isProved ? await begin(one, input) : await one.onlyOne(() => prove(one, input));
  }

  async function prove(one: Held, input: ContextInput): ReturnType<typeof begin> {
    if (one.refusal !== null) throw one.refusal;
    try {
      const started = await begin(one, input);
      one.isProved = true;
      return started;
    } catch (thrown) {
      if (thrown instanceof GssError && isRefusedByDomain(thrown.status)) one.refusal = thrown;
      throw thrown;
    }
  }

  async function begin({ credential }: Held, input: ContextInput) {
    const bindings: readonly SecurityBuffer[] =
      input.channelBinding === null
        ? []
        : [{ type: bufferTypes.channelBindings, bytes: writeChannelBindings(input.channelBinding) }];
    const target = input.service.replace('@', '/');
    const request = { credential, target, flags: requestFlags };
    const first = await secur32.initialize({ ...request, context: null, buffers: bindings });
    if (first.status >= 0x80000000) throw errorOfSspi(first.status);
    return { token: first.token, context: contextOf(first, bindings, request) };
  }

  function contextOf(
    first: Initialized,
    bindings: readonly SecurityBuffer[],
    request: { readonly credential: Buffer; readonly target: string; readonly flags: number },
  ): GssContext {
    const { context } = first;
    let released = false;
    let established = isFinished(first);
    return {
      get established() {
        return established;
      },
      answer(received) {
        const token = { type: bufferTypes.token, bytes: Buffer.from(received) };
        const next = secur32.proceed({ ...request, context, buffers: [token, ...bindings] });
        established = isFinished(next);
        return next.token.length === 0 ? null : next.token;
      },
      wrap: (message) => wrap(context, message),
      unwrap: (header, data) => unwrap(context, header, data),
      release() {
        if (!released) secur32.deleteContext(context);
        released = true;
      },
    };
  }

  function isFinished({ status, attributes }: Initialized): boolean {
    if (status === sspiStatus.continueNeeded) return false;
    if (status !== sspiStatus.ok) throw errorOfSspi(status);
    if ((attributes & mutualAndConfidential) === mutualAndConfidential) return true;
    throw new GssError({ routine: 13, minor: 0, words: 'the server agreed to no mutual logon with encryption' });
  }

  /** Token and data, without padding: what pyspnego gives Windows for WinRM. */
  function wrap(context: Buffer, message: Uint8Array): ReturnType<GssContext['wrap']> {
    const sizes = secur32.trailerBytesOf(context);
    if (sizes.status !== sspiStatus.ok) throw errorOfSspi(sizes.status);
    const token = { type: bufferTypes.token, bytes: Buffer.alloc(sizes.trailerBytes) };
    const data = { type: bufferTypes.data, bytes: Buffer.from(message) };
    const { status, lengths } = secur32.encrypt(context, [token, data]);
    if (status !== sspiStatus.ok) throw errorOfSspi(status);
    const header = token.bytes.subarray(0, lengths[0]);
    // Only RFC 4121's tokens (AES) begin so; RC4's have a frame around them.
    const isAes = header.length >= 2 && header.readUInt16BE(0) === 0x0504;
    return { header, data: data.bytes, padding: isAes ? 0 : 1 };
  }

  function unwrap(context: Buffer, header: Uint8Array, sealed: Uint8Array): Uint8Array | null {
    const token = { type: bufferTypes.token, bytes: Buffer.from(header) };
    const data = { type: bufferTypes.data, bytes: Buffer.from(sealed) };
    const { status, lengths, protection } = secur32.decrypt(context, [token, data]);
    if (status !== sspiStatus.ok) throw errorOfSspi(status);
    return protection === notEncrypted ? null : data.bytes.subarray(0, lengths[1]);
  }

  return {
    acquire: (source) => gate(() => acquire(source)),
    initiate: (input) => gate(() => initiate(input)),
    ticketCure: 'log on to this machine with an account of the domain (`klist` shows its tickets)',
  };
}
