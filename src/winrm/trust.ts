// I/O: which certificate authorities an https connection trusts: those of a PEM file, or the system's. It reads files; it makes no
// connection and never switches verification off.
import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import * as tls from 'node:tls';
import { Failure } from '../model/failure.ts';

/** Where Linux distributions keep the system's CA bundle; Node's own list has only public authorities. */
const systemBundles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'];
const trustContexts = new Map<string, Promise<tls.SecureContext>>();

/**
 * Parsed once for each CA file: 200 hosts share it. A file that could not be read is tried again next time.
 * Throws Failure `inventory/unreadable`.
 */
export function trustContext(caFile: string | null): Promise<tls.SecureContext> {
  const key = caFile ?? '';
  let context = trustContexts.get(key);
  if (context === undefined) {
    context = makeTrustContext(caFile);
    context.catch(() => trustContexts.delete(key));
    trustContexts.set(key, context);
  }
  return context;
}

async function makeTrustContext(caFile: string | null): Promise<tls.SecureContext> {
  if (caFile === null) {
    const bundle = systemBundles.find((path) => existsSync(path));
    const system = bundle === undefined ? [] : [await readFile(bundle, 'utf8')];
    return tls.createSecureContext({ ca: [...tls.rootCertificates, ...system], minVersion: 'TLSv1.2' });
  }
  try {
    const pem = await readFile(caFile, 'utf8');
    new X509Certificate(pem);
    return tls.createSecureContext({ ca: pem, minVersion: 'TLSv1.2' });
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Failure('inventory/unreadable', `the CA file can't be used: ${reason}`, {
      where: caFile,
      hint: 'expected a PEM file with one or more certificates',
      cause: thrown,
    });
  }
}

/** Options of a TLS connection whose server must prove to be `name`, a host name or an address. */
export function verification(name: string, context: tls.SecureContext): tls.ConnectionOptions {
  return {
    secureContext: context,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    // An address is not allowed as SNI (RFC 6066 section 3), but the certificate must bear it all the same.
    servername: isIP(name) === 0 ? name : '',
    checkServerIdentity: (_host, certificate) => tls.checkServerIdentity(name, certificate),
  };
}
