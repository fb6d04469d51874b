// Status line and headers of an HTTP/1.1 answer, and what they say of its body and of the connection. PURE. As strict as a client may be:
// whatever could be understood in two ways is no answer. Source: RFC 9112 sections 4, 5, 6.3 and 9.3, RFC 9110 section 5.5.

export type AnswerHeaders = Readonly<Record<string, readonly string[]>>;

/** Why bytes are no answer: no HTTP; two lengths, or a length and chunks; more than any answer of WinRM. */
export type AnswerProblem = 'not-http' | 'conflicting-lengths' | 'too-large';

/** How the end of a body is found: there is none, after so many bytes, by its chunks, or when the server closes. */
export type BodyFrame =
  { readonly kind: 'empty' | 'chunks' | 'until-close' } | { readonly kind: 'length'; readonly bytes: number };

export interface StatusLine {
  readonly status: number;
  readonly isHttp10: boolean;
}

/** Without its line end. Null when it is none. */
export function readStatusLine(line: string): StatusLine | null {
  const found = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(line);
  return found === null ? null : { status: Number(found[2]), isHttp10: found[1] === '0' };
}

/** What every status line starts with: bytes that start otherwise are not waited for any longer. */
const statusStart = 'HTTP/1.';

export function canBecomeStatusLine(start: string): boolean {
  return start.startsWith(statusStart) || statusStart.startsWith(start);
}

const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Name in lower case, and value. Null when it is none: folded over two lines, without a name, or with control characters. */
export function readHeaderLine(line: string): readonly [name: string, value: string] | null {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon));
  const value = line.slice(colon + 1);
  return headerName.test(name) && headerValue.test(value) ? [name.toLowerCase(), value.trim()] : null;
}

/** The frame of the body, or why there is no telling. */
export function readBodyFrame({ status, isHttp10 }: StatusLine, headers: AnswerHeaders): BodyFrame | AnswerProblem {
  const codings = headers['transfer-encoding'];
  const lengths = headers['content-length'];
  if (codings !== undefined) {
    if (lengths !== undefined) return 'conflicting-lengths';
    // Any other coding, and any at all from HTTP/1.0, ends nobody knows where.
    if (isHttp10 || codings.length !== 1 || codings[0]?.toLowerCase() !== 'chunked') return 'not-http';
  }
  if (lengths !== undefined && lengths.length !== 1) return 'conflicting-lengths';
  const [length] = lengths ?? [];
  if (length !== undefined && !/^\d+$/.test(length)) return 'not-http';
  if (status === 204 || status === 304) return { kind: 'empty' };
  if (codings !== undefined) return { kind: 'chunks' };
  return length === undefined ? { kind: 'until-close' } : { kind: 'length', bytes: Number(length) };
}

/** Whether the connection may carry another request. */
export function isKeptAlive({ isHttp10 }: StatusLine, headers: AnswerHeaders): boolean {
  const options = (headers['connection'] ?? []).flatMap((list) =>
    list
      .toLowerCase()
      .split(',')
      .map((one) => one.trim()),
  );
  if (options.includes('close')) return false;
  return !isHttp10 || options.includes('keep-alive');
}

/** How long the server keeps an idle connection, by its own word. Null when it says nothing. */
export function readKeepAliveMs(headers: AnswerHeaders): number | null {
  const seconds = /(?:^|[,;\s])timeout=(\d{1,6})(?:$|[,;\s])/i.exec(headers['keep-alive']?.[0] ?? '')?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}
