// I/O: HTTP over the one socket of the client (made in socket.ts). One HttpConnection is ONE TCP connection: NTLM and its sealing live and die with it, so a
// lost connection is reported and never replaced behind the caller's back. It knows nothing of authentication and SOAP, follows
// no redirect and sends nothing twice. Sources: MS-WSMV 2.1 (POST, Content-Length), RFC 9112; wsman.md sections 2.1 and 3.7.
import type * as net from 'node:net';
import * as tls from 'node:tls';
import { listenForAbort } from '../../model/interruption/abort-listener.ts';
import { Failure } from '../../model/failure.ts';
import { createDeadlineFailure, createRoundTripFailure } from './round-trip-failures.ts';
import type { HttpAnswer } from './answer-reader.ts';
import { writeCommonHead, writeRequest } from './request-bytes.ts';
import { RoundTripSocket } from './round-trip.ts';
import { createConnectFailure, formatHostPort } from './connect-failures.ts';
import { createAbortFailure, throwIfAborted } from '../abort-failure.ts';
import { openSocket } from './socket.ts';
import type { SocketEndpoint } from './socket.ts';
import { readPeerCertificate } from './trust.ts';

/** Where to connect to. */
export interface HttpEndpoint extends SocketEndpoint {
  /** URL path, beginning with `/`. */
  readonly path: string;
}

export interface HttpRequest {
  /** Beside those that every request has: Host, Content-Length, Connection, Accept-Encoding. */
  readonly headers: Readonly<Record<string, string>>;
  /** May be empty: then `Content-Length: 0` is sent, which WinRM insists on. */
  readonly body: Uint8Array;
  /** From the first byte of the request to the last of the answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called once, when the whole request is with the operating system, which delivers it even if this process ends. */
  readonly onFlushed?: (() => void) | undefined;
  /** True: nobody waits for the answer, so it doesn't keep the process alive. */
  readonly background?: boolean | undefined;
}

/** More than any WinRM answer may be: MaxEnvelopeSizekb is 500 by default. */
const maxAnswerBytes = 8 * 1024 * 1024;
const maxHeadBytes = 32 * 1024;
/** HTTP.sys closes a connection that was idle for 120 s (wsman.md section 0, fact 5): one this old is not written to again. */
const idleLimitMs = 100_000;
/** What a server says of its idle connections counts from its side: the next request has to arrive in time. */
const idleMarginMs = 2000;
const timeIsUp = new Error('time is up');

/**
 * Connects. Throws like `openSocket`.
 */
export async function openConnection(endpoint: HttpEndpoint, signal?: AbortSignal): Promise<HttpConnection> {
  const where = formatHostPort(endpoint.address, endpoint.port);
  throwIfAborted(signal, where);
  const socket = await openSocket(endpoint, where, signal);
  try {
    return new HttpConnection(endpoint, where, socket);
  } catch (thrown) {
    socket.destroy();
    throw createConnectFailure(thrown, where, endpoint.scheme, endpoint.connectMs);
  }
}

export class HttpConnection {
  /** `ex01:5985` */
  readonly where: string;
  /** DER of the server's certificate, for channel bindings (RFC 5929 section 4); null over http. */
  readonly peerCertificate: Buffer | null;
  readonly #socket: net.Socket;
  readonly #roundTrips: RoundTripSocket;
  readonly #commonHead: string;
  #idleSinceMs = performance.now();
  #busy = false;

  constructor(endpoint: HttpEndpoint, where: string, socket: net.Socket) {
    this.where = where;
    this.#socket = socket;
    this.peerCertificate = socket instanceof tls.TLSSocket ? (readPeerCertificate(socket)?.raw ?? null) : null;
    // Zone of a link-local address (`fe80::1%eth0`): needed to connect, not allowed in a URL.
    const authority = formatHostPort(endpoint.address.replace(/%.*$/, ''), endpoint.port);
    this.#commonHead = writeCommonHead(endpoint.scheme, authority, endpoint.path);
    this.#roundTrips = new RoundTripSocket(socket, { maxHeadBytes, maxBodyBytes: maxAnswerBytes });
  }

  /** False when a request would surely fail, or may: the connection is closed, broken, or idle for so long that it is about to be. */
  get isOpen(): boolean {
    return this.#roundTrips.isOpen && performance.now() - this.#idleSinceMs < this.#idleLimitMs();
  }

  /**
   * Sends one request and returns its whole answer, whatever its status. One at a time.
   *
   * Throws Failure: `connect/lost`, `deadline/request`, `http/not-winrm` (no HTTP), `wire/too-large`, or that of the signal.
   * `effect` is `none` only when no byte of the request was handed to the socket. After any of them the connection is closed.
   */
  async post(request: HttpRequest): Promise<HttpAnswer> {
    if (this.#busy) throw new Failure('internal/bug', 'two requests at once on one connection', { where: this.where });
    throwIfAborted(request.signal, this.where);
    if (!this.isOpen) {
      this.close();
      throw createRoundTripFailure(new Error('already closed'), this.where, 'none');
    }
    const { signal, timeoutMs, background, onFlushed } = request;
    const bytes = this.#write(request);
    this.#busy = true;
    const timer = setTimeout(() => {
      this.#roundTrips.stop(timeIsUp);
    }, timeoutMs);
    if (background === true) timer.unref();
    const stopListening = listenForAbort(signal, () => {
      this.close();
    });
    try {
      return await this.#roundTrips.send(
        bytes,
        background === true
          ? () => {
              this.#socket.unref();
              onFlushed?.();
            }
          : onFlushed,
      );
    } catch (thrown) {
      this.close();
      if (signal?.aborted === true) throw createAbortFailure(signal, this.where, 'unknown');
      if (thrown === timeIsUp) throw createDeadlineFailure(this.where, timeoutMs, 'unknown');
      throw createRoundTripFailure(thrown, this.where, 'unknown');
    } finally {
      clearTimeout(timer);
      stopListening();
      this.#busy = false;
      this.#idleSinceMs = performance.now();
    }
  }

  /** Closes at once; what is under way fails. May be called twice. */
  close(): void {
    this.#roundTrips.stop(new Error('closed'));
  }

  #write({ headers, body }: HttpRequest): Uint8Array {
    try {
      return writeRequest(this.#commonHead, headers, body);
    } catch (thrown) {
      throw new Failure('internal/bug', String(thrown), { where: this.where, effect: 'none', cause: thrown });
    }
  }

  #idleLimitMs(): number {
    const keptMs = this.#roundTrips.keepAliveMs;
    return keptMs === null ? idleLimitMs : Math.min(idleLimitMs, Math.max(keptMs - idleMarginMs, keptMs / 2));
  }
}
