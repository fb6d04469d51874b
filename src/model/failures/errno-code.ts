// The code of a thrown system error: `ENOENT`, `ECONNREFUSED`, `CERT_HAS_EXPIRED`. It gives no meaning to it. PURE.
// Source: Node's errors.md (system errors, TLS errors); Node throws an AggregateError when it tried several addresses.

/** Of several tries (IPv6 and IPv4) the code that says most; of a wrapped error that of its cause. Null when there is none. */
export function readErrnoCode(thrown: unknown): string | null {
  if (thrown instanceof AggregateError) {
    const codes = thrown.errors.map(readErrnoCode);
    const telling = ['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH'].find((code) => codes.includes(code));
    return telling ?? codes.find((code) => code !== null) ?? null;
  }
  if (!(thrown instanceof Error)) return null;
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return thrown.cause === undefined ? null : readErrnoCode(thrown.cause);
}
