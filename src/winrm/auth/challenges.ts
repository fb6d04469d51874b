// The WWW-Authenticate headers of a 401: which schemes the server offers, and its token. PURE. Source: RFC 9110 section 11.

export interface Challenge {
  /** As the server writes it: `Negotiate`, `Kerberos`, `Basic`. */
  readonly scheme: string;
  /** The base64 text behind the scheme, decoded; null when there is none (or parameters instead, as with Basic). */
  readonly token: Buffer | null;
}

/** All challenges of all header lines. What can't be read is left out: a server's oddities must not hide the rest. */
export function readChallenges(lines: readonly string[]): readonly Challenge[] {
  const found: Challenge[] = [];
  for (const line of lines) {
    // A comma separates challenges and also the parameters of one; commas in quotes separate nothing.
    for (const part of line.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? []) {
      const [, scheme, rest = ''] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s+(.*?))?\s*$/.exec(part) ?? [];
      // `realm="x"` that goes on from the part before has no blank after its name.
      if (scheme === undefined || part.trimStart().startsWith(`${scheme}=`)) continue;
      found.push({ scheme, token: /^[A-Za-z0-9+/_.~-]+=*$/.test(rest) ? Buffer.from(rest, 'base64') : null });
    }
  }
  return found;
}

/** `Negotiate, Kerberos`, or `none`. */
export function formatSchemes(challenges: readonly Challenge[]): string {
  const names = [...new Set(challenges.map((one) => one.scheme))];
  return names.length === 0 ? 'none' : names.join(', ');
}

/** The token the server sent for `scheme`, or null. */
export function findToken(challenges: readonly Challenge[], scheme: string): Buffer | null {
  const wanted = scheme.toLowerCase();
  return challenges.find((one) => one.scheme.toLowerCase() === wanted && one.token !== null)?.token ?? null;
}
