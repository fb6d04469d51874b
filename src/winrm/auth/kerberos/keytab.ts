// The names in a keytab. PURE: bytes in, names out; the keys themselves are passed over and never copied.
// Source: MIT Kerberos, "The Keytab Binary File Format" (version 0x0502, big endian).
import { Failure } from '../../../model/failure.ts';

const version = 0x0502;

/** `HTTP/ex01.corp.example@CORP.EXAMPLE`, each name once, in the order of the file. Throws Failure `auth/kerberos-ticket`. */
export function readKeytabNames(file: Uint8Array, where: string): readonly string[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const names = new Set<string>();
  try {
    if (bytes.readUInt16BE(0) !== version) throw new RangeError('another version');
    for (let at = 2; at + 4 <= bytes.length;) {
      // A negative size is a hole that an entry left behind.
      const size = bytes.readInt32BE(at);
      if (size === 0) break;
      const end = at + 4 + Math.abs(size);
      if (end > bytes.length) throw new RangeError('cut off');
      if (size > 0) names.add(readName(bytes.subarray(at + 4, end)));
      at = end;
    }
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new Failure('auth/kerberos-ticket', `not a keytab (${cause.message})`, {
      where,
      hint: 'look into it with `klist -k FILE`; a keytab is made with `ktutil`, `ktpass` or `ktadd`',
      cause,
    });
  }
  return [...names];
}

/** The hosts of the services among these names: `ex01.corp.example`, each once. */
export function listHosts(names: readonly string[]): readonly string[] {
  const hosts = names.map((name) => /^(?:HTTP|WSMAN|host)\/([^/@]+)@/i.exec(name)?.[1]);
  return [...new Set(hosts.filter((one) => one !== undefined))];
}

function readName(entry: Buffer): string {
  let at = 2;
  const counted = (): string => {
    const end = at + 2 + entry.readUInt16BE(at);
    if (end > entry.length) throw new RangeError('cut off');
    const text = entry.toString('utf8', at + 2, end);
    at = end;
    return text;
  };
  const realm = counted();
  const parts = Array.from({ length: entry.readUInt16BE(0) }, counted);
  return `${parts.join('/')}@${realm}`;
}
