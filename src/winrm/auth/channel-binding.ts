// The channel binding that ties a logon to the TLS connection it runs over: tls-server-end-point (RFC 5929 section 4) in the form that
// NTLM carries (MS-NLMP 2.2.2.1, MsvAvChannelBindings). Which certificate the server showed is for http-connection.ts to say.
import { createHash } from 'node:crypto';
import { derTags, readDer, readDerList, type DerValue } from './der.ts';

// Signature algorithms whose own hash is used; everything else (MD5 and SHA-1 included) means SHA-256 (RFC 5929 section 4.1).
const hashBySignature: Readonly<Record<string, string>> = {
  '2a864886f70d01010c': 'sha384', // sha384WithRSAEncryption
  '2a864886f70d01010d': 'sha512', // sha512WithRSAEncryption
  '2a864886f70d01010e': 'sha224', // sha224WithRSAEncryption
  '2a8648ce3d040301': 'sha224', // ecdsa-with-SHA224
  '2a8648ce3d040303': 'sha384', // ecdsa-with-SHA384
  '2a8648ce3d040304': 'sha512', // ecdsa-with-SHA512
};

/** RSASSA-PSS names its hash in its parameters (RFC 4055 section 3.1); the default is SHA-1. */
const rsassaPss = '2a864886f70d01010a';
const hashByPssParameter: Readonly<Record<string, string>> = {
  '608648016503040202': 'sha384',
  '608648016503040203': 'sha512',
  '608648016503040204': 'sha224',
};
const firstParameter = 0xa0;

/**
 * The 16 bytes of MsvAvChannelBindings for a server certificate in DER. For RSASSA-PSS the hash that its parameters name, as current
 * clients have it (wsman.md 3.5). Throws Failure `auth/server` when the bytes are no certificate.
 */
export function tlsServerEndPoint(certificateDer: Uint8Array): Uint8Array {
  return bindingOfData(tlsServerEndPointData(certificateDer));
}

/** The same before it is hashed, as GSS-API takes it: `tls-server-end-point:` and the certificate's hash. Throws alike. */
export function tlsServerEndPointData(certificateDer: Uint8Array): Uint8Array {
  const [, algorithm] = readDerList(readDer(certificateDer).content);
  const content = algorithm?.content ?? new Uint8Array();
  const signature = readObjectId(readDer(content));
  const [, parameters] = readDerList(content);
  const name = signature === rsassaPss ? findPssHash(parameters) : hashBySignature[signature];
  const hash = createHash(name ?? 'sha256')
    .update(certificateDer)
    .digest();
  return dataOfCertificateHash(hash);
}

/** `hashAlgorithm [0]` of RSASSA-PSS-params; undefined when it is left out, or means SHA-256 or nothing known. */
function findPssHash(parameters: DerValue | undefined): string | undefined {
  const hashAlgorithm = readDerList(parameters?.content ?? new Uint8Array()).find((one) => one.tag === firstParameter);
  const [oid] = hashAlgorithm === undefined ? [] : readDerList(readDer(hashAlgorithm.content).content);
  return hashByPssParameter[readObjectId(oid)];
}

/** In hex; empty when it is none. */
function readObjectId(value: DerValue | undefined): string {
  return value?.tag === derTags.objectId ? Buffer.from(value.content).toString('hex') : '';
}

function dataOfCertificateHash(hash: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from('tls-server-end-point:', 'latin1'), hash]);
}

/** MD5 over gss_channel_bindings_struct with empty addresses and `tls-server-end-point:` and the hash (RFC 4121 section 4.1.1.2). */
export function bindingOfCertificateHash(certificateHash: Uint8Array): Uint8Array {
  return bindingOfData(dataOfCertificateHash(certificateHash));
}

function bindingOfData(applicationData: Uint8Array): Uint8Array {
  const noAddresses = Buffer.alloc(16);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(applicationData.length);
  return createHash('md5').update(noAddresses).update(length).update(applicationData).digest();
}
