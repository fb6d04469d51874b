// One connection's authentication, with our own client's contexts at the other end: who gets in, in which wrapping, and what
// everybody else is told.
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createAcceptor } from '../../../src/lab/http/acceptor.ts';
import type { Acceptor, AcceptorOptions, Admission } from '../../../src/lab/http/acceptor.ts';
import { createNtlmInitiator } from '../../../src/winrm/auth/ntlm/context.ts';
import type { Sealing } from '../../../src/winrm/auth/security-context.ts';
import { readSealedBody, writeSealedBody } from '../../../src/winrm/channel/sealed-body.ts';

const password = 'Grün-Pass-1!';
const now = (): Date => new Date('2026-11-24T00:00:00Z');
const binding = Buffer.alloc(16, 7);

function acceptor(differences: Partial<AcceptorOptions> = {}, requireChannelBinding = false): Acceptor {
  const tls = differences.tls ?? false;
  return createAcceptor({
    tls,
    methods: ['ntlm'],
    account: { domain: 'LAB', user: 'operator', password },
    type3Body: true,
    framing: {},
    kerberos: null,
    ntlm: {
      names: { nbDomain: 'LAB', nbComputer: 'EX01', dnsDomain: 'lab.example', dnsComputer: 'ex01.lab.example' },
      random: randomBytes,
      now,
      channelBinding: tls ? binding : null,
      requireChannelBinding,
    },
    ...differences,
  });
}

interface ClientOptions {
  readonly username?: string;
  readonly password?: string;
  readonly seal?: boolean;
  readonly spnego?: boolean;
  readonly channelBinding?: Buffer | null;
}

const post = (headers: Readonly<Record<string, string>>, body: Uint8Array = new Uint8Array()) => ({ headers, body });
const negotiate = (token: Uint8Array): string => `Negotiate ${Buffer.from(token).toString('base64')}`;

/** Both legs of the handshake; `body` goes with the last one, sealed when the context seals. */
function handshake(server: Acceptor, client: ClientOptions = {}, body = '') {
  const context = createNtlmInitiator({
    username: client.username ?? 'LAB\\operator',
    password: client.password ?? password,
    workstation: '',
    random: randomBytes,
    now,
    channelBinding: client.channelBinding ?? null,
    targetName: null,
    seal: client.seal ?? true,
    spnego: client.spnego ?? false,
  });
  const first = context.step(null);
  if (first === null) throw new Error('expected a first token');
  const challenge = server.admit(post({ authorization: negotiate(first) }));
  if (challenge.kind !== 'answer') throw new Error(`expected a challenge, got ${challenge.kind}`);
  expect(challenge.status).toBe(401);
  const token = Buffer.from(challenge.challenges[0]?.replace('Negotiate ', '') ?? '', 'base64');
  const second = context.step(token);
  if (second === null) throw new Error('expected a second token');
  const sealing = context.sealing;
  const wrapped = body === '' ? { headers: {}, body: new Uint8Array() } : wrap(sealing, body);
  const last = server.admit(post({ ...wrapped.headers, authorization: negotiate(second) }, wrapped.body));
  return { last, sealing, context };
}

function wrap(sealing: Sealing | null, text: string) {
  if (sealing === null) {
    return { headers: { 'content-type': 'application/soap+xml;charset=UTF-8' }, body: Buffer.from(text) };
  }
  const protocol = 'application/HTTP-SPNEGO-session-encrypted';
  const { contentType, body } = writeSealedBody({ protocol, sealing, message: Buffer.from(text) });
  return { headers: { 'content-type': contentType }, body };
}

function speak(server: Acceptor, sealing: Sealing | null, text: string): Admission {
  const { headers, body } = wrap(sealing, text);
  return server.admit(post(headers, body));
}

function soap(admission: Admission) {
  if (admission.kind !== 'soap') throw new Error(`expected SOAP, got ${JSON.stringify(admission)}`);
  return admission;
}

const refusal = { kind: 'answer', status: 401, challenges: ['Negotiate'], close: false };
const broken = { kind: 'answer', status: 400, challenges: [], close: true };

