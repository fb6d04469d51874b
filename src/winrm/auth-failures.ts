// What a 401 means at each point of the conversation, worded for a person. PURE. It names the account, never its password.
// Source: wsman.md section 2.13 (causes seen in the field).
import { Failure } from '../model/failure.ts';
import { formatSchemes } from './challenges.ts';
import type { Challenge } from './challenges.ts';

export interface LogonNames {
  readonly where: string;
  readonly username: string;
  readonly scheme: 'http' | 'https';
}

/** The server saw the proof of the password and said no. Trying again would only help to lock the account. */
export function failureOfRefusedLogon(names: LogonNames, offered: readonly Challenge[]): Failure {
  const { where, username, scheme } = names;
  const causes = [
    'is the password right, and the account not locked, disabled or expired?',
    username.includes('\\') || username.includes('@')
      ? null
      : 'an account of a domain is written DOMAIN\\user or user@domain, one of the host itself .\\user;',
    scheme === 'https'
      ? 'a proxy that opens TLS on the way breaks the channel binding, and a strict host then refuses;'
      : null,
  ].filter((one) => one !== null);
  return new Failure(
    'auth/refused',
    `${where}: the logon of ${username} was refused (HTTP 401; the server offers: ${formatSchemes(offered)})`,
    { where, hint: causes.join(' ').replace(/;$/, '') },
  );
}

/** The server does not offer the scheme we speak. */
export function failureOfMissingScheme(names: LogonNames, wanted: string, offered: readonly Challenge[]): Failure {
  const { where } = names;
  const setting = wanted === 'Basic' ? 'Basic' : 'Negotiate';
  return new Failure(
    'auth/unsupported',
    `${where}: the server offers no ${wanted} authentication (it offers: ${formatSchemes(offered)})`,
    { where, hint: `on the host: winrm set winrm/config/service/auth @{${setting}="true"}` },
  );
}

/** Negotiate is offered, but the server doesn't go into NTLM. */
export function failureOfDeclinedNtlm(names: LogonNames): Failure {
  const { where } = names;
  return new Failure('auth/unsupported', `${where}: the server offers Negotiate, but does not accept NTLM`, {
    where,
    hint: 'a policy may restrict NTLM ("Restrict NTLM: Incoming NTLM traffic"); https with basic works without it',
  });
}

/** An authenticated connection was asked for a logon again: nothing ran, a new connection may do. */
export function failureOfLostLogon(names: LogonNames): Failure {
  const { where } = names;
  return new Failure('auth/refused', `${where}: the server forgot the logon of this connection (HTTP 401)`, {
    where,
    hint: 'something between may share connections among clients; reach the host without it',
    retry: 'new-session',
    effect: 'none',
  });
}
