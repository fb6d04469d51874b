// The lab's own certificate authority and the server certificates it signs, so that clients verify the lab as they would
// verify a real fleet. Keys live in memory only and die with the process. Key generation, randomness and the date come in.
// Source: RFC 5280. A WinRM listener's certificate needs server authentication and the host's name (wsmerror 2150859029).
import { createHash, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import {
  derBitString,
  derBoolean,
  derExplicit,
  derImplicit,
  derInteger,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derSet,
  derUtcTime,
  derUtf8String,
} from './der.ts';

/** What is wrong with a server's certificate, on purpose. */
export type CertificateFlaw = 'expired' | 'wrong-name' | 'self-signed';

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface CertificateSources {
  /** The date the certificates are made for: valid from a day before to a year after. Milliseconds since 1970. */
  readonly nowMs: number;
  readonly randomBytes: (count: number) => Buffer;
  /** A new P-256 pair: made, and used for signing, in well under a millisecond. */
  readonly newKeyPair: () => KeyPair;
}

interface ServerCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** The bytes on the wire; channel bindings are made of them (RFC 5929 section 4). */
  readonly der: Buffer;
}

export interface LabAuthority {
  readonly caPem: string;
  /** A certificate for `name`, localhost and 127.0.0.1; the same name and flaw give the same certificate. */
  certificateFor(name: string, flaw: CertificateFlaw | null): ServerCertificate;
}

const dayMs = 24 * 60 * 60 * 1000;
const otherHostName = 'another-host.lab.example';

export function createAuthority(sources: CertificateSources): LabAuthority {
  const { nowMs } = sources;
  const caKeys = sources.newKeyPair();
  // One key for all servers: a certificate per server is enough to tell them apart, and costs one signature.
  const serverKeys = sources.newKeyPair();
  const privateKeyPem = serverKeys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const caName = writeCommonName('Fencepost lab authority');
  const caPem = writePem(
    writeCertificate({
      serial: makeSerial(sources),
      issuer: caName,
      subject: caName,
      validFromMs: nowMs - dayMs,
      validToMs: nowMs + 365 * dayMs,
      publicKey: caKeys.publicKey,
      signingKey: caKeys.privateKey,
      extensions: [
        writeExtension('2.5.29.19', true, derSequence(derBoolean(true), derInteger(Buffer.from([0])))),
        writeExtension('2.5.29.15', true, derBitString(Buffer.from([0x06]), 1)), // keyCertSign, cRLSign
        writeExtension('2.5.29.14', false, derOctetString(hashPublicKey(caKeys.publicKey))),
      ],
    }),
  );

  function issue(name: string, flaw: CertificateFlaw | null): ServerCertificate {
    const subject = writeCommonName(flaw === 'wrong-name' ? otherHostName : name);
    const signer = flaw === 'self-signed' ? serverKeys : caKeys;
    const der = writeCertificate({
      serial: makeSerial(sources),
      issuer: flaw === 'self-signed' ? subject : caName,
      subject,
      validFromMs: nowMs - (flaw === 'expired' ? 30 : 1) * dayMs,
      validToMs: nowMs + (flaw === 'expired' ? -2 : 365) * dayMs,
      publicKey: serverKeys.publicKey,
      signingKey: signer.privateKey,
      extensions: [
        writeExtension('2.5.29.19', true, derSequence()), // basicConstraints: not an authority
        writeExtension('2.5.29.15', true, derBitString(Buffer.from([0x80]), 7)), // digitalSignature
        writeExtension('2.5.29.37', false, derSequence(derObjectIdentifier('1.3.6.1.5.5.7.3.1'))), // serverAuth
        writeExtension('2.5.29.17', false, writeAlternativeNames(name, flaw)),
        // authorityKeyIdentifier: Python 3.13 and later refuse a chain without it.
        writeExtension('2.5.29.35', false, derSequence(derImplicit(0, hashPublicKey(signer.publicKey)))),
      ],
    });
    return { certificatePem: writePem(der), privateKeyPem, der };
  }

  const issued = new Map<string, ServerCertificate>();
  return {
    caPem,
    certificateFor(name, flaw) {
      const key = `${flaw ?? ''} ${name}`;
      const known = issued.get(key) ?? issue(name, flaw);
      issued.set(key, known);
      return known;
    },
  };
}

interface CertificateFields {
  readonly serial: Buffer;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly validFromMs: number;
  readonly validToMs: number;
  readonly publicKey: KeyObject;
  readonly signingKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

/** A version 3 certificate (RFC 5280 section 4.1), signed with ECDSA and SHA-256 (RFC 5758 section 3.2). */
function writeCertificate(fields: CertificateFields): Buffer {
  const algorithm = derSequence(derObjectIdentifier('1.2.840.10045.4.3.2'));
  const toBeSigned = derSequence(
    derExplicit(0, derInteger(Buffer.from([2]))),
    derInteger(fields.serial),
    algorithm,
    fields.issuer,
    derSequence(derUtcTime(fields.validFromMs), derUtcTime(fields.validToMs)),
    fields.subject,
    exportPublicKey(fields.publicKey),
    derExplicit(3, derSequence(...fields.extensions)),
  );
  return derSequence(toBeSigned, algorithm, derBitString(sign('sha256', toBeSigned, fields.signingKey)));
}

function writeAlternativeNames(name: string, flaw: CertificateFlaw | null): Buffer {
  if (flaw === 'wrong-name') return derSequence(writeDnsName(otherHostName));
  return derSequence(writeDnsName(name), writeDnsName('localhost'), derImplicit(7, Buffer.from([127, 0, 0, 1])));
}

function writeDnsName(name: string): Buffer {
  return derImplicit(2, Buffer.from(name, 'latin1'));
}

function writeCommonName(text: string): Buffer {
  return derSequence(derSet(derSequence(derObjectIdentifier('2.5.4.3'), derUtf8String(text))));
}

function writeExtension(identifier: string, critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [derBoolean(true)] : [];
  return derSequence(derObjectIdentifier(identifier), ...flag, derOctetString(value));
}

function exportPublicKey(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

/** Any unique value will do (RFC 5280 section 4.2.1.2). */
function hashPublicKey(key: KeyObject): Buffer {
  return createHash('sha1').update(exportPublicKey(key)).digest();
}

/** 16 bytes of which the first is 01: positive and never zero (RFC 5280 section 4.1.2.2). */
function makeSerial(sources: CertificateSources): Buffer {
  return Buffer.concat([Buffer.from([1]), sources.randomBytes(15)]);
}

function writePem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
