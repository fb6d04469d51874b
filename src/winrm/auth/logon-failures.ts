// What a 401 means at each point of the conversation, worded for a person. PURE. It names the account, never its password.
// Source: wsman.md section 2.13 (causes seen in the field).
import { Failure } from '../../model/failure.ts';
import type { SecurityContext } from './security-context.ts';
import { formatSchemes } from './challenges.ts';
import type { Challenge } from './challenges.ts';

export interface LogonNames {
  readonly where: string;
  readonly username: string;
  readonly scheme: 'http' | 'https';
}

/** The server saw the proof and said no. Trying again would only help to lock the account. */
export function createRefusedLogonFailure(
  names: LogonNames,
  method: SecurityContext['method'],
  offered: readonly Challenge[],
): Failure {
  const { where, username } = names;
  const whose = username === '' ? '' : ` of ${username}`;
  return new Failure(
    'auth/refused',
    `the ${logonWords[method]}${whose} was refused (HTTP 401; the server offers: ${formatSchemes(offered)})`,
    { where, hint: suggestFix(names, method) },
  );
}

const logonWords: Readonly<Record<SecurityContext['method'], string>> = {
  ntlm: 'logon',
  basic: 'logon',
  kerberos: 'Kerberos logon',
  certificate: 'logon by the client certificate',
};

function suggestFix({ username, scheme }: LogonNames, method: SecurityContext['method']): string {
  if (method === 'certificate') {
    return 'on the host: is Certificate on (winrm get winrm/config/service/auth), is the certificate mapped to one local account (winrm enumerate winrm/config/service/certmapping), and is its CA trusted there?';
  }
  if (method === 'kerberos') {
    return (
      'the domain issued a ticket, but the host rejected it: another account may hold the name (try `kerberos_service: WSMAN`), ' +
      'the clocks may differ, or the account may not log on over the network' +
      (scheme === 'https' ? '; a proxy that intercepts TLS breaks the channel binding' : '')
    );
  }
  const causes = [
    'check the password, and that the account is not locked, disabled or expired;',
    username.includes('\\') || username.includes('@')
      ? null
      : 'an account of a domain is written DOMAIN\\user or user@domain, one of the host itself .\\user;',
    scheme === 'https'
      ? 'a proxy that intercepts TLS breaks the channel binding, and a strict host then refuses;'
      : null,
  ].filter((one) => one !== null);
  return causes.join(' ').replace(/;$/, '');
}

/** The server does not offer the scheme we speak. */
export function createMissingSchemeFailure(
  names: LogonNames,
  wanted: 'Negotiate' | 'Kerberos' | 'Basic',
  offered: readonly Challenge[],
): Failure {
  const { where } = names;
  const takesKerberos = wanted === 'Negotiate' && offered.some((one) => one.scheme.toLowerCase() === 'kerberos');
  const hint = takesKerberos
    ? suggestKerberos(names)
    : `on the host: winrm set winrm/config/service/auth @{${wanted}="true"}`;
  return new Failure(
    'auth/unsupported',
    `the server offers no ${wanted} authentication (it offers: ${formatSchemes(offered)})`,
    { where, hint },
  );
}

/** With Kerberos both sides prove who they are; an answer without the server's proof is not read. */
export function createMissingProofFailure(names: LogonNames, effect: 'none' | 'unknown'): Failure {
  const { where } = names;
  return new Failure('auth/server', `the server did not prove its identity`, {
    where,
    hint: 'something between here and the host may be answering in its place; connect without it',
    effect,
  });
}

/** Negotiate is offered, but the server doesn't go into NTLM. */
export function createDeclinedNtlmFailure(names: LogonNames): Failure {
  const { where } = names;
  return new Failure('auth/unsupported', 'the server offers Negotiate, but does not accept NTLM', {
    where,
    hint: `${suggestKerberos(names)}; a policy may restrict NTLM there ("Restrict NTLM: Incoming NTLM traffic")`,
  });
}

/** What the account must look like for a host that takes Kerberos only. */
function suggestKerberos({ username }: LogonNames): string {
  const [, domain, user] = /^([^\\]+)\\(.+)$/.exec(username) ?? [];
  if (domain === '.') return 'the host takes Kerberos only: use an account of its domain, written user@REALM';
  if (user !== undefined) {
    return `the host takes Kerberos only: write the account as ${user}@REALM, with the full name of the domain ${domain ?? ''} in capitals as REALM`;
  }
  return username.includes('@')
    ? 'the host takes Kerberos only: write auth: kerberos, which says why there is no ticket'
    : 'the host takes Kerberos only: write the account as user@REALM, and auth: kerberos';
}

/** An authenticated connection was asked for a logon again: nothing ran, a new connection may do. */
export function createLostLogonFailure(names: LogonNames): Failure {
  const { where } = names;
  return new Failure('auth/refused', `the server no longer accepts the logon on this connection (HTTP 401)`, {
    where,
    hint: 'a proxy may share connections between clients; connect without it',
    retry: 'new-session',
    effect: 'none',
  });
}
