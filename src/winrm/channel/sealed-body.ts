// The multipart/encrypted body that carries one sealed message [MS-WSMV 2.2.9.1], written and read. It cuts by fixed markers and by
// lengths, never by searching for the boundary: sealed bytes may contain it. The sealing itself is auth/'s.
import { Failure } from '../../model/failure.ts';
import type { Sealing } from '../auth/security-context.ts';

const sealedProtocols = [
  'application/HTTP-SPNEGO-session-encrypted',
  'application/HTTP-Kerberos-session-encrypted',
] as const;
export type SealedProtocol = (typeof sealedProtocols)[number];

/** How a message is framed. The defaults are what Windows and the specification write; the lab uses the others. */
export interface FramingVariant {
  /** Default true: a tab before each header of a part. WinRB and OMI write none. */
  readonly tabs?: boolean;
  /** Default false. True: `-- Encrypted Boundary`, as Exchange's IIS writes it. */
  readonly spacedBoundary?: boolean;
  /** Default false: header names in lower case. */
  readonly lowerCaseNames?: boolean;
  /** Default false: one CRLF more after the end. */
  readonly extraCrlf?: boolean;
}

export interface WriteSealedInput extends FramingVariant {
  readonly protocol: SealedProtocol;
  readonly sealing: Sealing;
  /** The SOAP text in `charset`. */
  readonly message: Uint8Array;
  /** Default `UTF-8`. */
  readonly charset?: string;
}

/** Seals a message and frames it. `contentType` is the value of the HTTP header. */
export function writeSealedBody(input: WriteSealedInput): { readonly contentType: string; readonly body: Uint8Array } {
  const { protocol, sealing, message, charset = 'UTF-8' } = input;
  const { signature, sealed } = sealing.seal(message);
  const boundary = `--${input.spacedBoundary === true ? ' ' : ''}Encrypted Boundary`;
  const header = (name: string, value: string): string =>
    `${(input.tabs ?? true) ? '\t' : ''}${input.lowerCaseNames === true ? name.toLowerCase() : name}: ${value}\r\n`;
  const head =
    `${boundary}\r\n` +
    header('Content-Type', protocol) +
    header('OriginalContent', `type=application/soap+xml;charset=${charset};Length=${message.length}`) +
    `${boundary}\r\n` +
    header('Content-Type', 'application/octet-stream');
  const signatureLength = Buffer.alloc(4);
  signatureLength.writeUInt32LE(signature.length);
  const tail = `${boundary}--\r\n${input.extraCrlf === true ? '\r\n' : ''}`;
  return {
    contentType: `multipart/encrypted;protocol="${protocol}";boundary="Encrypted Boundary"`,
    body: Buffer.concat([Buffer.from(head, 'latin1'), signatureLength, signature, sealed, Buffer.from(tail, 'latin1')]),
  };
}

/** True for the Content-Type of a sealed body. */
export function isSealedContentType(contentType: string): boolean {
  return /^\s*multipart\/(x-multi-)?encrypted\s*(;|$)/i.test(contentType);
}

export interface ReadSealedInput {
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly sealing: Sealing;
}

export interface SealedMessage {
  readonly message: Uint8Array;
  /** As the sender named it: `UTF-8`, `UTF-16`. */
  readonly charset: string;
  readonly protocol: SealedProtocol;
}

/** Unframes and unseals one message. Throws Failure `wire/unsealed`; the connection is then of no more use. */
export function readSealedBody(input: ReadSealedInput): SealedMessage {
  if (!isSealedContentType(input.contentType)) throw broken('a multipart/encrypted body', 'another content type');
  const body = Buffer.from(input.body.buffer, input.body.byteOffset, input.body.byteLength);
  // The text before the sealed bytes is short; reading it as latin1 keeps positions equal to bytes.
  const text = body.toString('latin1', 0, 1024);
  const head = headForm.exec(text);
  const protocol = sealedProtocols.find((one) => one.toLowerCase() === head?.groups?.['protocol']?.toLowerCase());
  const charset = head?.groups?.['charset'];
  if (head === null || protocol === undefined || charset === undefined) throw broken('the two part headers', 'others');
  const at = head[0].length;
  const signatureLength = at + 4 <= body.length ? body.readUInt32LE(at) : body.length;
  const messageLength = Number(head.groups?.['length']);
  const sealedAt = at + 4 + signatureLength;
  const end = sealedAt + messageLength;
  if (end > body.length) throw broken(`${messageLength} sealed bytes`, `${Math.max(0, body.length - sealedAt)}`);
  if (!tailForm.test(body.toString('latin1', end)))
    throw broken('the end boundary after the sealed bytes', 'something else');
  const message = input.sealing.unseal(body.subarray(at + 4, sealedAt), body.subarray(sealedAt, end));
  if (message.length !== messageLength) throw broken(`a message of ${messageLength} bytes`, `${message.length}`);
  return { message, charset, protocol };
}

const headForm = new RegExp(
  '^(?:\\r\\n)?-- ?Encrypted Boundary\\r\\n' +
    '[\\t ]*Content-Type:[\\t ]*(?<protocol>[^\\s;]+)[\\t ]*\\r\\n' +
    '[\\t ]*OriginalContent:[\\t ]*type=[^;\\r\\n]+;[\\t ]*charset=(?<charset>[^;\\r\\n]+);[\\t ]*Length=(?<length>\\d{1,9})[\\t ]*\\r\\n' +
    '-- ?Encrypted Boundary\\r\\n' +
    '[\\t ]*Content-Type:[\\t ]*application/octet-stream[\\t ]*\\r\\n',
  'i',
);
const tailForm = /^(?:\r\n)?-- ?Encrypted Boundary--(?:\r\n){0,2}$/i;

function broken(expected: string, got: string): Failure {
  return new Failure('wire/unsealed', `the sealed body cannot be read: expected ${expected}, got ${got}`, {
    hint: 'connect again; if it keeps happening, something between here and the host changes the traffic',
    retry: 'new-session',
  });
}
