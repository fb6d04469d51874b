// Settings of a connection that are written as one text: the fingerprint of a certificate and the URL of a proxy. PURE. The forms stand
// here without flags, so that the JSON Schemas for editors can hold the very same ones.
import type { Proxy } from '../target.ts';

/** 64 hex digits, as Windows, OpenSSL and browsers print them: colons, blanks, small letters, `SHA256 Fingerprint=` in front. */
export const fingerprintForm =
  /^\s*(?:[Ss][Hh][Aa]-?256(?: [fF][iI][nN][gG][eE][rR][pP][rR][iI][nN][tT])?\s*[:=])?[\s:-]*(?:[0-9A-Fa-f][\s:-]*){64}$/;

/** `http://proxy.corp.example:3128`: a port from 1 to 65535, no login, no path, no TLS. */
export const proxyForm =
  /^[Hh][Tt][Tt][Pp]:\/\/(?:\[[0-9A-Fa-f:.]+\]|[^\s/:@?#[\]]+):0*(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])\/?$/;

/**
 * A SHA-256 fingerprint as 64 hex digits in capitals. Null for anything else; a SHA-1 thumbprint (40 digits) is none, since two
 * certificates with the same one can be made.
 */
export function readFingerprint(text: string): string | null {
  if (!fingerprintForm.test(text)) return null;
  return text
    .replace(/^\s*sha-?256(?: fingerprint)?\s*[:=]/i, '')
    .replace(/[\s:-]/g, '')
    .toUpperCase();
}

/** The proxy behind such a URL; null for anything else. */
export function readProxy(text: string): Proxy | null {
  if (!proxyForm.test(text)) return null;
  const cut = text.lastIndexOf(':');
  const host = text.slice('http://'.length, cut).replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(text.slice(cut + 1).replace('/', '')) };
}
