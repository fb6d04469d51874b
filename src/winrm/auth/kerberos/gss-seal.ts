// Sealing with a finished GSS-API context, the same at both ends. Source: RFC 4121 section 4.2; wsman.md sections 4.2 and 4.3.
import type { GssCalls } from './gss-calls.ts';
import { GssError } from './library.ts';
import type { GssHandle, GssSeal } from './library.ts';

const iovHeader = 2;
const iovData = 1;
const iovPadding = 9;
const iovBytes = 24;

/** `context`: asked for with each message, for the handle is there from the first token on. */
export function gssSeal({ gss, memory, check, takeBuffer }: GssCalls, context: () => GssHandle): GssSeal {
  return {
    wrap(message) {
      const data = Buffer.from(message);
      const iov = memory.block(iovBytes * 3, [iovBytes + 8, BigInt(data.length)], [iovBytes + 16, data]);
      for (const [index, type] of [iovHeader, iovData, iovPadding].entries()) iov.writeUInt32LE(type, index * iovBytes);
      const confidential = Buffer.alloc(4);
      check(gss.wrapLength(context(), 1, 0, confidential, iov, 3));
      const header = Buffer.alloc(Number(iov.readBigUInt64LE(8)));
      const padding = Buffer.alloc(Number(iov.readBigUInt64LE(iovBytes * 2 + 8)));
      memory.point(iov, 16, header);
      memory.point(iov, iovBytes * 2 + 16, padding);
      check(gss.wrap(context(), 1, 0, confidential, iov, 3));
      if (confidential.readInt32LE() === 0) {
        throw new GssError({ routine: 13, minor: 0, words: 'the ticket has no key that encrypts' });
      }
      return { header, data: Buffer.concat([data, padding]), padding: padding.length };
    },
    unwrap(header, data) {
      const out = Buffer.alloc(16);
      const confidential = Buffer.alloc(4);
      check(gss.unwrap(context(), memory.sized(Buffer.concat([header, data])), out, confidential, null));
      const message = takeBuffer(out);
      return confidential.readInt32LE() === 0 ? null : message;
    },
  };
}
