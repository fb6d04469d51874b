import { describe, expect, test } from 'vitest';
import { Failure } from '../../../../src/model/failure.ts';
import { createKerberosContext } from '../../../../src/winrm/auth/kerberos/context.ts';
import type { KerberosContextInput } from '../../../../src/winrm/auth/kerberos/context.ts';
import type { GssContext } from '../../../../src/winrm/auth/kerberos/library.ts';
import { readSpnego, writeNegTokenResp } from '../../../../src/winrm/auth/spnego.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const apReq = bytes('`AP-REQ');
const apRep = bytes('`AP-REP');

/** A library that takes one certain proof, and seals by putting a header before the message. */
function toyGss(padding = 0): GssContext & { released: number } {
  let established = false;
  return {
    released: 0,
    answer(token) {
      if (!apRep.equals(token)) throw new Error('false proof');
      established = true;
      return null;
    },
    get established() {
      return established;
    },
    wrap: (message) => ({ header: bytes('HEAD'), data: message, padding }),
    unwrap(header, data) {
      const text = Buffer.concat([header, data]);
      if (text.subarray(0, 5).toString() === 'CLEAR') return null;
      if (text.subarray(0, 4).toString() !== 'HEAD') throw new Error('broken');
      return text.subarray(4);
    },
    release() {
      this.released += 1;
    },
  };
}

function contextOf(more: Partial<KerberosContextInput> = {}) {
  return createKerberosContext({
    gss: toyGss(),
    token: apReq,
    scheme: 'Kerberos',
    seal: true,
    where: 'ex01:5985',
    toFailure: () => new Failure('auth/server', 'false proof'),
    otherwise: null,
    ...more,
  });
}

describe('over http', () => {
  test('nothing may be sent before the server has proved who it is', () => {
    const context = contextOf();
    expect(context.step(null)).toEqual(apReq);
    expect([context.done, context.awaitsProof, context.sealing]).toEqual([false, true, null]);
    expect(context.step(apRep)).toBeNull();
    expect([context.done, context.awaitsProof]).toEqual([true, false]);
    expect(context.sealing?.seal(bytes('message'))).toEqual({ signature: bytes('HEAD'), sealed: bytes('message') });
    expect(context.sealing?.unseal(bytes('HEAD'), bytes('answer'))).toEqual(bytes('answer'));
  });

  test('a false proof is thrown as its Failure', () => {
    const context = contextOf();
    context.step(null);
    expect(() => context.step(bytes('`other'))).toThrow(expect.objectContaining({ code: 'auth/server' }));
    expect(context.done).toBe(false);
  });

  test.each([
    ['03 00: a refusal', '0300', true],
    ['02 00: a proof', '0200', false],
  ])('%s', (_what, kind, expected) => {
    const told: boolean[] = [];
    const toFailure = (_error: unknown, isRefusal: boolean): Failure => {
      told.push(isRefusal);
      return new Failure('auth/server', 'x');
    };
    const body = Buffer.from(`06092a864886f712010202${kind}30`, 'hex');
    const token = Buffer.concat([Buffer.from([0x60, body.length]), body]);
    for (const scheme of ['Kerberos', 'Negotiate'] as const) {
      const context = contextOf({ toFailure, scheme });
      context.step(null);
      const sent = scheme === 'Kerberos' ? token : writeNegTokenResp({ state: 'reject', responseToken: token });
      expect(() => context.step(sent)).toThrow(Failure);
    }
    expect(told).toEqual([expected, expected]);
  });

  test('no token proves nothing', () => {
    const context = contextOf();
    context.step(null);
    expect([context.step(null), context.step(new Uint8Array()), context.done]).toEqual([null, null, false]);
  });

  test.each(['BROKEN', 'CLEAR'])('a %s message is not read', (text) => {
    const context = contextOf();
    context.step(null);
    context.step(apRep);
    expect(() => context.sealing?.unseal(bytes(text), bytes('x'))).toThrow(
      expect.objectContaining({ code: 'wire/unsealed' }),
    );
  });

  test('a key that needs padding (RC4) is refused before anything is sent', () => {
    const context = contextOf({ gss: toyGss(1) });
    context.step(null);
    context.step(apRep);
    expect(() => context.sealing?.seal(bytes('x'))).toThrow(expect.objectContaining({ code: 'auth/unsafe' }));
  });
});

describe('over https', () => {
  test('the message may go with the token, in clear inside TLS, but the proof is owed', () => {
    const context = contextOf({ seal: false });
    context.step(null);
    expect([context.done, context.awaitsProof, context.sealing]).toEqual([true, true, null]);
    context.step(apRep);
    expect([context.awaitsProof, context.sealing]).toEqual([false, null]);
  });
});

describe('under Negotiate', () => {
  test('the token is wrapped, and the proof unwrapped', () => {
    const context = contextOf({ scheme: 'Negotiate' });
    const sent = readSpnego(context.step(null) ?? new Uint8Array());
    expect(sent).toMatchObject({ kind: 'init', offersNtlm: false, mechToken: apReq });
    context.step(writeNegTokenResp({ state: 'accept-completed', responseToken: apRep }));
    expect(context.done).toBe(true);
  });

  test('a bare proof is taken too', () => {
    const context = contextOf({ scheme: 'Negotiate' });
    context.step(null);
    context.step(apRep);
    expect(context.done).toBe(true);
  });

  test.each([
    ['a refusal', { state: 'reject', responseToken: null }],
    ['a wish for another mechanism', { state: 'request-mic', chooses: 'ntlm', responseToken: null }],
  ] as const)('%s says that Kerberos is not accepted', (_what, answer) => {
    const context = contextOf({ scheme: 'Negotiate' });
    context.step(null);
    expect(() => context.step(writeNegTokenResp(answer))).toThrow(
      expect.objectContaining({ code: 'auth/unsupported' }),
    );
  });
});

test('closing frees what the library holds', () => {
  const gss = toyGss();
  contextOf({ gss }).close();
  expect(gss.released).toBe(1);
});
