// A POST as the bytes of HTTP/1.1: the head that every request of a connection starts with, and the whole of one. PURE. It refuses what
// would not stay in its line. Source: RFC 9112 sections 2 to 5, MS-WSMV 2.1 (POST with a Content-Length, even of nothing).

/** The lines that all requests of a connection have. Throws when `authority` or `path` can't stand in a URL. */
export function writeCommonHead(scheme: 'http' | 'https', authority: string, path: string): string {
  const { host } = new URL(`${scheme}://${authority}`);
  if (!/^\/[\x21-\x7e\x80-\xff]*$/.test(path)) throw new Error('the path must start with / and have no spaces');
  return `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\naccept-encoding: identity\r\nuser-agent: fencepost\r\n`;
}

/** Throws when a header would not stay in its line. */
export function writeRequest(
  commonHead: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Uint8Array {
  let head = commonHead;
  for (const [name, value] of Object.entries(headers)) {
    const line = `${name}: ${value}`;
    if (!/^[\w-]+: [\t\x20-\x7e\x80-\xff]*$/.test(line)) throw new Error(`the header ${name} has a control character`);
    head += `${line}\r\n`;
  }
  head += `content-length: ${body.length}\r\n\r\n`;
  const bytes = Buffer.allocUnsafe(head.length + body.length);
  bytes.write(head, 'latin1');
  bytes.set(body, head.length);
  return bytes;
}
