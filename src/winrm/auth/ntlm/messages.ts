// The three messages of NTLM [MS-NLMP 2.2.1], read and written, for both ends of the wire. Layout only: keys and proofs are made in
// response.ts. Every offset is checked. Seen in the wild and read here: OEM strings, messages without the version field.
import { Failure } from '../../../model/failure.ts';
import { hasFlags, ntlmFlags } from './flags.ts';

/** Debugging information only [2.2.2.10]. */
export interface NtlmVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  readonly revision: number;
}

export interface NegotiateMessage {
  readonly flags: number;
  readonly domain: string;
  readonly workstation: string;
  readonly version: NtlmVersion | null;
}

export interface ChallengeMessage {
  readonly flags: number;
  readonly targetName: string;
  /** 8 bytes. */
  readonly serverChallenge: Uint8Array;
  /** Attribute list with its end mark (av-pairs.ts); empty when there is none. */
  readonly targetInfo: Uint8Array;
  readonly version: NtlmVersion | null;
}

export interface AuthenticateMessage {
  readonly flags: number;
  readonly lmResponse: Uint8Array;
  readonly ntResponse: Uint8Array;
  readonly domain: string;
  readonly user: string;
  readonly workstation: string;
  readonly encryptedSessionKey: Uint8Array;
  readonly version: NtlmVersion | null;
  /** 16 bytes; null when the message has no room for one. */
  readonly mic: Uint8Array | null;
}

const signature = Buffer.from('NTLMSSP\0', 'latin1');
const types = { negotiate: 1, challenge: 2, authenticate: 3 } as const;
type TypeName = keyof typeof types;

/** Where the MIC stands in an AUTHENTICATE message that has one [2.2.1.3]. */
export const micOffset = 72;
export const micLength = 16;

/** NEGOTIATE. Throws Failure `auth/server` for anything else, as do the other readers. */
export function readNegotiate(bytes: Uint8Array): NegotiateMessage {
  const view = open(bytes, 'negotiate', 16);
  const flags = view.readUInt32LE(12);
  const domain = view.length < 24 ? noField : field(view, 16);
  const workstation = view.length < 32 ? noField : field(view, 24);
  return {
    flags,
    // Always in the OEM character set, for nothing is negotiated yet.
    domain: readText(domain.data, 0),
    workstation: readText(workstation.data, 0),
    version: readVersion(view, flags, 32, firstByte(view, [domain, workstation])),
  };
}

export function writeNegotiate(message: NegotiateMessage): Uint8Array {
  const head = start('negotiate', message.version === null ? 32 : 40);
  head.writeUInt32LE(message.flags, 12);
  if (message.version !== null) writeVersion(head, 32, message.version);
  return withFields(head, [
    [16, writeText(message.domain, 0)],
    [24, writeText(message.workstation, 0)],
  ]);
}

export function readChallenge(bytes: Uint8Array): ChallengeMessage {
  const view = open(bytes, 'challenge', 32);
  const flags = view.readUInt32LE(20);
  const name = field(view, 12);
  const info = view.length < 48 ? noField : field(view, 40);
  return {
    flags,
    targetName: readText(name.data, flags),
    serverChallenge: copy(view.subarray(24, 32)),
    targetInfo: copy(info.data),
    version: readVersion(view, flags, 48, firstByte(view, [name, info])),
  };
}

export function writeChallenge(message: ChallengeMessage): Uint8Array {
  const head = start('challenge', message.version === null ? 48 : 56);
  head.writeUInt32LE(message.flags, 20);
  head.set(message.serverChallenge, 24);
  if (message.version !== null) writeVersion(head, 48, message.version);
  return withFields(head, [
    [12, writeText(message.targetName, message.flags)],
    [40, message.targetInfo],
  ]);
}

export function readAuthenticate(bytes: Uint8Array): AuthenticateMessage {
  const view = open(bytes, 'authenticate', 64);
  const flags = view.readUInt32LE(60);
  const lm = field(view, 12);
  const nt = field(view, 20);
  const domain = field(view, 28);
  const user = field(view, 36);
  const workstation = field(view, 44);
  const key = field(view, 52);
  const first = firstByte(view, [lm, nt, domain, user, workstation, key]);
  return {
    flags,
    lmResponse: copy(lm.data),
    ntResponse: copy(nt.data),
    domain: readText(domain.data, flags),
    user: readText(user.data, flags),
    workstation: readText(workstation.data, flags),
    encryptedSessionKey: copy(key.data),
    version: readVersion(view, flags, 64, first),
    mic: first >= micOffset + micLength ? copy(view.subarray(micOffset, micOffset + micLength)) : null,
  };
}

