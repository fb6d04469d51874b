// I/O: which certificate authorities an https connection trusts (those of a PEM file, or the system's) and which certificate of our own
// it shows. It reads files and makes no connection.
import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import * as tls from 'node:tls';
import { readInput, readTextInput } from '../../files/read-input.ts';
import { Failure } from '../../model/failure.ts';
import type { TlsSettings } from '../../model/target.ts';

/** Our own certificate and its key. `passphrase`: null for a key that is not encrypted. */
export type ClientKey = { readonly passphrase: string | null } & (
  | { readonly kind: 'pem'; readonly certificateFile: string; readonly keyFile: string }
  | { readonly kind: 'pfx'; readonly file: string }
);

export interface TrustOptions {
  readonly caFile: string | null;
  readonly tls?: TlsSettings | undefined;
  readonly clientKey?: ClientKey | undefined;
}

/** Where Linux distributions keep the system's CA bundle; Node's own list has only public authorities. */
const systemBundles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'];
const trustContexts = new Map<string, Promise<tls.SecureContext>>();

/**
 * Made once for the same files: 200 hosts share it. A file that could not be read is tried again next time.
 * Throws Failure `inventory/unreadable`.
 */
export function loadTrustContext(options: TrustOptions): Promise<tls.SecureContext> {
  const { caFile, tls: settings, clientKey } = options;
  const files = clientKey === undefined ? [] : listFiles(clientKey);
  const key = JSON.stringify([caFile, settings?.minVersion, files]);
  let context = trustContexts.get(key);
  if (context === undefined) {
    context = makeTrustContext(options);
    context.catch(() => trustContexts.delete(key));
    trustContexts.set(key, context);
  }
  return context;
}

/**
 * Options of a TLS connection whose server must prove to be `name`, a host name or an address; or show the pinned certificate, which
 * the caller looks at; or be anybody, when verification is switched off.
 */
export function createTlsOptions(
  name: string,
  context: tls.SecureContext,
  settings: TlsSettings | undefined,
  protocols: readonly string[] = ['http/1.1'],
): tls.ConnectionOptions {
  return {
    secureContext: context,
    rejectUnauthorized: (settings?.fingerprint ?? null) === null && settings?.validation !== 'ignore',
    minVersion: toMinVersion(settings),
    ...(protocols.length === 0 ? {} : { ALPNProtocols: [...protocols] }),
    // An address is not allowed as SNI (RFC 6066 section 3), but the certificate must bear it all the same.
    servername: isIP(name) === 0 ? name : '',
    checkServerIdentity: (_host, certificate) => tls.checkServerIdentity(name, certificate),
  };
}

/** SHA-256 over the server's certificate: 64 hex digits in capitals, or null when it showed none. */
export function readPeerFingerprint(socket: tls.TLSSocket): string | null {
  return readPeerCertificate(socket)?.fingerprint256.replaceAll(':', '') ?? null;
}

const shown = new WeakMap<tls.TLSSocket, X509Certificate | null>();

/** What the server showed; null = nothing. Node gives it out only once for a socket (seen on Node 20), so it is kept. */
export function readPeerCertificate(socket: tls.TLSSocket): X509Certificate | null {
  const known = shown.get(socket);
  if (known !== undefined) return known;
  const certificate = socket.getPeerX509Certificate() ?? null;
  shown.set(socket, certificate);
  return certificate;
}

async function makeTrustContext({ caFile, tls: settings, clientKey }: TrustOptions): Promise<tls.SecureContext> {
  const versions: tls.SecureContextOptions = {
    minVersion: toMinVersion(settings),
    // Windows asks for a client certificate again after the handshake, which TLS 1.3 does in a way that fails (wsman.md 2.1).
    ...(clientKey === undefined ? {} : { maxVersion: 'TLSv1.2' }),
  };
  const ca = caFile === null ? await loadSystemAuthorities() : await loadAuthorities(caFile);
  if (clientKey === undefined) return tls.createSecureContext({ ca, ...versions });
  const own = await readClientKey(clientKey);
  try {
    return tls.createSecureContext({ ca, ...versions, ...own });
  } catch (thrown) {
    throw unusable(listFiles(clientKey)[0], "the client certificate and its key can't be used", thrown, [
      'is the passphrase right (`password` in the inventory), and do certificate and key belong together?',
      'a PFX that Windows made in the old way is rewritten with `openssl pkcs12 -legacy -in old.pfx -nodes -out new.pem`',
    ]);
  }
}

function toMinVersion(settings: TlsSettings | undefined): tls.SecureVersion {
  return settings?.minVersion === '1.3' ? 'TLSv1.3' : 'TLSv1.2';
}

async function loadSystemAuthorities(): Promise<string[]> {
  const bundle = systemBundles.find((path) => existsSync(path));
  return [...tls.rootCertificates, ...(bundle === undefined ? [] : [await readTextInput(bundle)])];
}

const mostKeyBytes = 1024 * 1024;

async function loadAuthorities(caFile: string): Promise<string> {
  try {
    const pem = await readTextInput(caFile);
    new X509Certificate(pem);
    return pem;
  } catch (thrown) {
    throw unusable(caFile, "the CA file can't be used", thrown, ['expected a PEM file with one or more certificates']);
  }
}

async function readClientKey(clientKey: ClientKey): Promise<tls.SecureContextOptions> {
  const passphrase = clientKey.passphrase === null ? {} : { passphrase: clientKey.passphrase };
  const read = async (file: string): Promise<Buffer> => {
    try {
      return await readInput(file, { maxBytes: mostKeyBytes });
    } catch (thrown) {
      throw unusable(file, "the client certificate or its key can't be read", thrown, [
        'name files that this user may read: client_certificate_file and client_key_file, or client_pfx_file',
      ]);
    }
  };
  if (clientKey.kind === 'pfx') return { pfx: await read(clientKey.file), ...passphrase };
  return { cert: await read(clientKey.certificateFile), key: await read(clientKey.keyFile), ...passphrase };
}

function listFiles(clientKey: ClientKey): readonly [string, ...string[]] {
  return clientKey.kind === 'pfx' ? [clientKey.file] : [clientKey.certificateFile, clientKey.keyFile];
}

function unusable(file: string, what: string, thrown: unknown, fixes: readonly string[]): Failure {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure('inventory/unreadable', `${what}: ${file}: ${reason}`, {
    hint: fixes.join('; '),
    cause: thrown,
  });
}
