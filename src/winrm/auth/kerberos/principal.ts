// Names in Kerberos: who logs on. PURE. Source: RFC 4120 section 6.

/**
 * The principal of `user@realm`, its realm in capitals as every Windows domain has it; of `user`, which is then of the default
 * realm. Null for `DOMAIN\user`: a NetBIOS name tells no realm.
 */
export function toPrincipal(username: string): string | null {
  if (username === '' || username.includes('\\')) return null;
  const at = username.lastIndexOf('@');
  return at < 0 ? username : `${username.slice(0, at)}@${username.slice(at + 1).toUpperCase()}`;
}

/**
 * True when a ticket of `principal` (`ops@CORP.EXAMPLE`) is one of the account that was named. `CORP\ops` counts when CORP is the
 * first label of the realm, as it most often is; where it isn't, the ticket is left alone. Windows may tell the NetBIOS name of the domain
 * in place of the realm (`ops@CORP`); that is compared with the first label of what was written.
 */
export function isSamePrincipal(principal: string, username: string): boolean {
  const at = principal.lastIndexOf('@');
  const user = principal.slice(0, at).toLowerCase();
  const realm = principal.slice(at + 1).toLowerCase();
  const written = username.toLowerCase();
  const cut = written.indexOf('\\');
  if (cut >= 0) return written.slice(cut + 1) === user && realm.split('.')[0] === written.slice(0, cut);
  const [, suffix = ''] = /@([^@]*)$/.exec(written) ?? [];
  if (suffix !== '' && !realm.includes('.')) return written === `${user}@${suffix}` && suffix.split('.')[0] === realm;
  return written.includes('@') ? written === `${user}@${realm}` : written === user;
}
