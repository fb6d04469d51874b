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
    for (const part of splitChallenges(line)) {
      const text = part.trim();
      const [scheme] = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+/.exec(text) ?? [];
      if (scheme === undefined) continue;
      const behind = text.slice(scheme.length);
      const rest = behind.trimStart();
      // `realm="x"` that goes on from the part before is no scheme.
      if ((behind !== '' && rest === behind) || rest.startsWith('=')) continue;
      found.push({ scheme, token: /^[A-Za-z0-9+/_.~-]+=*$/.test(rest) ? Buffer.from(rest, 'base64') : null });
    }
  }
  return found;
}

/**
 * A comma separates challenges and also the parameters of one; commas in quotes separate nothing. Each letter is looked at twice at most:
 * the line is a stranger's. A quote that is never closed is a sign like any other, so that it hides nothing behind it.
 */
function splitChallenges(line: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  let mayClose = true;
  for (let at = 0; at < line.length; at += 1) {
    const end = line[at] === '"' && mayClose ? findClosingQuote(line, at + 1) : null;
    if (end !== null && end !== -1) {
      at = end;
    } else if (end === -1) {
      mayClose = false;
    } else if (line[at] === ',') {
      parts.push(line.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, line.slice(from)];
}

/** -1 when there is none. A backslash takes the meaning of the sign behind it. */
function findClosingQuote(line: string, from: number): number {
  for (let at = from; at < line.length; at += 1) {
    if (line[at] === '\\') at += 1;
    else if (line[at] === '"') return at;
  }
  return -1;
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
