// The channel binding that ties a logon to the TLS connection it runs over: tls-server-end-point (RFC 5929 section 4) in the form that
// NTLM carries (MS-NLMP 2.2.2.1, MsvAvChannelBindings). Which certificate the server showed is for http-connection.ts to say.
import { createHash } from 'node:crypto';
import { derTags, readDer, readDerList } from './der.ts';

// Signature algorithms whose own hash is used; everything else (MD5 and SHA-1 included) means SHA-256 (RFC 5929 section 4.1).
const hashBySignature: Readonly<Record<string, string>> = {
  '2a864886f70d01010c': 'sha384', // sha384WithRSAEncryption
  '2a864886f70d01010d': 'sha512', // sha512WithRSAEncryption
  '2a864886f70d01010e': 'sha224', // sha224WithRSAEncryption
  '2a8648ce3d040301': 'sha224', // ecdsa-with-SHA224
  '2a8648ce3d040303': 'sha384', // ecdsa-with-SHA384
  '2a8648ce3d040304': 'sha512', // ecdsa-with-SHA512
};

/**
 * The 16 bytes of MsvAvChannelBindings for a server certificate in DER. RSASSA-PSS counts as SHA-256, as every other client
 * has it (wsman.md 3.5). Throws Failure `auth/server` when the bytes are no certificate.
 */
export function tlsServerEndPoint(certificateDer: Uint8Array): Uint8Array {
  return bindingOfData(tlsServerEndPointData(certificateDer));
}

/** The same before it is hashed, as GSS-API takes it: `tls-server-end-point:` and the certificate's hash. Throws alike. */
export function tlsServerEndPointData(certificateDer: Uint8Array): Uint8Array {
  const [, algorithm] = readDerList(readDer(certificateDer).content);
  const oid = readDer(algorithm?.content ?? new Uint8Array());
  const name = oid.tag === derTags.objectId ? hashBySignature[Buffer.from(oid.content).toString('hex')] : undefined;
  const hash = createHash(name ?? 'sha256')
    .update(certificateDer)
    .digest();
  return dataOfCertificateHash(hash);
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
