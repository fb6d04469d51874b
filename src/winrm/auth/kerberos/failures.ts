// What a status of the Kerberos library means, worded for a person. PURE. Numbers: krb5_err.et and kv5m_err.et of MIT Kerberos (com_err
// table "krb5"; up to 127 they are the error codes of RFC 4120 section 7.5.9), routine errors of RFC 2744 section 3.9.1.
import { Failure } from '../../../model/failure.ts';
import type { FailureCode } from '../../../model/failure.ts';

/** A status as kerberos.ts hands it out. */
export interface KerberosStatus {
  readonly routine: number;
  readonly minor: number;
  readonly words: string;
}

export interface KerberosNames {
  /** `ex01:5985` */
  readonly where: string;
  /** Who logs on, as it was written; empty: whoever the ticket is of. */
  readonly username: string;
  /** `HTTP/ex01.corp.example`; null while only the own ticket is asked for. */
  readonly service: string | null;
  /** How a ticket is got, when it isn't with `kinit`. */
  readonly ticketCure?: string | undefined;
}

/** -1765328384 as the unsigned number that a minor status is. */
export const krb5Base = 2_529_638_912;
/** Numbers within the com_err table "krb5". */
export const kerberosCodes = {
  clientExpired: 1,
  clientUnknown: 6,
  serviceUnknown: 7,
  policy: 12,
  noCommonEncryption: 14,
  clientRevoked: 18,
  passwordExpired: 23,
  preauthenticationFailed: 24,
  badIntegrity: 31,
  ticketExpired: 32,
  ticketNotYetValid: 33,
  notForUs: 35,
  clockSkew: 37,
  modified: 41,
  badKeyVersion: 44,
  noKey: 45,
  wrongRealm: 68,
  notFoundInCache: 141,
  clockSkewInReply: 148,
  realmUnknown: 154,
  kdcUnreachable: 156,
  keytabHasNoEntry: 181,
  cacheMissing: 195,
  passwordWrong: 210,
  hostRealmUnknown: 217,
  realmNotResolved: 220,
  noDefaultRealm: 224,
} as const;
const routines = { badBindings: 4, noCredential: 7, credentialExpired: 11 } as const;

const ntlmInstead = 'or use `auth: ntlm`';

/** The Failure for a status. Nothing was carried out on the host. */
export function createKerberosFailure(status: KerberosStatus, names: KerberosNames): Failure {
  const { where, service } = names;
  const account = names.username === '' ? 'the account of the ticket cache' : names.username;
  const make = (code: FailureCode, message: string, hint: string, retry: 'never' | 'new-session' = 'never') =>
    new Failure(code, message, { where, hint, retry, effect: 'none' });
  const target = service ?? 'the service';
  switch (status.minor - krb5Base) {
    case kerberosCodes.serviceUnknown:
      return make(
        'auth/kerberos-service',
        `the domain knows no service ${target}`,
        'reach the host by the full name that the domain knows, name it with `kerberos_hostname`, or another service with `kerberos_service`; in krb5.conf `rdns = false` keeps the name as it is written',
      );
    case kerberosCodes.modified:
      return createUnreadTicketFailure(names);
    case kerberosCodes.clientUnknown:
      return make(
        'auth/refused',
        `the domain knows no account ${account}`,
        'write user@REALM, the realm being the DNS name of the domain in capitals',
      );
    case kerberosCodes.badIntegrity:
    case kerberosCodes.preauthenticationFailed:
    case kerberosCodes.passwordWrong:
      return make(
        'auth/refused',
        `the logon of ${account} was refused by the domain: wrong password`,
        'is the password (or the keytab) right? It is not tried again, so that no account is locked',
      );
    case kerberosCodes.clientRevoked:
    case kerberosCodes.clientExpired:
    case kerberosCodes.passwordExpired:
    case kerberosCodes.policy:
      return make(
        'auth/refused',
        `the logon of ${account} was refused by the domain (${status.words})`,
        'the account is locked, disabled or expired, its password is to be changed, or a policy forbids this logon',
      );
    case kerberosCodes.ticketExpired:
      return make(
        'auth/kerberos-ticket',
        `the ticket of ${account} has expired`,
        `get a new one: ${suggestKinit(names)}`,
      );
    case kerberosCodes.notFoundInCache:
    case kerberosCodes.cacheMissing:
      return createNoTicketFailure(names);
    case kerberosCodes.keytabHasNoEntry:
      return make(
        'auth/kerberos-ticket',
        `the keytab has no key of ${account}`,
        'look into it with `klist -k FILE`; the name must be written as it is there',
      );
    case kerberosCodes.clockSkew:
    case kerberosCodes.clockSkewInReply:
    case kerberosCodes.ticketNotYetValid:
      return make(
        'auth/kerberos-clock',
        'the clocks differ by more than Kerberos allows',
        'set the clock of this machine (`timedatectl`), and look at those of the domain controller and the host',
      );
    case kerberosCodes.realmUnknown:
    case kerberosCodes.wrongRealm:
    case kerberosCodes.hostRealmUnknown:
    case kerberosCodes.realmNotResolved:
    case kerberosCodes.noDefaultRealm:
      return make(
        'auth/kerberos-realm',
        `no domain controller is known for the realm ${service === null ? `of ${account}` : `of ${target}`}`,
        `write user@REALM with the DNS name of the domain in capitals; name its KDC in krb5.conf when DNS doesn't, ${ntlmInstead}`,
      );
    case kerberosCodes.kdcUnreachable:
      return createSilentKdcFailure(names, null);
    case kerberosCodes.noCommonEncryption:
      return make(
        'auth/kerberos-failed',
        `the domain has no key of ${target} that this machine may use (${status.words})`,
        'give the account of the host AES keys, or allow what it has in krb5.conf (permitted_enctypes)',
      );
    default:
      break;
  }
  if (status.routine === routines.credentialExpired) {
    return make(
      'auth/kerberos-ticket',
      `the ticket of ${account} has expired`,
      `get a new one: ${suggestKinit(names)}`,
    );
  }
  if (status.routine === routines.noCredential && status.minor === 0) return createNoTicketFailure(names);
  return make(
    'auth/kerberos-failed',
    `Kerberos failed: ${status.words}`,
    `\`KRB5_TRACE=/dev/stderr\` before the command shows what the library does; ${ntlmInstead}`,
  );
}

