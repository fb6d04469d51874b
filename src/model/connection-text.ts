// Settings of a connection that are written as one text: the fingerprint of a certificate and the URL of a proxy. PURE.
import type { Proxy } from './target.ts';

/**
 * A SHA-256 fingerprint as Windows, OpenSSL and browsers print it (colons, blanks, small letters, `sha256:` in front): 64 hex digits
 * in capitals. Null for anything else; a SHA-1 thumbprint (40 digits) is refused, since certificates with equal ones can be made.
 */
export function readFingerprint(text: string): string | null {
  const digits = text
    .replace(/^\s*sha-?256(?: fingerprint)?\s*[:=]/i, '')
    .replace(/[\s:-]/g, '')
    .toUpperCase();
  return /^[0-9A-F]{64}$/.test(digits) ? digits : null;
}

/** `http://proxy.corp.example:3128`, without a login, a path or TLS. Null for anything else. */
export function readProxy(text: string): Proxy | null {
  const found = /^http:\/\/(\[[0-9a-f:.]+\]|[^\s/:@?#[\]]+):(\d{1,5})\/?$/i.exec(text);
  const port = Number(found?.[2]);
  if (found?.[1] === undefined || port < 1 || port > 65_535) return null;
  return { host: found[1].replace(/^\[(.*)\]$/, '$1'), port };
}
