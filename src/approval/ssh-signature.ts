// An armored SSH signature -> which key made it, and for which namespace, for words only: whether it holds is ssh-keygen's to say. Pure.
// Source: OpenSSH's PROTOCOL.sshsig.
import { createHash } from 'node:crypto';

export interface SshSignature {
  /** The public key as allowed_signers has it: base64 of its blob. */
  readonly key: string;
  /** `SHA256:...` */
  readonly fingerprint: string;
  readonly namespace: string;
}

const armor = /^-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END SSH SIGNATURE-----\r?\n?$/;
const magic = 'SSHSIG';
const knownVersion = 1;

/** Null: it is no SSH signature. */
export function readSshSignature(armored: string): SshSignature | null {
  const blob = Buffer.from(armor.exec(armored)?.[1] ?? '', 'base64');
  if (blob.subarray(0, magic.length).toString('latin1') !== magic) return null;
  const start = magic.length + 4;
  if (blob.length < start || blob.readUInt32BE(magic.length) !== knownVersion) return null;
  const key = readString(blob, start);
  const namespace = key === null ? null : readString(blob, start + 4 + key.length);
  if (key === null || namespace === null || key.length === 0) return null;
  return { key: key.toString('base64'), fingerprint: fingerprintKey(key), namespace: namespace.toString('utf8') };
}

function fingerprintKey(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** A length in four bytes, then so many. */
function readString(blob: Buffer, at: number): Buffer | null {
  if (at + 4 > blob.length) return null;
  const end = at + 4 + blob.readUInt32BE(at);
  return end > blob.length ? null : blob.subarray(at + 4, end);
}
