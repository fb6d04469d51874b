import { X509Certificate, createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { bindingOfCertificateHash, tlsServerEndPoint } from '../../../src/winrm/auth/channel-binding.ts';
import { certificates } from './certificates.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('the structure around a known certificate hash', () => {
  // The fingerprint and binding that other NTLM clients test with (wsman.md 3.4).
  const hash = Buffer.from('e3ca49271e5089cc48ce82109f1324f41dbeddc29a777410c738f7868c4ff405', 'hex');
  expect(hex(bindingOfCertificateHash(hash))).toBe('6ea19df066da4622051f9c4f92c6df74');
});

test.each(certificates)('a certificate signed with $signature is bound by its $bindingHash', ({ bindingHash, der }) => {
  const bytes = Buffer.from(der, 'base64');
  expect(new X509Certificate(bytes).subject).toBe('CN=ex01');
  const hash = createHash(bindingHash).update(bytes).digest();
  expect(hex(tlsServerEndPoint(bytes))).toBe(hex(bindingOfCertificateHash(hash)));
});

test('what is no certificate is a Failure', () => {
  for (const bytes of [Buffer.of(), Buffer.from('3003020101', 'hex'), Buffer.from('not a certificate')]) {
    expect(() => tlsServerEndPoint(bytes)).toThrow(expect.objectContaining({ code: 'auth/server' }));
  }
});
