import { describe, expect, test } from 'vitest';
import {
  createKerberosFailure,
  createProofFailure,
  createRefusalFailure,
} from '../../../../src/winrm/auth/kerberos/failures.ts';
import type { KerberosNames } from '../../../../src/winrm/auth/kerberos/failures.ts';

const names: KerberosNames = { where: 'ex01:5985', username: 'ops@CORP.EXAMPLE', service: 'HTTP/ex01.corp.example' };

/** As krb5_err.et numbers them, from its base -1765328384 (error_message(3) of MIT Kerberos). */
function status(code: number, routine = 13): { routine: number; minor: number; words: string } {
  return { routine, minor: (code - 1_765_328_384) >>> 0, words: 'words of the library' };
}

describe('before the host is asked', () => {
  test.each([
    [6, 'auth/refused', 'no account ops@CORP.EXAMPLE'],
    [7, 'auth/kerberos-service', 'HTTP/ex01.corp.example'],
    [18, 'auth/refused', 'words of the library'],
    [23, 'auth/refused', 'words of the library'],
    [24, 'auth/refused', 'wrong password'],
    [31, 'auth/refused', 'wrong password'],
    [32, 'auth/kerberos-ticket', 'expired'],
    [37, 'auth/kerberos-clock', 'clocks differ'],
    [68, 'auth/kerberos-realm', 'realm'],
    [141, 'auth/kerberos-ticket', 'no Kerberos ticket of ops@CORP.EXAMPLE'],
    [148, 'auth/kerberos-clock', 'clocks differ'],
    [154, 'auth/kerberos-realm', 'realm'],
    [156, 'auth/kerberos-kdc', 'no domain controller answered'],
    [181, 'auth/kerberos-ticket', 'keytab'],
    [195, 'auth/kerberos-ticket', 'no Kerberos ticket'],
    [210, 'auth/refused', 'wrong password'],
    [14, 'auth/kerberos-failed', 'words of the library'],
    [99, 'auth/kerberos-failed', 'words of the library'],
  ])('code %i is %s', (code, expected, words) => {
    const failure = createKerberosFailure(status(code), names);
    expect([failure.code, failure.effect, failure.where]).toEqual([expected, 'none', 'ex01:5985']);
    expect(failure.message).toContain(words);
    expect(failure.hint).not.toBeNull();
  });

  test('without a code of Kerberos, by the routine error', () => {
    expect(createKerberosFailure({ routine: 11, minor: 0, words: 'x' }, names).code).toBe('auth/kerberos-ticket');
    expect(createKerberosFailure({ routine: 7, minor: 0, words: 'x' }, names).code).toBe('auth/kerberos-ticket');
    expect(createKerberosFailure({ routine: 9, minor: 0, words: 'x' }, names).message).toContain('Kerberos failed: x');
  });

  test('an account that was not named is that of the ticket', () => {
    const failure = createKerberosFailure(status(32), { ...names, username: '' });
    expect(failure.message).toContain('the account of the ticket cache');
    expect(failure.hint).toContain('kinit user@REALM');
  });

  test('only a KDC that was not reached is worth another try', () => {
    const retries = [6, 7, 24, 32, 37, 154, 156, 99].map((code) => createKerberosFailure(status(code), names).retry);
    expect(retries).toEqual(['never', 'never', 'never', 'never', 'never', 'never', 'new-session', 'never']);
  });
});

describe('said by the host', () => {
  test.each([
    [31, 'auth/kerberos-service', 'another account'],
    [32, 'auth/kerberos-clock', 'expired'],
    [33, 'auth/kerberos-clock', 'clocks differ'],
    [35, 'auth/kerberos-service', 'another account'],
    [37, 'auth/kerberos-clock', 'clocks differ'],
    [41, 'auth/kerberos-service', 'another account'],
    [44, 'auth/kerberos-service', 'another account'],
    [45, 'auth/kerberos-service', 'another account'],
    [60, 'auth/refused', 'words of the library'],
  ])('code %i of a KRB-ERROR is %s', (code, expected, words) => {
    const failure = createRefusalFailure(status(code), names);
    expect(failure.code).toBe(expected);
    expect(failure.message).toContain(words);
    expect(failure.hint).not.toBeNull();
  });

  test.each([
    [31, 'auth/server', 'proof of identity is invalid'],
    [41, 'auth/refused', 'words of the library'],
  ])('code %i over its proof is %s', (code, expected, words) => {
    const failure = createProofFailure(status(code), names);
    expect([failure.code, failure.message]).toEqual([expected, expect.stringContaining(words)]);
  });
});
