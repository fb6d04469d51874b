// Who gets in with Kerberos and in which wrapping, over a service that takes one certain token. The cryptography is held in
// test/interop/lab-kerberos.test.ts against MIT's.
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createAcceptor } from '../../../src/lab/http/acceptor.ts';
import type { Acceptor } from '../../../src/lab/http/acceptor.ts';
import type { KerberosService } from '../../../src/winrm/auth/kerberos/library.ts';
import { readSpnego, writeNegTokenInit } from '../../../src/winrm/auth/spnego.ts';
import { writeSealedBody } from '../../../src/winrm/channel/sealed-body.ts';

const oid = Buffer.from('06092a864886f712010202', 'hex');
const microsoftOid = Buffer.from('06092a864882f712010202', 'hex');
const ntlmOid = Buffer.from('060a2b06010401823702020a', 'hex');
const framed = (text: string): Buffer => Buffer.concat([Buffer.from([0x60, 20]), oid, Buffer.from(text)]);
const good = framed('AP-REQ');
const listOf = (...oids: readonly Buffer[]): Buffer => {
  const all = Buffer.concat(oids);
  return Buffer.concat([Buffer.from([0x30, all.length]), all]);
};

function toyService(more: { isBound?: boolean; isConfidential?: boolean } = {}) {
  const state = { released: 0, bindings: [] as (Uint8Array | null)[] };
  const service: KerberosService = {
    accept({ token, channelBinding }) {
      state.bindings.push(channelBinding);
      if (!good.equals(token)) {
        return { kind: 'refused', status: { routine: 13, minor: 41, words: 'no' }, token: Buffer.from('KRB-ERROR') };
      }
      return {
        kind: 'accepted',
        token: Buffer.from('AP-REP'),
        principal: 'ops@CORP.EXAMPLE',
        service: 'HTTP/ex01@CORP.EXAMPLE',
        isMutual: true,
        isConfidential: more.isConfidential ?? true,
        isBound: more.isBound ?? false,
        context: {
          wrap: (message) => ({ header: Buffer.from('HEAD'), data: message, padding: 0 }),
          unwrap: (_header, sealed) => sealed,
          release: () => (state.released += 1),
        },
      };
    },
  };
  return { service, state };
}

interface Differences {
  readonly tls?: boolean;
  readonly ntlm?: boolean;
  readonly strict?: boolean;
  readonly isBound?: boolean;
  readonly isConfidential?: boolean;
}

const binding = Buffer.from('tls-server-end-point:x');

function bench({ tls = false, ntlm = false, strict = false, ...service }: Differences = {}) {
  const toy = toyService(service);
  const acceptor = createAcceptor({
    tls,
    methods: ntlm ? ['ntlm', 'kerberos'] : ['kerberos'],
    account: { domain: 'LAB', user: 'operator', password: 'x' },
    type3Body: true,
    framing: {},
    kerberos: { service: toy.service, channelBinding: tls ? binding : null, requireChannelBinding: strict },
    ntlm: {
      names: { nbDomain: 'LAB', nbComputer: 'EX01', dnsDomain: 'lab.example', dnsComputer: 'ex01.lab.example' },
      random: randomBytes,
      now: () => new Date(0),
      channelBinding: null,
      requireChannelBinding: false,
    },
  });
  return { acceptor, state: toy.state };
}

const logon = (acceptor: Acceptor, scheme: string, token: Uint8Array, body = '') =>
  acceptor.admit({
    headers: {
      authorization: `${scheme} ${Buffer.from(token).toString('base64')}`,
      'content-type': 'application/soap+xml;charset=UTF-8',
    },
    body: Buffer.from(body),
  });

