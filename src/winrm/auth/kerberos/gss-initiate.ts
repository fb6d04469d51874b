// The client's side of a GSS-API context. Source: RFC 2744 section 5.19.
import type { Argument } from './calls.ts';
import { nameTypes } from './gss-calls.ts';
import type { GssCalls } from './gss-calls.ts';
import { gssSeal, gssSignatures } from './gss-seal.ts';
import { GssError } from './library.ts';
import type { ContextInput, GssContext } from './library.ts';

/**
 * MUTUAL, REPLAY, SEQUENCE, CONF, INTEG (RFC 2744 section 5.19). The library asks for the last two in any case. Delegation (1) is
 * never asked for.
 */
const requestFlags = 2 | 4 | 8 | 16 | 32;
const mutualAndConfidential = 2 | 16;

export async function gssInitiate(
  calls: GssCalls,
  input: ContextInput,
): Promise<{ readonly context: GssContext; readonly token: Uint8Array }> {
  const { gss, memory, mechanism, check, takeBuffer, importName } = calls;
  const context = Buffer.alloc(8);
  const name = importName(input.service, nameTypes.hostBasedService);
  const binding = input.channelBinding === null ? null : calls.bindings(input.channelBinding);
  const { handle } = input.credential;
  const flags = Buffer.alloc(4);
  let established = false;
  let released = false;

  const argumentsFor = (token: Buffer | null, out: Buffer): readonly Argument[] => [
    ...[handle, context, name.readBigUInt64LE(), mechanism, requestFlags, 0, binding, token, null, out, flags, null],
  ];
  const finish = (status: { readonly major: number; readonly minor: number }, out: Buffer): Buffer => {
    const token = takeBuffer(out);
    established = check(status) === 0;
    if (established && (flags.readUInt32LE() & mutualAndConfidential) !== mutualAndConfidential) {
      throw new GssError({ routine: 13, minor: 0, words: 'the server agreed to no mutual logon with encryption' });
    }
    return token;
  };
  const release = (): void => {
    if (released) return;
    released = true;
    gss.deleteContext(context, null);
    gss.releaseName(name);
  };

  try {
    const out = Buffer.alloc(16);
    const token = finish(await gss.initiate.async(...argumentsFor(null, out)), out);
    return {
      token,
      context: {
        ...gssSeal(calls, () => context.readBigUInt64LE()),
        signatures: gssSignatures(calls, () => context.readBigUInt64LE()),
        answer(received) {
          const reply = Buffer.alloc(16);
          const next = finish(gss.initiate(...argumentsFor(memory.sized(Buffer.from(received)), reply)), reply);
          return next.length === 0 ? null : next;
        },
        get established() {
          return established;
        },
        release,
      },
    };
  } catch (thrown) {
    release();
    throw thrown;
  }
}
