// The server's side of a GSS-API context, for the lab: one AP-REQ in, an AP-REP or a KRB-ERROR out. A delegated ticket is not asked for,
// so the library throws it away. Local: it reads the keytab and asks no KDC. Sources: RFC 2744 section 5.1, RFC 4121 section 4.1.
import type { GssCalls } from './gss-calls.ts';
import { gssSeal } from './gss-seal.ts';
import { GssError } from './library.ts';
import type { AcceptAnswer, GssHandle } from './library.ts';

const mutual = 2;
const confidential = 16;
/** GSS_C_CHANNEL_BOUND_FLAG (gssapi_ext.h since MIT Kerberos 1.19): the client sent a binding, and it is ours. */
const channelBound = 0x800;

export function gssAccept(
  calls: GssCalls,
  credential: GssHandle,
  token: Uint8Array,
  channelBinding: Uint8Array | null,
): AcceptAnswer {
  const { gss, memory, check, errorOf, takeBuffer, takeName } = calls;
  const context = Buffer.alloc(8);
  const peer = Buffer.alloc(8);
  const out = Buffer.alloc(16);
  const flags = Buffer.alloc(4);
  const binding = channelBinding === null ? null : calls.bindings(channelBinding);
  let released = false;
  const release = (): void => {
    if (released) return;
    released = true;
    gss.deleteContext(context, null);
  };

  const received = memory.sized(Buffer.from(token));
  const status = gss.accept(context, credential, received, binding, peer, null, out, flags, null, null);
  const reply = takeBuffer(out);
  const error = errorOf(status);
  if (error !== null || status.major !== 0) {
    release();
    if (peer.readBigUInt64LE() !== 0n) gss.releaseName(peer);
    const unfinished = new GssError({ routine: 9, minor: 0, words: 'one token was not enough' });
    return { kind: 'refused', status: (error ?? unfinished).status, token: reply.length === 0 ? null : reply };
  }
  try {
    const service = Buffer.alloc(8);
    const principal = takeName(peer);
    check(gss.inquireContext(context.readBigUInt64LE(), null, service, null, null, null, null, null));
    const granted = flags.readUInt32LE();
    return {
      kind: 'accepted',
      token: reply.length === 0 ? null : reply,
      principal,
      service: takeName(service),
      isMutual: (granted & mutual) !== 0,
      isConfidential: (granted & confidential) !== 0,
      isBound: (granted & channelBound) !== 0,
      context: { ...gssSeal(calls, () => context.readBigUInt64LE()), release },
    };
  } catch (thrown) {
    release();
    throw thrown;
  }
}