const sealed = (protocol: 'Kerberos' | 'SPNEGO', text: string) => {
  const { contentType, body } = writeSealedBody({
    protocol: `application/HTTP-${protocol}-session-encrypted`,
    sealing: {
      seal: (message) => ({ signature: Buffer.from('HEAD'), sealed: message }),
      unseal: (_signature, message) => message,
    },
    message: Buffer.from(text),
  });
  return { headers: { 'content-type': contentType }, body };
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('what is offered', () => {
  test('Negotiate stands for both, Kerberos for itself', () => {
    const asked = bench().acceptor.admit({ headers: {}, body: new Uint8Array() });
    expect(asked).toMatchObject({ status: 401, challenges: ['Negotiate', 'Kerberos'] });
  });
});

describe.each(['Kerberos', 'Negotiate'] as const)('a bare token under %s', (scheme) => {
  test('is answered bare, and messages are sealed from then on', () => {
    const { acceptor } = bench();
    const answered = logon(acceptor, scheme, good);
    expect(answered).toMatchObject({ status: 200, challenges: [`${scheme} ${base64('AP-REP')}`] });
    const called = scheme === 'Kerberos' ? 'Kerberos' : 'SPNEGO';
    const spoken = acceptor.admit(sealed(called, '<a/>'));
    if (spoken.kind !== 'soap') return expect.unreachable();
    expect([spoken.user, spoken.text]).toEqual(['CORP\\ops', '<a/>']);
    expect(Buffer.from(spoken.wrap('<b/>').body).toString()).toContain(`HTTP-${called}-session-encrypted`);
  });

  test('a body called by the other name is broken', () => {
    const { acceptor } = bench();
    logon(acceptor, scheme, good);
    const other = sealed(scheme === 'Kerberos' ? 'SPNEGO' : 'Kerberos', '<a/>');
    expect(acceptor.admit(other)).toMatchObject({ status: 400, close: true });
  });

  test('a refusal carries the reason before the offers', () => {
    const { acceptor } = bench();
    expect(logon(acceptor, scheme, framed('other'))).toEqual({
      kind: 'answer',
      status: 401,
      challenges: [`${scheme} ${base64('KRB-ERROR')}`, 'Negotiate', 'Kerberos'],
      close: false,
    });
    expect(acceptor.admit(sealed('SPNEGO', '<a/>'))).toMatchObject({ status: 400 });
  });
});

describe('in SPNEGO', () => {
  const tokenOf = (challenge: string | undefined) =>
    readSpnego(Buffer.from(challenge?.replace('Negotiate ', '') ?? '', 'base64'));

  test.each([
    ['RFC 4121', oid],
    ['Windows', microsoftOid],
  ])('by the OID of %s', (_whose, first) => {
    const { acceptor } = bench();
    const answered = logon(acceptor, 'Negotiate', writeNegTokenInit(good, listOf(first, ntlmOid)));
    if (answered.kind !== 'answer') return expect.unreachable();
    expect(answered.status).toBe(200);
    expect(tokenOf(answered.challenges[0])).toMatchObject({
      state: 'accept-completed',
      responseToken: Buffer.from('AP-REP'),
      mechListMic: null,
    });
    // The mechanism chosen is named by the very OID that was offered.
    expect(Buffer.from(answered.challenges[0]?.slice(10) ?? '', 'base64').includes(first)).toBe(true);
  });

  test('a refusal', () => {
    const refused = logon(bench().acceptor, 'Negotiate', writeNegTokenInit(framed('other'), listOf(oid)));
    if (refused.kind !== 'answer') return expect.unreachable();
    expect(tokenOf(refused.challenges[0])).toMatchObject({
      state: 'reject',
      responseToken: Buffer.from('KRB-ERROR'),
    });
  });

  test.each([
    ['NTLM comes first', writeNegTokenInit(Buffer.from('NTLMSSP\0'), listOf(ntlmOid, oid))],
    ['it is damaged', Buffer.concat([Buffer.from('602806062b0601050502', 'hex'), Buffer.alloc(9)])],
    ['it is bare NTLM', Buffer.from('NTLMSSP\0\x01\0\0\0\0\0\0\0', 'latin1')],
  ])('not asked when %s', (_what, token) => {
    const { acceptor, state } = bench();
    expect(logon(acceptor, 'Negotiate', token)).toMatchObject({ status: 401, challenges: ['Negotiate', 'Kerberos'] });
    expect(state.bindings).toEqual([]);
  });

  test('NTLM goes its own way where it is allowed', () => {
    const { acceptor } = bench({ ntlm: true });
    const token = Buffer.concat([Buffer.from('NTLMSSP\0\x01\0\0\0', 'latin1'), Buffer.alloc(24)]);
    const challenged = logon(acceptor, 'Negotiate', token);
    if (challenged.kind !== 'answer') return expect.unreachable();
    expect(challenged.challenges[0]).toMatch(/^Negotiate TlRMTVNT/);
    expect(logon(acceptor, 'Kerberos', token)).toMatchObject({ challenges: ['Negotiate', 'Kerberos'] });
  });
});

describe('in clear', () => {
  test('over http it is an empty 500, again and again', () => {
    const { acceptor } = bench();
    expect(logon(acceptor, 'Kerberos', good, '<a/>')).toMatchObject({ status: 500 });
    const clear = { headers: { 'content-type': 'application/soap+xml' }, body: Buffer.from('<a/>') };
    expect(acceptor.admit(clear)).toMatchObject({ status: 500, challenges: [] });
  });

  test('over https the token and the first message come in one request', () => {
    const { acceptor, state } = bench({ tls: true });
    const spoken = logon(acceptor, 'Kerberos', good, '<a/>');
    expect(spoken).toMatchObject({ kind: 'soap', text: '<a/>', challenges: [`Kerberos ${base64('AP-REP')}`] });
    expect(state.bindings).toEqual([binding]);
  });

  test('a client that asked for no encryption can seal nothing', () => {
    const { acceptor } = bench({ isConfidential: false });
    logon(acceptor, 'Kerberos', good);
    expect(acceptor.admit(sealed('Kerberos', '<a/>'))).toMatchObject({ status: 400 });
  });
});

test.each([
  [true, true, 200],
  [true, false, 401],
  [false, false, 200],
])('a strict server (%s) wants a binding (%s given): %i', (strict, isBound, status) => {
  const { acceptor, state } = bench({ tls: true, strict, isBound });
  expect(logon(acceptor, 'Kerberos', good)).toMatchObject({ status });
  expect(state.released).toBe(status === 401 ? 1 : 0);
});

test('what the library holds is freed by the next logon and by the end of the connection', () => {
  const { acceptor, state } = bench();
  logon(acceptor, 'Kerberos', good);
  logon(acceptor, 'Kerberos', good);
  expect(state.released).toBe(1);
  acceptor.close();
  acceptor.close();
  expect(state.released).toBe(2);
});
