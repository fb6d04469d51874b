// What a domain controller's result codes mean, worded for a person. PURE. The codes are numbers of RFC 4511; the reasons behind a refused
// bind are Active Directory's (`data 52e` in the server's words: Win32 errors in hex; 80090346: SEC_E_BAD_BINDINGS).
import { Failure } from '../model/failure.ts';
import { cutText } from '../model/text/cut-text.ts';
import type { LdapResult } from './messages.ts';

export const resultCodes = {
  success: 0,
  sizeLimitExceeded: 4,
  strongerAuthRequired: 8,
  referral: 10,
  confidentialityRequired: 13,
  saslBindInProgress: 14,
  noSuchObject: 32,
  invalidCredentials: 49,
  busy: 51,
  unavailable: 52,
  unwillingToPerform: 53,
} as const;

export interface BindNames {
  readonly where: string;
  readonly username: string;
  /** `simple`, or the name of a SASL mechanism. */
  readonly method: string;
  readonly isTls: boolean;
}

const refusals: Readonly<Record<string, string>> = {
  '525': 'there is no such account',
  '52e': 'the account or its password is wrong',
  '530': 'the account may not log on at this time',
  '531': 'the account may not log on from this machine',
  '532': 'the password has expired',
  '533': 'the account is disabled',
  '701': 'the account has expired',
  '773': 'the password has to be changed first',
  '775': 'the account is locked',
};

/** Channel binding was demanded and was not there, or was of another TLS connection. */
const badBindings = '80090346';

export function createBindFailure(result: LdapResult, names: BindNames): Failure {
  const { where, username, method, isTls } = names;
  const { code } = result;
  if (code === resultCodes.strongerAuthRequired || code === resultCodes.confidentialityRequired) {
    return createStrongerAuthFailure(
      result,
      where,
      method === 'simple' ? adviceWithoutSasl : isTls ? adviceInTls : adviceInClear,
    );
  }
  if (code !== resultCodes.invalidCredentials) return createResultFailure(result, where, `the logon (${method})`);
  if (result.words.includes(badBindings)) {
    return new Failure('directory/stronger-auth', 'the domain controller requires channel binding, and refused ours', {
      where,
      hint:
        method === 'simple'
          ? 'use --auth negotiate, kerberos or ntlm, which bind the logon to the TLS connection'
          : 'something between here and the controller ends TLS (a proxy or load balancer): name the controller itself with --server',
    });
  }
  const reason =
    refusals[/\bdata ([0-9a-f]{3})\b/.exec(result.words)?.[1] ?? ''] ?? 'the account or its password is wrong';
  return new Failure('auth/refused', `the logon${username === '' ? '' : ` of ${username}`} was refused: ${reason}`, {
    where,
    hint: 'check the account (user@domain or DOMAIN\\user) and its password; a second try brings it nearer to being locked',
  });
}

export function createResultFailure(result: LdapResult, where: string, what: string): Failure {
  const { code, referrals } = result;
  if (code === resultCodes.strongerAuthRequired || code === resultCodes.confidentialityRequired) {
    return createStrongerAuthFailure(result, where, adviceInClear);
  }
  const words = result.words === '' ? '' : `: ${cutText(result.words, 300)}`;
  const isPassing = code === resultCodes.busy || code === resultCodes.unavailable;
  return new Failure('directory/refused', `${what} was answered with result ${code}${words}`, {
    where,
    hint:
      referrals.length > 0
        ? `it refers to ${referrals.slice(0, 3).join(', ')}: name that server with --server`
        : isPassing
          ? 'try again, or name another controller with --server'
          : 'check that the account may read the configuration partition of the forest',
    retry: isPassing ? 'new-session' : 'never',
  });
}

const adviceInClear = 'it requires signing or TLS: use --tls ldaps or --tls starttls';
const adviceWithoutSasl = 'use --auth negotiate, kerberos or ntlm, which bind the logon to the TLS connection';
const adviceInTls =
  'it takes Kerberos and NTLM only where they sign or seal: use --tls none, which seals, or --auth simple with TLS';

function createStrongerAuthFailure(result: LdapResult, where: string, hint: string): Failure {
  const words = result.words === '' ? '' : ` (${cutText(result.words, 200)})`;
  return new Failure('directory/stronger-auth', `the domain controller requires a stronger logon${words}`, {
    where,
    hint,
  });
}

export function createSilentFailure(where: string, timeoutMs: number): Failure {
  return new Failure('directory/silent', `no answer within ${timeoutMs} ms`, {
    where,
    hint: 'name another controller with --server, or give it longer with --timeout',
    retry: 'new-session',
  });
}

export function createLostFailure(where: string, cause?: unknown): Failure {
  return new Failure('connect/lost', 'the domain controller closed the connection', {
    where,
    hint: 'try again, or name another controller with --server',
    retry: 'new-session',
    ...(cause === undefined ? {} : { cause }),
  });
}