/** The Failure for a KRB-ERROR of the host (RFC 4120 section 5.9.1). Its numbers are those of the domain, which has no part in it. */
export function createRefusalFailure(status: KerberosStatus, names: KerberosNames): Failure {
  const { where } = names;
  switch (status.minor - krb5Base) {
    case kerberosCodes.clockSkew:
    case kerberosCodes.ticketNotYetValid:
      return createKerberosFailure(status, names);
    case kerberosCodes.modified:
    case kerberosCodes.badIntegrity:
    case kerberosCodes.notForUs:
    case kerberosCodes.badKeyVersion:
    case kerberosCodes.noKey:
      return createUnreadTicketFailure(names);
    case kerberosCodes.ticketExpired:
      return new Failure('auth/kerberos-clock', 'the host says the ticket has expired', {
        where,
        hint: `compare the clocks of the host and of this machine, or get a new ticket: ${suggestKinit(names)}`,
      });
    default:
      return createRejectedLogonFailure(status, names);
  }
}

/** The Failure for the host's own proof of who it is, when the library does not take it. */
export function createProofFailure(status: KerberosStatus, names: KerberosNames): Failure {
  const { where } = names;
  if (status.minor - krb5Base !== kerberosCodes.badIntegrity) return createRejectedLogonFailure(status, names);
  return new Failure('auth/server', `the host's proof of identity is invalid`, {
    where,
    hint: 'something between here and the host may be answering in its place; connect without it',
  });
}

function createRejectedLogonFailure(status: KerberosStatus, { where }: KerberosNames): Failure {
  return new Failure('auth/refused', `the host refused the Kerberos logon (${status.words})`, {
    where,
    hint:
      'another account may hold the name of the host (try `kerberos_service: WSMAN`), or the account may not log on over the network; ' +
      'over https a proxy that intercepts TLS breaks the channel binding',
  });
}

function createUnreadTicketFailure(names: KerberosNames): Failure {
  const { where, service } = names;
  const message = `the host can't read the ticket for ${service ?? 'the service'}: it is made with the key of another account`;
  return new Failure('auth/kerberos-service', message, {
    where,
    hint:
      'a web application may own HTTP/host: try `kerberos_service: WSMAN` or `host`; if the host has rejoined the domain, the ticket ' +
      `is an old one: ${suggestKinit(names)}`,
    effect: 'none',
  });
}

/** True when the domain saw a password (or key) and said no: trying again brings the account nearer to being locked. */
export function isRefusedByDomain(status: KerberosStatus): boolean {
  const refusals: readonly number[] = [
    ...[kerberosCodes.badIntegrity, kerberosCodes.preauthenticationFailed, kerberosCodes.passwordWrong],
    ...[
      kerberosCodes.clientUnknown,
      kerberosCodes.clientRevoked,
      kerberosCodes.clientExpired,
      kerberosCodes.passwordExpired,
      kerberosCodes.policy,
    ],
  ];
  return refusals.includes(status.minor - krb5Base);
}

export function createNoTicketFailure(names: KerberosNames): Failure {
  const whose = names.username === '' ? '' : ` of ${names.username}`;
  return new Failure('auth/kerberos-ticket', `there is no Kerberos ticket${whose}`, {
    where: names.where,
    hint: `get one: ${suggestKinit(names)}; or give a password or a keytab in the inventory`,
  });
}

/** `waitedMs`: our own patience ended; null: the library's did. */
export function createSilentKdcFailure(names: KerberosNames, waitedMs: number | null): Failure {
  const wait = waitedMs === null ? '' : ` within ${waitedMs} ms`;
  return new Failure('auth/kerberos-kdc', `no domain controller answered${wait}`, {
    where: names.where,
    hint: `does a firewall let port 88 through to the domain controllers, and does krb5.conf (on Windows DNS: \`nltest /dsgetdc:REALM\`) name the right ones? ${ntlmInstead}`,
    retry: 'new-session',
  });
}

function suggestKinit({ username, ticketCure }: KerberosNames): string {
  if (ticketCure !== undefined) return ticketCure;
  return username.includes('@') ? `\`kinit ${username}\`` : '`kinit user@REALM`';
}
