// What can go wrong with a socket or a certificate, worded for a person. PURE: it gets the error and the names. Status lines are
// status-failures.ts; which requests are sent again is decided in reconnecting-channel.ts and shell.ts, from `retry` and `effect`.
// Source of the codes: Node's errors.md (system and TLS errors), X509_V_ERR names of OpenSSL.
import { cutText } from '../../model/text/cut-text.ts';
import { readErrnoCode } from '../../model/failures/errno-code.ts';
import { Failure } from '../../model/failure.ts';
import type { FailureCode } from '../../model/failure.ts';
import type { Proxy } from '../../model/target.ts';

/** `ex01:5986`, `[fe80::1]:5985`. */
export function formatHostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Thrown by the socket layer before a connection exists. `where` is `formatHostPort`; nothing can have been carried out. */
export function createConnectFailure(
  error: unknown,
  where: string,
  scheme: 'http' | 'https',
  connectMs: number,
): Failure {
  const code = readErrnoCode(error);
  const make = (failure: FailureCode, message: string, hint: string, retry: 'never' | 'new-session' = 'new-session') =>
    new Failure(failure, message, { where, hint, retry, effect: 'none', cause: error });
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NONAME':
    case 'EAI_FAIL':
    case 'ERR_INVALID_URL':
      return make(
        'connect/name',
        'the name could not be resolved to an address',
        'check the spelling and the DNS server of this machine, or give an address (ansible_host)',
        code === 'EAI_AGAIN' ? 'new-session' : 'never',
      );
    case 'ECONNREFUSED':
      return make(
        'connect/refused',
        'nothing listens on this port (connection refused)',
        `on the host run \`winrm enumerate winrm/config/listener\`; the usual ports are 5985 for http and 5986 for https`,
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
    case 'EACCES':
    case 'EPERM':
      return make(
        'connect/no-route',
        `no route to this address (${code})`,
        'check the routes and firewalls between this machine and the host',
      );
    case 'EMFILE':
    case 'ENFILE':
      return make(
        'connect/lost',
        `too many open files on this machine (${code})`,
        'connect to fewer hosts at once (--concurrency), or raise the limit: `ulimit -n 8192`',
      );
    case 'ETIMEDOUT':
      return make(
        'connect/timeout',
        `no connection within ${connectMs} ms`,
        'check that the host is up and that firewalls allow this port; `fencepost doctor` shows how far the connection gets',
      );
    default:
      break;
  }
  const tls = scheme === 'https' ? createTlsFailure(error, code, where) : null;
  if (tls !== null) return tls;
  return make(
    'connect/lost',
    `the connection failed while it was being set up (${code ?? readMessage(error)})`,
    'try again; if it keeps failing, check the firewalls and load balancers in between',
  );
}

const acceptFix = 'accept this one certificate: `tls_fingerprint: SHA256`, compared on the host itself';

/** Codes of Node's TLS layer (X509_V_ERR_* names, and OpenSSL's own ERR_SSL_*). Null when the error has nothing to do with TLS. */
function createTlsFailure(error: unknown, code: string | null, where: string): Failure | null {
  const make = (failure: FailureCode, message: string, hint: string) =>
    new Failure(failure, message, { where, hint, retry: 'never', effect: 'none', cause: error });
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return make(
        'tls/wrong-name',
        `the certificate does not match the host name: ${readMessage(error)}`,
        'connect with a name from the certificate, or set `tls_server_name` in the inventory',
      );
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return make(
        'tls/untrusted',
        'the certificate is self-signed and not trusted',
        `${acceptFix}; or give the listener a certificate of your CA`,
      );
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return make(
        'tls/untrusted',
        `the certificate is signed by an unknown CA (${code})`,
        `name it: \`ca_file: path/to/ca.pem\` in the inventory (\`ansible_winrm_ca_trust_path\`), with the CAs between; or ${acceptFix}`,
      );
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
    case 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION':
    case 'ERR_SSL_VERSION_TOO_LOW':
      return make(
        'tls/failed',
        `the server supports no TLS version that this client accepts (${code})`,
        'enable TLS 1.2 on the host (SCHANNEL\\Protocols\\TLS 1.2\\Server, Enabled = 1), or check `tls_min_version`',
      );
    case 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE':
    case 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED':
      return make(
        'tls/failed',
        `the server aborted the TLS handshake (${code})`,
        'it may require a client certificate (`auth: certificate`), or have no cipher in common with this machine',
      );
    case 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE':
    case 'ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN':
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
    case 'ERR_SSL_TLSV1_ALERT_ACCESS_DENIED':
      return make(
        'tls/failed',
        `the server rejected the client certificate (${code})`,
        'on the host: is the CA of the certificate among the trusted ones, and is the certificate still valid and for client authentication?',
      );
    case 'CERT_HAS_EXPIRED':
      return make(
        'tls/expired',
        'the certificate has expired',
        `renew the certificate of the https listener; until then ${acceptFix}`,
      );
    case 'CERT_NOT_YET_VALID':
      return make('tls/expired', 'the certificate is not valid yet', 'compare the clocks of this machine and the host');
    case 'ECONNRESET':
    case 'EPIPE':
      return make(
        'tls/failed',
        'the server closed the connection during the TLS handshake',
        'check that the https listener uses this port, has a certificate and allows TLS 1.2',
      );
    default:
      break;
  }
  if (code === null) return null;
  if (
    /^(?:UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_|CRL_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_|ERROR_IN_CERT|ERROR_IN_CRL|PATH_LENGTH)/.test(
      code,
    )
  ) {
    return make(
      'tls/untrusted',
      `the certificate is not trusted (${code})`,
      'name the CA that signed it: `ca_file: path/to/ca.pem` in the inventory (`ansible_winrm_ca_trust_path`)',
    );
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return make(
      'tls/failed',
      'the server does not use TLS on this port',
      'the https listener is usually on 5986; use `scheme: http` with ntlm for port 5985',
    );
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) {
    return make('tls/failed', `the TLS handshake failed (${code})`, 'the host must allow TLS 1.2 or later');
  }
  return null;
}

/** Another certificate than the pinned one. Fingerprints are public, so both are said. */
export function createFingerprintFailure(where: string, wanted: string, found: string | null): Failure {
  return new Failure('tls/untrusted', `expected the certificate ${wanted}, got ${found ?? 'none'}`, {
    where,
    hint: 'was the certificate of the listener renewed? Compare it on the host itself, then change `tls_fingerprint`; otherwise another machine is answering in its place',
  });
}

/** The proxy itself could not be reached; nothing is known of the host. */
export function createProxySocketFailure(error: unknown, where: string, proxy: Proxy): Failure {
  const reason = readErrnoCode(error) ?? readMessage(error);
  return new Failure(
    'connect/proxy',
    `the proxy ${formatHostPort(proxy.host, proxy.port)} cannot be reached (${reason})`,
    { where, hint: 'check `proxy` in the inventory', retry: 'new-session', effect: 'none', cause: error },
  );
}

function readMessage(error: unknown): string {
  return cutText(error instanceof Error ? error.message : String(error));
}
