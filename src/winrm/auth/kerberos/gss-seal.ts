// Sealing with a finished GSS-API context, the same at both ends. Source: RFC 4121 section 4.2; wsman.md sections 4.2 and 4.3.
import type { GssCalls } from './gss-calls.ts';
import { GssError } from './library.ts';
import type { GssHandle, GssSeal, GssSignatures } from './library.ts';

const iovHeader = 2;
const iovData = 1;
const iovPadding = 9;
const iovBytes = 24;

/** `context`: asked for with each message, for the handle is there from the first token on. */
export function gssSeal(calls: GssCalls, context: () => GssHandle): GssSeal {
  return {
    wrap(message) {
      const wrapped = wrapMessage(calls, context(), message, true);
      if (!wrapped.isConfidential) {
        throw new GssError({ routine: 13, minor: 0, words: 'the ticket has no key that encrypts' });
      }
      return wrapped;
    },
    unwrap(header, data) {
      const { message, isConfidential } = unwrapMessage(calls, context(), Buffer.concat([header, data]));
      return isConfidential ? message : null;
    },
  };
}

/** Messages that are signed and can be read by all: how SASL's mechanism GSSAPI agrees on a layer (RFC 4752 section 3.1). */
export function gssSignatures(calls: GssCalls, context: () => GssHandle): GssSignatures {
  return {
    sign(message) {
      const { header, data } = wrapMessage(calls, context(), message, false);
      return Buffer.concat([header, data]);
    },
    verify: (token) => unwrapMessage(calls, context(), token).message,
  };
}

interface Wrapped {
  readonly header: Uint8Array;
  readonly data: Uint8Array;
  readonly padding: number;
  readonly isConfidential: boolean;
}

function wrapMessage(
  { gss, memory, check }: GssCalls,
  context: GssHandle,
  message: Uint8Array,
  seal: boolean,
): Wrapped {
  const data = Buffer.from(message);
  const iov = memory.block(iovBytes * 3, [iovBytes + 8, BigInt(data.length)], [iovBytes + 16, data]);
  for (const [index, type] of [iovHeader, iovData, iovPadding].entries()) iov.writeUInt32LE(type, index * iovBytes);
  const confidential = Buffer.alloc(4);
  check(gss.wrapLength(context, seal ? 1 : 0, 0, confidential, iov, 3));
  const header = Buffer.alloc(Number(iov.readBigUInt64LE(8)));
  const padding = Buffer.alloc(Number(iov.readBigUInt64LE(iovBytes * 2 + 8)));
  memory.point(iov, 16, header);
  memory.point(iov, iovBytes * 2 + 16, padding);
  check(gss.wrap(context, seal ? 1 : 0, 0, confidential, iov, 3));
  return {
    header,
    data: Buffer.concat([data, padding]),
    padding: padding.length,
    isConfidential: confidential.readInt32LE() !== 0,
  };
}

function unwrapMessage(
  { gss, memory, check, takeBuffer }: GssCalls,
  context: GssHandle,
  token: Uint8Array,
): { readonly message: Uint8Array; readonly isConfidential: boolean } {
  const out = Buffer.alloc(16);
  const confidential = Buffer.alloc(4);
  check(gss.unwrap(context, memory.sized(Buffer.from(token)), out, confidential, null));
  return { message: takeBuffer(out), isConfidential: confidential.readInt32LE() !== 0 };
}
