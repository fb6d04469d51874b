// What of a connection's settings is unsafe or contradicts itself. PURE; the one place for these rules: the inventory says them beside
// file and line, and no socket is opened and no secret asked for while one is broken.
import type { Connection } from './target.ts';

/** The setting that breaks a rule. */
export type RuledSetting =
  'auth' | 'validation' | 'fingerprint' | 'minVersion' | 'clientCertificate' | 'keytab' | 'proxy' | 'username';

export interface BrokenRule {
  readonly setting: RuledSetting;
  /** `unsafe`: something secret could be seen or given away; `impossible`: it can't work. */
  readonly kind: 'unsafe' | 'impossible';
  readonly message: string;
  /** What to write instead; null when the message says it. */
  readonly fix: string | null;
}

/** All broken rules, the gravest first. Empty for a sound connection. */
export function findBrokenRules(connection: Connection): readonly BrokenRule[] {
  const { auth, scheme, address, username, kerberos, tls, clientCertificate, proxy } = connection;
  const found: BrokenRule[] = [];
  const rule = (
    isBroken: boolean,
    setting: RuledSetting,
    kind: BrokenRule['kind'],
    message: string,
    fix: string | null = null,
  ): void => {
    if (isBroken) found.push({ setting, kind, message, fix });
  };
  const overHttp = scheme === 'http';
  const isPinned = (tls?.fingerprint ?? null) !== null;
  const ignores = tls?.validation === 'ignore';
  const ticketFrom = kerberos?.ticketFrom.kind ?? 'cache';
  rule(
    auth === 'basic' && overHttp,
    'auth',
    'unsafe',
    'basic sends the password in clear over http',
    'write auth: ntlm or scheme: https',
  );
  rule(
    auth === 'basic' && ignores && !overHttp,
    'validation',
    'unsafe',
    'basic would give the password to any machine that answers',
    'write ca_file or tls_fingerprint instead of certificate_validation: ignore',
  );
  rule(
    auth === 'certificate' && ignores,
    'validation',
    'unsafe',
    'a client certificate goes to verified servers only',
    'write ca_file or tls_fingerprint instead of certificate_validation: ignore',
  );
  rule(
    auth === 'certificate' && overHttp,
    'auth',
    'impossible',
    'a client certificate needs TLS',
    'write scheme: https',
  );
  rule(
    auth === 'certificate' && clientCertificate === undefined,
    'auth',
    'impossible',
    'certificate needs client_certificate_file and client_key_file, or client_pfx_file',
  );
  rule(
    auth !== 'certificate' && clientCertificate !== undefined,
    'clientCertificate',
    'impossible',
    `a client certificate counts with auth: certificate only, and auth is ${auth}`,
  );
  rule(
    auth === 'certificate' && tls?.minVersion === '1.3',
    'minVersion',
    'impossible',
    'Windows takes client certificates over TLS 1.2 only',
    'write tls_min_version: "1.2"',
  );
  rule(
    auth === 'kerberos' && (kerberos?.hostname ?? null) === null && isAddress(address),
    'auth',
    'impossible',
    'Kerberos knows hosts by name, not by IP address',
    'write a name as address, or kerberos_hostname',
  );
  rule(
    auth === 'kerberos' && ticketFrom !== 'cache' && (username === '' || username.includes('\\')),
    'username',
    'impossible',
    `to get a Kerberos ticket with a ${ticketFrom} the account must be written user@REALM`,
  );
  rule((auth === 'ntlm' || auth === 'basic') && username === '', 'username', 'impossible', `${auth} needs a user name`);
  rule(
    ticketFrom === 'keytab' && auth !== 'kerberos' && auth !== 'negotiate',
    'keytab',
    'impossible',
    `a keytab is for auth: kerberos or negotiate, and auth is ${auth}`,
  );
  rule(
    isPinned && overHttp,
    'fingerprint',
    'impossible',
    'over http there is no certificate whose fingerprint could be looked at',
    'write scheme: https',
  );
  rule(
    isPinned && ignores,
    'fingerprint',
    'impossible',
    'a fingerprint is a check of the certificate, and certificate_validation: ignore forbids any',
    'write one of them',
  );
  rule(
    proxy !== undefined && overHttp,
    'proxy',
    'impossible',
    'through a proxy http is not possible: the logon and its encryption belong to one connection, and a plain proxy may share or split it',
    'write scheme: https',
  );
  return found;
}

/** Why `auth: negotiate` does not even try Kerberos, and the setting that it lies with; null: it does. `hostname`: of `KerberosSettings`. */
export function explainNoKerberos(of: {
  readonly address: string;
  readonly username: string;
  readonly hostname: string | null;
  readonly isFromCache: boolean;
}): { readonly setting: 'address' | 'username'; readonly reason: string } | null {
  if (of.hostname === null && isAddress(of.address)) {
    return { setting: 'address', reason: 'the host is reached by its IP address' };
  }
  if (of.isFromCache || of.username.includes('@')) return null;
  return { setting: 'username', reason: 'the account is not written user@REALM' };
}

/** True for an IPv4 or IPv6 address, with or without a zone. */
export function isAddress(host: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.includes(':');
}
