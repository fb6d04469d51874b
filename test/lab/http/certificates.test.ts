// The lab's certificates as OpenSSL reads and verifies them.
import { X509Certificate, createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createAuthority } from '../../../src/lab/http/certificates.ts';

const nowMs = Date.UTC(2026, 10, 24);
const authority = createAuthority({
  nowMs,
  randomBytes,
  newKeyPair: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
});

describe('the authority', () => {
  test('signs itself, may sign others, and is valid around the given date only', () => {
    const ca = new X509Certificate(authority.caPem);
    expect(ca.ca).toBe(true);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(new Date(ca.validFrom).getTime()).toBe(nowMs - 86_400_000);
    expect(new Date(ca.validTo).getTime()).toBe(nowMs + 365 * 86_400_000);
  });

  test('gives one certificate per name', () => {
    const first = authority.certificateFor('ex01.lab.example', null);
    const again = authority.certificateFor('ex01.lab.example', null);
    const other = authority.certificateFor('ex02.lab.example', null);
    expect(again).toBe(first);
    expect(other.der.equals(first.der)).toBe(false);
  });
});

describe('a server certificate', () => {
  test('bears its name, localhost and 127.0.0.1, and is signed by the authority', () => {
    const issued = authority.certificateFor('ex01.lab.example', null);
    const certificate = new X509Certificate(issued.certificatePem);
    const ca = new X509Certificate(authority.caPem);
    expect(certificate.checkHost('ex01.lab.example')).toBe('ex01.lab.example');
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkHost('ex02.lab.example')).toBeUndefined();
    expect(certificate.checkIssued(ca)).toBe(true);
    expect(certificate.verify(ca.publicKey)).toBe(true);
    expect(certificate.raw.equals(issued.der)).toBe(true);
  });

  test('fits its private key', () => {
    const issued = authority.certificateFor('ex01.lab.example', null);
    expect(new X509Certificate(issued.certificatePem).checkPrivateKey(createPrivateKey(issued.privateKeyPem))).toBe(
      true,
    );
  });

  test('expired: it ended before the given date, and all else is right', () => {
    const certificate = new X509Certificate(authority.certificateFor('ex01', 'expired').certificatePem);
    expect(new Date(certificate.validTo).getTime()).toBeLessThan(nowMs);
    expect(certificate.verify(new X509Certificate(authority.caPem).publicKey)).toBe(true);
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  });

  test('wrong-name: signed by the authority, for somebody else', () => {
    const certificate = new X509Certificate(authority.certificateFor('ex01', 'wrong-name').certificatePem);
    expect(certificate.verify(new X509Certificate(authority.caPem).publicKey)).toBe(true);
    expect(certificate.checkHost('ex01')).toBeUndefined();
    expect(certificate.checkIP('127.0.0.1')).toBeUndefined();
  });

  test('self-signed: the right name, signed by nobody known', () => {
    const certificate = new X509Certificate(authority.certificateFor('ex01', 'self-signed').certificatePem);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.verify(new X509Certificate(authority.caPem).publicKey)).toBe(false);
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  });
});