describe('NTLM over http', () => {
  test('two legs with the first message in the second', () => {
    const server = acceptor();
    const { last, sealing } = handshake(server, {}, '<first/>');
    expect(soap(last)).toMatchObject({ user: 'LAB\\operator', text: '<first/>', challenges: [] });
    if (sealing === null) throw new Error('expected a seal');
    const answer = soap(last).wrap('<answer/>');
    expect(Buffer.from(readSealedBody({ ...answer, sealing }).message).toString()).toBe('<answer/>');
    const next = soap(speak(server, sealing, '<second/>'));
    expect(next.text).toBe('<second/>');
    const again = next.wrap('<ä/>');
    expect(Buffer.from(readSealedBody({ ...again, sealing }).message).toString()).toBe('<ä/>');
  });

  test('SPNEGO: the last leg brings the final token, and sealing begins anew behind it', () => {
    const server = acceptor();
    const { last, sealing, context } = handshake(server, { spnego: true });
    if (last.kind !== 'answer' || sealing === null) throw new Error('expected the end of a handshake that seals');
    expect(last.status).toBe(200);
    context.step(Buffer.from(last.challenges[0]?.replace('Negotiate ', '') ?? '', 'base64'));
    const first = soap(speak(server, sealing, '<first/>'));
    expect(first.text).toBe('<first/>');
    expect(Buffer.from(readSealedBody({ ...first.wrap('<a/>'), sealing }).message).toString()).toBe('<a/>');
  });

  test('an empty last leg is an empty 200, and messages follow', () => {
    const server = acceptor();
    const { last, sealing } = handshake(server);
    expect(last).toEqual({ kind: 'answer', status: 200, challenges: [], close: false });
    expect(soap(speak(server, sealing, '<x/>')).text).toBe('<x/>');
  });

  test('a server that takes no body with the last leg answers an empty 200, too', () => {
    const server = acceptor({ type3Body: false });
    const { last } = handshake(server, {}, '<lost/>');
    expect(last).toMatchObject({ kind: 'answer', status: 200 });
  });

  test.each([
    ['a wrong password', { password: 'wrong' }],
    ['an unknown user', { username: 'LAB\\nobody' }],
    ['another domain', { username: 'OTHER\\operator' }],
  ])('%s is refused, and the connection is no further than before', (_name, client) => {
    const server = acceptor();
    const { last, sealing } = handshake(server, client, '<x/>');
    expect(last).toEqual(refusal);
    expect(speak(server, sealing, '<x/>')).toEqual(broken);
    expect(handshake(server).last).toMatchObject({ status: 200 });
  });

  test.each(['lab\\OPERATOR', 'operator', 'operator@lab', 'operator@lab.example'])(
    '%s is the same account',
    (username) => {
      expect(handshake(acceptor(), { username }).last).toMatchObject({ status: 200 });
    },
  );

  test('SOAP in clear is refused, however often it is sent', () => {
    const server = acceptor();
    handshake(server);
    expect(speak(server, null, '<x/>')).toEqual(refusal);
    expect(speak(server, null, '<x/>')).toEqual(refusal);
  });

  test('a message out of order, or with a changed byte, ends the connection', () => {
    const server = acceptor();
    const { sealing } = handshake(server);
    wrap(sealing, '<never sent/>');
    expect(speak(server, sealing, '<x/>')).toEqual(broken);

    const other = acceptor();
    const changed = wrap(handshake(other).sealing, '<x/>');
    changed.body[changed.body.length - 30] = (changed.body[changed.body.length - 30] ?? 0) ^ 1;
    expect(other.admit(post(changed.headers, changed.body))).toEqual(broken);
  });

  test('keys of one connection are worth nothing on another', () => {
    const { sealing } = handshake(acceptor());
    expect(speak(acceptor(), sealing, '<x/>')).toEqual(broken);
  });

  test('a new handshake on the same connection begins anew', () => {
    const server = acceptor();
    handshake(server);
    const { sealing } = handshake(server);
    expect(soap(speak(server, sealing, '<x/>')).text).toBe('<x/>');
  });
});

