// I/O: a way through an HTTP proxy: one CONNECT on a socket that is there already (RFC 9110 section 9.3.6). It sends no login, and no more
// than the name of the host; TLS goes on inside.
import type * as net from 'node:net';
import { listenForAbort } from '../../model/interruption/abort-listener.ts';
import { Failure } from '../../model/failure.ts';
import type { Proxy } from '../../model/target.ts';
import { formatHostPort } from './connect-failures.ts';

/** The answer to a CONNECT is a few lines; a proxy that goes on beyond this is none. */
const maxHeadBytes = 16 * 1024;

export interface TunnelOptions {
  readonly address: string;
  readonly port: number;
  readonly proxy: Proxy;
  readonly where: string;
  readonly signal: AbortSignal;
  /** The Failure when `signal` aborts or the socket breaks. */
  readonly failed: (error: unknown) => Failure;
}

/** Resolves when the proxy has opened the way. Throws Failure `connect/proxy` and closes the socket otherwise. */
export async function openTunnel(socket: net.Socket, options: TunnelOptions): Promise<void> {
  const { address, port, where, signal } = options;
  const goal = formatHostPort(address, port);
  socket.write(`CONNECT ${goal} HTTP/1.1\r\nHost: ${goal}\r\n\r\n`);
  try {
    const status = await readStatus(socket, options);
    if (status >= 200 && status < 300) return;
    throw createProxyFailure(options, `answered HTTP ${status}`, suggestFix(status, port));
  } catch (thrown) {
    socket.destroy();
    if (thrown instanceof Failure) throw thrown;
    throw signal.aborted
      ? options.failed(thrown)
      : createProxyFailure(options, 'closed the connection', `check that it allows CONNECT to ${where}`);
  }
}

function readStatus(socket: net.Socket, options: TunnelOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    let stopListening = (): void => undefined;
    const stop = (): void => {
      socket.off('data', onData).off('close', onClose);
      stopListening();
      socket.pause();
    };
    const onClose = (): void => {
      stop();
      reject(new Error('closed'));
    };
    const onData = (data: Buffer): void => {
      head = Buffer.concat([head, data]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0 && head.length <= maxHeadBytes) return;
      stop();
      const status = /^HTTP\/1\.[01] (\d{3})(?: |\r)/.exec(head.toString('latin1', 0, 40))?.[1];
      // TLS begins with us: bytes behind the head are no server's.
      if (end < 0 || status === undefined || end + 4 !== head.length) {
        const isBody = status !== undefined && !status.startsWith('2');
        if (!isBody) {
          reject(
            createProxyFailure(
              options,
              'did not answer like an HTTP proxy',
              'check that this is the address and port of an HTTP proxy',
            ),
          );
          return;
        }
      }
      resolve(Number(status));
    };
    socket.on('data', onData).once('close', onClose).resume();
    stopListening = listenForAbort(options.signal, onClose);
  });
}

function suggestFix(status: number, port: number): string {
  if (status === 407) return 'the proxy requires a login, which is not supported; allow this machine without one';
  if (status === 403 || status === 405) return `the proxy must allow CONNECT to port ${port}`;
  if (status === 502 || status === 503 || status === 504)
    return 'the proxy cannot reach the host; check the name and that the host is up';
  return 'check the log of the proxy';
}

function createProxyFailure({ proxy, where }: TunnelOptions, what: string, hint: string): Failure {
  return new Failure('connect/proxy', `the proxy ${formatHostPort(proxy.host, proxy.port)} ${what}`, {
    where,
    hint,
    retry: 'new-session',
    effect: 'none',
  });
}
