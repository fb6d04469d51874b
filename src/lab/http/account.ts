// The one account of a simulated server that has a password, and what a client may call it. PURE. Source: RFC 7617.
export interface Account {
  readonly domain: string;
  readonly user: string;
  readonly password: string;
}

/** User names and domains compare without case; no domain means the server's own, and `user@domain` is one name. */
export function findPassword(account: Account, user: string, domain: string): string | null {
  const [name = '', realm = domain] = user.split('@', 2);
  if (name.toUpperCase() !== account.user.toUpperCase()) return null;
  const netBios = realm.split('.')[0] ?? '';
  return netBios === '' || netBios.toUpperCase() === account.domain.toUpperCase() ? account.password : null;
}

/**
 * RFC 7617 leaves the character set open: clients written in Python send ISO 8859-1, others UTF-8. What Windows makes of
 * either was never recorded; the lab takes both.
 */
export function checkBasicCredentials(account: Account, credentials: string): string | null {
  const bytes = Buffer.from(credentials, 'base64');
  return matchUser(account, bytes.toString('utf8')) ?? matchUser(account, bytes.toString('latin1'));
}

function matchUser(account: Account, text: string): string | null {
  const colon = text.indexOf(':');
  const [, domain = '', user = ''] = /^(?:([^\\]*)\\)?(.*)$/s.exec(text.slice(0, colon)) ?? [];
  if (colon < 0 || findPassword(account, user, domain) !== text.slice(colon + 1)) return null;
  return `${account.domain}\\${account.user}`;
}