describe('without authentication', () => {
  test.each([
    ['nothing at all', post({})],
    ['SOAP', post({ 'content-type': 'application/soap+xml' }, Buffer.from('<x/>'))],
    ['Basic over http', post({ authorization: `Basic ${Buffer.from(`operator:${password}`).toString('base64')}` })],
    ['a last leg without a first', post({ authorization: negotiate(Buffer.from('NTLMSSP\0\x03\0\0\0', 'latin1')) })],
    ['no NTLM', post({ authorization: negotiate(Buffer.from('hello')) })],
    ['another scheme', post({ authorization: 'Kerberos abcd' })],
    ['a scheme without a token', post({ authorization: 'Negotiate' })],
  ])('%s: 401', (_name, request) => {
    expect(acceptor({ methods: ['ntlm', 'basic'] }).admit(request)).toEqual(refusal);
  });

  test('a sealed body: 400, and the connection ends', () => {
    const type =
      'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"';
    expect(acceptor().admit(post({ 'content-type': type }, Buffer.from('x')))).toEqual(broken);
  });

  test('Identify is answered when it asks to be', () => {
    expect(acceptor().admit(post({ wsmanidentify: 'unauthenticated' }))).toEqual({ kind: 'identify' });
  });
});

describe('over TLS', () => {
  const basic = (credentials: string, encoding: BufferEncoding = 'utf8') =>
    post(
      {
        authorization: `Basic ${Buffer.from(credentials, encoding).toString('base64')}`,
        'content-type': 'application/soap+xml;charset=UTF-8',
      },
      Buffer.from('<x/>'),
    );
  const both = { tls: true, methods: ['ntlm', 'basic'] } as const;

  test.each([
    [`LAB\\operator:${password}`, 'utf8'],
    [`operator:${password}`, 'utf8'],
    [`LAB\\operator:${password}`, 'latin1'],
  ] as const)('Basic as %s in %s', (credentials, encoding) => {
    expect(soap(acceptor(both).admit(basic(credentials, encoding)))).toMatchObject({
      user: 'LAB\\operator',
      text: '<x/>',
    });
  });

  test.each(['LAB\\operator:wrong', 'OTHER\\operator:x', 'operator', `nobody:${password}`])(
    'Basic as %s: 401',
    (credentials) => {
      const challenges = ['Negotiate', 'Basic realm="WSMAN"'];
      expect(acceptor(both).admit(basic(credentials))).toEqual({ ...refusal, challenges });
    },
  );

  test('Basic where it is not enabled: 401 that offers what is', () => {
    expect(acceptor({ tls: true }).admit(basic(`operator:${password}`))).toEqual(refusal);
    const onlyBasic = acceptor({ tls: true, methods: ['basic'] });
    expect(onlyBasic.admit(post({}))).toEqual({ ...refusal, challenges: ['Basic realm="WSMAN"'] });
  });

  test('NTLM takes SOAP in clear inside TLS', () => {
    const { last } = handshake(acceptor({ tls: true }), { seal: false, channelBinding: binding }, '<x/>');
    expect(soap(last).text).toBe('<x/>');
    expect(soap(last).wrap('<y/>').contentType).toBe('application/soap+xml;charset=UTF-8');
  });

  test.each([
    ['right', binding, false, 200],
    ['right', binding, true, 200],
    ['none', null, false, 200],
    ['none', null, true, 401],
    ['wrong', Buffer.alloc(16, 8), false, 401],
    ['wrong', Buffer.alloc(16, 8), true, 401],
  ] as const)('channel binding %s (%s), strict %s: %i', (_name, channelBinding, strict, status) => {
    expect(handshake(acceptor({ tls: true }, strict), { seal: false, channelBinding }).last).toMatchObject({ status });
  });

  test('a body that is no SOAP: 415', () => {
    const request = basic(`operator:${password}`);
    const other = { ...request, headers: { ...request.headers, 'content-type': 'text/plain' } };
    expect(acceptor(both).admit(other)).toMatchObject({ kind: 'answer', status: 415 });
  });

  test('UTF-16 is read, with and without its mark', () => {
    const request = basic(`operator:${password}`);
    const headers = { ...request.headers, 'content-type': 'application/soap+xml;charset=UTF-16' };
    for (const text of ['<ä/>', '\ufeff<ä/>']) {
      expect(soap(acceptor(both).admit(post(headers, Buffer.from(text, 'utf16le')))).text).toBe('<ä/>');
    }
  });
});
