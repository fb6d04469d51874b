// I/O: one TCP or TLS connection to a host, directly or through a proxy's tunnel, within one time for all of it. It decides who may
// answer (trust.ts knows what is trusted), and sends no request.
import * as net from 'node:net';
import * as tls from 'node:tls';
import { listenForAbort } from '../../model/interruption/abort-listener.ts';
import type { Failure } from '../../model/failure.ts';
import type { Proxy, TlsSettings } from '../../model/target.ts';
import { createConnectFailure, createFingerprintFailure, createProxySocketFailure } from './connect-failures.ts';
import { createAbortFailure } from '../abort-failure.ts';
import { openTunnel } from './tunnel.ts';
import { readPeerFingerprint, loadTrustContext, createTlsOptions } from './trust.ts';
import type { ClientKey } from './trust.ts';

/** Where to connect to, and as whom. */
export interface SocketEndpoint {
  readonly scheme: 'http' | 'https';
  /** Host name or IP address, without brackets. */
  readonly address: string;
  readonly port: number;
  /** PEM file of the CAs to trust instead of the system's; null = the system's. Read for https only. */
  readonly caFile: string | null;
  /** The name the certificate must bear; null = `address`. */
  readonly tlsServerName: string | null;
  /** Left out: verified, TLS 1.2 or later. */
  readonly tls?: TlsSettings | undefined;
  /** Left out: none is shown. */
  readonly clientKey?: ClientKey | undefined;
  /** For https; left out: none. */
  readonly proxy?: Proxy | undefined;
  /** Name resolution, TCP, proxy and TLS together. */
  readonly connectMs: number;
  /** Left out: the system's name resolution. */
  readonly lookup?: net.LookupFunction | undefined;
  /** What is spoken inside TLS, as ALPN names it; left out: HTTP, empty: what has no name there. */
  readonly protocols?: readonly string[] | undefined;
}

/**
 * Of several addresses of a name each gets a share of the connect time before the next is tried, the last one all that is left
 * (RFC 8305 asks for a fixed 250 ms, in which a host on a slow line never answers). A host that lost its first SYN answers the second
 * one after a second (RFC 6298).
 */
const addressShares = 4;
const longestAddressMs = 2500;

/**
 * A connected socket; over https its handshake is done and the server is who it should be. Throws Failure `connect/...`, `tls/...`,
 * `inventory/unreadable` (a CA or key file), or that of `signal`; always with effect `none`.
 */
export async function openSocket(endpoint: SocketEndpoint, where: string, signal?: AbortSignal): Promise<net.Socket> {
  const { address, port, connectMs, scheme, proxy } = endpoint;
  const context = scheme === 'https' ? await loadTrustContext(endpoint) : null;
  const over = new AbortController();
  const abort = (): void => {
    over.abort();
  };
  const timer = setTimeout(abort, connectMs);
  const stopListening = listenForAbort(signal, abort);
  const failed = (error: unknown): Failure => {
    if (signal?.aborted === true) return createAbortFailure(signal, where, 'none');
    const shown = over.signal.aborted ? Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' }) : error;
    return createConnectFailure(shown, where, scheme, connectMs);
  };
  try {
    const goal = proxy ?? { host: address, port };
    const plain = await waitForConnection(
      net.connect({
        host: goal.host,
        port: goal.port,
        noDelay: true,
        keepAlive: true,
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: Math.max(10, Math.min(longestAddressMs, Math.floor(connectMs / addressShares))),
        ...(endpoint.lookup === undefined ? {} : { lookup: endpoint.lookup }),
      }),
      'connect',
      over.signal,
      (error) =>
        proxy === undefined || over.signal.aborted ? failed(error) : createProxySocketFailure(error, where, proxy),
    );
    if (proxy !== undefined) await openTunnel(plain, { address, port, proxy, where, signal: over.signal, failed });
    if (context === null) return plain;
    const name = endpoint.tlsServerName ?? address;
    const secured = tls.connect({
      socket: plain,
      ...createTlsOptions(name, context, endpoint.tls, endpoint.protocols),
    });
    return await waitForConnection(secured, 'secureConnect', over.signal, failed, () => fingerprintFailure(secured));
  } finally {
    clearTimeout(timer);
    stopListening();
  }

  function fingerprintFailure(socket: tls.TLSSocket): Failure | null {
    const wanted = endpoint.tls?.fingerprint ?? null;
    if (wanted === null) return null;
    const found = readPeerFingerprint(socket);
    return found === wanted ? null : createFingerprintFailure(where, wanted, found);
  }
}

/**
 * Waits for `event`. The listener for errors stays for the socket's life and closes it: Node tells of a TLS alert that comes after the
 * handshake without closing anything.
 */
function waitForConnection<S extends net.Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
  failed: (error: unknown) => Failure,
  judge: () => Failure | null = () => null,
): Promise<S> {
  return new Promise((resolve, reject) => {
    let stopListening = (): void => undefined;
    const fail = (failure: Failure): void => {
      stopListening();
      socket.destroy();
      reject(failure);
    };
    stopListening = listenForAbort(signal, () => {
      fail(failed(signal.reason));
    });
    socket.on('error', (error) => {
      fail(failed(error));
    });
    const onClose = (): void => {
      fail(failed(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    };
    socket.once('close', onClose);
    socket.once(event, () => {
      const refusal = judge();
      if (refusal !== null) {
        fail(refusal);
        return;
      }
      stopListening();
      socket.off('close', onClose);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}
