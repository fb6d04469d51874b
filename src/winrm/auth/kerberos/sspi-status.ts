// What a status of Windows' SSPI means in the words of Kerberos, so that both libraries' failures are worded in one place (failures.ts).
// PURE. Numbers: winerror.h; their meanings: learn.microsoft.com "InitializeSecurityContext (Kerberos)", "AcquireCredentialsHandle
// (Kerberos)". Which of them Windows gives in which case was never tried.
import { kerberosCodes, krb5Base } from './failures.ts';
import { GssError } from './library.ts';

export const sspiStatus = { ok: 0, continueNeeded: 0x00090312 } as const;

const meanings: ReadonlyMap<number, readonly [name: string, code: keyof typeof kerberosCodes]> = new Map([
  [0x80090303, ['SEC_E_TARGET_UNKNOWN', 'serviceUnknown']],
  [0x80090322, ['SEC_E_WRONG_PRINCIPAL', 'modified']],
  [0x8009030c, ['SEC_E_LOGON_DENIED', 'preauthenticationFailed']],
  [0x8009030d, ['SEC_E_UNKNOWN_CREDENTIALS', 'notFoundInCache']],
  [0x8009030e, ['SEC_E_NO_CREDENTIALS', 'notFoundInCache']],
  [0x80090311, ['SEC_E_NO_AUTHENTICATING_AUTHORITY', 'kdcUnreachable']],
  [0x80090317, ['SEC_E_CONTEXT_EXPIRED', 'ticketExpired']],
  [0x80090324, ['SEC_E_TIME_SKEW', 'clockSkew']],
  [0x80090342, ['SEC_E_KDC_UNKNOWN_ETYPE', 'noCommonEncryption']],
  [0x80090348, ['SEC_E_NO_KERB_KEY', 'noCommonEncryption']],
  [0x8009033e, ['SEC_E_SMARTCARD_LOGON_REQUIRED', 'policy']],
  [0x8009030f, ['SEC_E_MESSAGE_ALTERED', 'badIntegrity']],
  [0x80090330, ['SEC_E_DECRYPT_FAILURE', 'badIntegrity']],
  [0x80090363, ['SEC_E_MUTUAL_AUTH_FAILED', 'badIntegrity']],
]);

/** `status`: unsigned, and an error. Routine 13 is GSS_S_FAILURE. */
export function errorOfSspi(status: number): GssError {
  const number = `0x${status.toString(16).padStart(8, '0')}`;
  const meaning = meanings.get(status);
  if (meaning === undefined) return new GssError({ routine: 13, minor: 0, words: `SSPI status ${number}` });
  const [name, code] = meaning;
  return new GssError({ routine: 13, minor: krb5Base + kerberosCodes[code], words: `${name}, ${number}` });
}