export function writeAuthenticate(message: AuthenticateMessage): Uint8Array {
  const size = message.mic !== null ? micOffset + micLength : message.version !== null ? micOffset : 64;
  const head = start('authenticate', size);
  head.writeUInt32LE(message.flags, 60);
  if (message.version !== null) writeVersion(head, 64, message.version);
  if (message.mic !== null) head.set(message.mic, micOffset);
  // The order of the payload is the one of the specification's example [4.2.4.3].
  return withFields(head, [
    [28, writeText(message.domain, message.flags)],
    [36, writeText(message.user, message.flags)],
    [44, writeText(message.workstation, message.flags)],
    [12, message.lmResponse],
    [20, message.ntResponse],
    [52, message.encryptedSessionKey],
  ]);
}

interface Field {
  readonly data: Uint8Array;
  /** Null for an empty field, whose offset means nothing. */
  readonly offset: number | null;
}
const noField: Field = { data: new Uint8Array(), offset: null };

function open(bytes: Uint8Array, type: TypeName, minimum: number): Buffer {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < minimum || !view.subarray(0, 8).equals(signature) || view.readUInt32LE(8) !== types[type]) {
    throw unreadable(`an NTLM ${type.toUpperCase()} message`);
  }
  return view;
}

/** Length (2 bytes), allocated length (2, ignored [2.2.1]), offset (4). */
function field(view: Buffer, at: number): Field {
  const length = view.readUInt16LE(at);
  const offset = view.readUInt32LE(at + 4);
  if (length === 0) return noField;
  if (offset + length > view.length) throw unreadable('a field inside the NTLM message');
  return { data: view.subarray(offset, offset + length), offset };
}

function firstByte(view: Buffer, fields: readonly Field[]): number {
  return Math.min(view.length, ...fields.flatMap((one) => (one.offset === null ? [] : [one.offset])));
}

function start(type: TypeName, size: number): Buffer {
  const head = Buffer.alloc(size);
  signature.copy(head);
  head.writeUInt32LE(types[type], 8);
  return head;
}

function withFields(head: Buffer, fields: readonly (readonly [at: number, data: Uint8Array])[]): Uint8Array {
  let offset = head.length;
  for (const [at, data] of fields) {
    if (data.length > 0xffff) throw new RangeError(`expected at most 65535 bytes in an NTLM field, got ${data.length}`);
    head.writeUInt16LE(data.length, at);
    head.writeUInt16LE(data.length, at + 2);
    head.writeUInt32LE(offset, at + 4);
    offset += data.length;
  }
  return Buffer.concat([head, ...fields.map(([, data]) => data)]);
}

function readVersion(view: Buffer, flags: number, at: number, first: number): NtlmVersion | null {
  if (!hasFlags(flags, ntlmFlags.version) || first < at + 8 || view.length < at + 8) return null;
  return {
    major: view.readUInt8(at),
    minor: view.readUInt8(at + 1),
    build: view.readUInt16LE(at + 2),
    revision: view.readUInt8(at + 7),
  };
}

function writeVersion(head: Buffer, at: number, version: NtlmVersion): void {
  head.writeUInt8(version.major, at);
  head.writeUInt8(version.minor, at + 1);
  head.writeUInt16LE(version.build, at + 2);
  head.writeUInt8(version.revision, at + 7);
}

// Without Unicode strings are 8-bit in a code page that the message doesn't name; only ASCII is sure to be meant as read.
function readText(data: Uint8Array, flags: number): string {
  return Buffer.from(data).toString(hasFlags(flags, ntlmFlags.unicode) ? 'utf16le' : 'latin1');
}

function writeText(text: string, flags: number): Uint8Array {
  return Buffer.from(text, hasFlags(flags, ntlmFlags.unicode) ? 'utf16le' : 'latin1');
}

function copy(data: Uint8Array): Uint8Array {
  return Uint8Array.from(data);
}

function unreadable(what: string): Failure {
  return new Failure('auth/server', `expected ${what}, got bytes that are none`, {
    hint: 'check that the address and port are those of a WinRM listener, without a proxy in between',
  });
}
