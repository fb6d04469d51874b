// The text form of ansible-vault: a header line, then hex digits that hold salt, HMAC and ciphertext. Opens and seals one text with one
// password; whose password that is, and where it comes from, is for others. Source: Ansible's vault documentation, "format of files
// encrypted with Ansible Vault", versions 1.1 and 1.2, cipher AES256.
import { createCipheriv, createDecipheriv, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

// On the thread pool: one derivation takes tens of milliseconds, and sessions are open meanwhile.
const derive = promisify(pbkdf2);

const begin = '$ANSIBLE_VAULT;';
const rounds = 10_000;
const keyBytes = 32;
const ivBytes = 16;
const macBytes = 32;
const lineLength = 80;
const headerForm = /^\$ANSIBLE_VAULT;1\.(?:1;AES256|2;AES256;([^;\s]+))[ \t]*\r?\n/;

/** The vault id of a text that has none, and of a password given without one. */
export const defaultVaultId = 'default';

export type UnsealResult =
  | { readonly kind: 'text'; readonly text: string }
  /** The HMAC does not fit: another password sealed it, or it was altered. */
  | { readonly kind: 'wrong-password' }
  | { readonly kind: 'malformed'; readonly reason: string };

export function isVaultText(text: string): boolean {
  return text.trimStart().startsWith(begin);
}

/** The label in the header of version 1.2; `default` where there is none. */
export function readVaultId(text: string): string {
  return headerForm.exec(`${text.trim()}\n`)?.[1] ?? defaultVaultId;
}

/** Opens a vault text. Never rejects. */
export async function unsealVault(vaultText: string, password: string): Promise<UnsealResult> {
  const parts = readParts(vaultText.trim());
  if (typeof parts === 'string') return { kind: 'malformed', reason: parts };
  const keys = await deriveKeys(password, parts.salt);
  if (!timingSafeEqual(computeMac(parts.ciphertext, keys), parts.mac)) return { kind: 'wrong-password' };
  const decipher = createDecipheriv('aes-256-ctr', keys.cipher, keys.iv);
  const padded = Buffer.concat([decipher.update(parts.ciphertext), decipher.final()]);
  // PKCS#7: the last byte counts the bytes of padding, itself included.
  const padding = padded.at(-1) ?? 0;
  const isPadded = padding >= 1 && padding <= ivBytes && padded.subarray(-padding).every((byte) => byte === padding);
  if (!isPadded) return { kind: 'malformed', reason: 'its padding is damaged' };
  return { kind: 'text', text: padded.subarray(0, padded.length - padding).toString('utf8') };
}

/** Seals a text. `salt`: 32 random bytes, never used twice with one password. */
export async function sealVault(text: string, password: string, salt: Buffer, vaultId: string): Promise<string> {
  const keys = await deriveKeys(password, salt);
  const bytes = Buffer.from(text, 'utf8');
  const padding = ivBytes - (bytes.length % ivBytes);
  const cipher = createCipheriv('aes-256-ctr', keys.cipher, keys.iv);
  const ciphertext = Buffer.concat([
    cipher.update(bytes),
    cipher.update(Buffer.alloc(padding, padding)),
    cipher.final(),
  ]);
  const inner = [salt, computeMac(ciphertext, keys), ciphertext].map((part) => part.toString('hex')).join('\n');
  const digits = Buffer.from(inner, 'latin1').toString('hex');
  const header = vaultId === defaultVaultId ? `${begin}1.1;AES256` : `${begin}1.2;AES256;${vaultId}`;
  const lines = Array.from({ length: Math.ceil(digits.length / lineLength) }, (_, line) =>
    digits.slice(line * lineLength, (line + 1) * lineLength),
  );
  return `${[header, ...lines].join('\n')}\n`;
}

interface Keys {
  readonly cipher: Buffer;
  readonly mac: Buffer;
  readonly iv: Buffer;
}

async function deriveKeys(password: string, salt: Buffer): Promise<Keys> {
  const derived = await derive(password, salt, rounds, 2 * keyBytes + ivBytes, 'sha256');
  return {
    cipher: derived.subarray(0, keyBytes),
    mac: derived.subarray(keyBytes, 2 * keyBytes),
    iv: derived.subarray(2 * keyBytes),
  };
}

function computeMac(ciphertext: Buffer, keys: Keys): Buffer {
  return createHmac('sha256', keys.mac).update(ciphertext).digest();
}

/** The three parts, or why they can't be had. */
function readParts(text: string): { salt: Buffer; mac: Buffer; ciphertext: Buffer } | string {
  const header = headerForm.exec(text);
  if (header === null) return 'expected a first line such as $ANSIBLE_VAULT;1.1;AES256 followed by lines of digits';
  const inner = decodeHex(text.slice(header[0].length).replaceAll(/\s/g, ''))?.toString('latin1').split('\n') ?? [];
  const [salt, mac, ciphertext] = inner.map(decodeHex);
  if (!salt || !mac || !ciphertext || inner.length !== 3 || mac.length !== macBytes)
    return 'its digits are damaged or truncated';
  return { salt, mac, ciphertext };
}

function decodeHex(digits: string): Buffer | null {
  return digits.length > 0 && digits.length % 2 === 0 && /^[0-9a-f]+$/i.test(digits)
    ? Buffer.from(digits, 'hex')
    : null;
}
