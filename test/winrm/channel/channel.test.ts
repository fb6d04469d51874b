import { afterEach, describe, expect, test } from 'vitest';
import type { SecurityContext } from '../../../src/winrm/auth/security-context.ts';
import { createBasicContext } from '../../../src/winrm/auth/basic.ts';
import { createChannel } from '../../../src/winrm/channel/channel.ts';
import type { Channel, ChannelSend } from '../../../src/winrm/channel/channel.ts';
import { openConnection } from '../../../src/winrm/http/http-connection.ts';
import type { HttpConnection } from '../../../src/winrm/http/http-connection.ts';
import { writeSealedBody } from '../../../src/winrm/channel/sealed-body.ts';
import { Tracer } from '../../../src/winrm/channel/trace.ts';
import type { TraceEntry } from '../../../src/winrm/channel/trace.ts';
import { failureOf } from '../../support/failure-of.ts';
import { startScripted } from '../../support/scripted-server.ts';
import type { Reply, ScriptedServer, SeenRequest } from '../../support/scripted-server.ts';

// A security context anybody can see through: two tokens, and sealing by turning every bit.
function flip(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => byte ^ 0xff);
}
const sealing = {
  seal: (message: Uint8Array) => ({ signature: Buffer.alloc(16, 7), sealed: flip(message) }),
  unseal: (_signature: Uint8Array, sealed: Uint8Array) => flip(sealed),
};
function toyContext(isSealing: boolean): SecurityContext & { readonly seen: string[] } {
  const seen: string[] = [];
  let steps = 0;
  return {
    method: 'ntlm',
    scheme: 'Negotiate',
    awaitsProof: false,
    otherwise: null,
    close: () => undefined,
    seen,
    step(token) {
      if (token !== null) seen.push(Buffer.from(token).toString());
      steps += 1;
      return steps <= 2 ? Buffer.from(`token-${steps}`) : null;
    },
    get done() {
      return steps >= 2;
    },
    get sealing() {
      return isSealing ? sealing : null;
    },
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const challenge: Reply = { status: 401, headers: { 'WWW-Authenticate': `Negotiate ${base64('challenge')}` } };
const soap = (text: string, status = 200): Reply => ({
  status,
  headers: { 'Content-Type': 'application/soap+xml;charset=UTF-8' },
  body: text,
});
function sealed(text: string, status = 200, more: Record<string, string> = {}): Reply {
  const protocol = 'application/HTTP-SPNEGO-session-encrypted';
  const { contentType, body } = writeSealedBody({ protocol, sealing, message: Buffer.from(text) });
  return { status, headers: { 'Content-Type': contentType, ...more }, body };
}

let server: ScriptedServer;
let connection: HttpConnection;
afterEach(async () => {
  connection.close();
  await server.close();
});

async function channelTo(
  replies: readonly Reply[],
  context: SecurityContext = toyContext(true),
  affinity: { cookie: string | null } = { cookie: null },
): Promise<{ channel: Channel; trace: TraceEntry[]; seen: readonly SeenRequest[] }> {
  server = await startScripted({ onRequest: (_request, n) => replies[n - 1] ?? { status: 200 } });
  const endpoint = { scheme: 'http', address: '127.0.0.1', port: server.port, path: '/wsman' } as const;
  connection = await openConnection({ ...endpoint, caFile: null, tlsServerName: null, connectMs: 5000 });
  const trace: TraceEntry[] = [];
  let ms = 0;
  const clock = {
    now: () => '2026-12-05T22:00:00.000Z',
    elapsedMs: () => (ms += 10),
    sleep: () => Promise.resolve(),
  };
  const channel = createChannel({
    connection,
    context,
    note: null,
    names: { where: 'ex01:5985', username: 'CORP\\admin', scheme: 'http' },
    requestMs: 5000,
    tracer: new Tracer('ex01', clock, (entry) => trace.push(entry)),
    affinity,
  });
  return { channel, trace, seen: server.requests };
}

const asked: ChannelSend = { what: 'create', note: null, separately: false };

describe('the handshake', () => {
  test('the first message travels with the last token, the second without any', async () => {
    const { channel, trace, seen } = await channelTo([challenge, sealed('<one/>'), sealed('<two/>')]);
    expect(await channel.request('<create/>', asked)).toBe('<one/>');
    expect(await channel.request('<command/>', { ...asked, what: 'command' })).toBe('<two/>');
    expect(seen.map((one) => one.headers['authorization'])).toEqual([
      `Negotiate ${base64('token-1')}`,
      `Negotiate ${base64('token-2')}`,
      undefined,
    ]);
    expect(seen[0]?.headers['content-length']).toBe('0');
    expect(seen[1]?.headers['content-type']).toMatch(/^multipart\/encrypted/);
    expect(seen[1]?.body.includes('<create/>')).toBe(false);
    expect(trace).toEqual([
      { ...line, n: 1, what: 'type1', status: 401, requestBytes: 0, answerBytes: 0 },
      {
        ...line,
        n: 2,
        what: 'type3+create',
        status: 200,
        requestBytes: seen[1]?.body.length,
        answerBytes: trace[1]?.answerBytes,
      },
      {
        ...line,
        n: 3,
        what: 'command',
        status: 200,
        requestBytes: seen[2]?.body.length,
        answerBytes: trace[2]?.answerBytes,
      },
    ]);
  });

  const line = { target: 'ex01', at: '2026-12-05T22:00:00.000Z', method: 'POST', durationMs: 10, note: null };

  test('can be finished first', async () => {
    const { channel, trace } = await channelTo([challenge, { status: 200 }, sealed('<one/>')]);
    expect(await channel.request('<change/>', { ...asked, what: 'command', separately: true })).toBe('<one/>');
    expect(trace.map((one) => one.what)).toEqual(['type1', 'type3', 'command']);
  });

  test('a last token of the server is taken before the answer is unsealed', async () => {
    const context = toyContext(true);
    const last = { 'WWW-Authenticate': `Negotiate ${base64('final')}` };
    const { channel } = await channelTo([challenge, sealed('<one/>', 200, last)], context);
    await channel.request('<create/>', asked);
    expect(context.seen).toEqual(['challenge', 'final']);
  });

  test.each([
    ['200 and nothing', { status: 200 }],
    ['400', { status: 400 }],
  ])('a server that takes the token but not the message: %s', async (_name, reply) => {
    const { channel } = await channelTo([challenge, reply]);
    expect(await channel.request('<create/>', asked)).toBeNull();
  });

  const offers = (...schemes: string[]): Reply => ({ status: 401, headers: { 'WWW-Authenticate': schemes } });
  test.each([
    ['Negotiate is not offered', offers('Kerberos', 'Basic realm="WSMAN"'), 'auth/unsupported', 'Kerberos, Basic'],
    ['nothing is offered', { status: 401 }, 'auth/unsupported', 'none'],
    ['NTLM is declined', offers('Negotiate', 'Kerberos'), 'auth/unsupported', 'does not accept NTLM'],
    [
      'a portal answers',
      { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>' },
      'http/not-winrm',
      'text/html',
    ],
    ['a portal redirects', { status: 302, headers: { Location: 'http://portal/' } }, 'http/not-winrm', '302'],
    ['wrong path', { status: 404 }, 'http/status', '404'],
    ['a proxy wants a login', { status: 407 }, 'http/status', 'proxy'],
    ['the service is down', { status: 503, headers: { 'Content-Type': 'text/html' }, body: 'x' }, 'http/status', '503'],
  ] as const)('%s', async (_name, reply, code, words) => {
    const { channel, seen } = await channelTo([reply]);
    const failure = await failureOf(channel.request('<create/>', asked));
    expect(failure).toMatchObject({ code, effect: 'none', where: 'ex01:5985' });
    expect(failure.message).toContain(words);
    expect(failure.hint).not.toBeNull();
    expect(seen).toHaveLength(1);
    expect(channel.isOpen).toBe(false);
  });

  test.each([
    ['NTLM is declined', offers('Negotiate', 'Kerberos')],
    ['only Kerberos is offered', offers('Kerberos')],
  ])('%s: the account is to be written for Kerberos', async (_name, reply) => {
    const { channel } = await channelTo([reply]);
    const { hint } = await failureOf(channel.request('<create/>', asked));
    expect(hint).toContain('admin@REALM');
    expect(hint).not.toMatch(/basic/i);
  });

  test.each([true, false])('the logon is refused (handshake first: %s)', async (separately) => {
    const { channel, seen } = await channelTo([challenge, offers('Negotiate', 'Kerberos')]);
    const failure = await failureOf(channel.request('<create/>', { ...asked, separately }));
    expect(failure).toMatchObject({ code: 'auth/refused', effect: 'none', retry: 'never' });
    expect(failure.message).toContain('CORP\\admin');
    expect(failure.message).toContain('Negotiate, Kerberos');
    expect(seen).toHaveLength(2);
  });
});

describe('an answer to a sealed request', () => {
  const answers: readonly (readonly [string, Reply, string, string, string])[] = [
    ['SOAP in clear', soap('<forged/>'), 'wire/unsealed', 'unknown', 'never'],
    ['a fault in clear', soap('<forged/>', 500), 'wire/unsealed', 'unknown', 'never'],
    ['nothing in clear', { status: 200 }, 'wire/unsealed', 'unknown', 'never'],
    ['400, empty: rejected unread', { status: 400 }, 'http/status', 'none', 'new-session'],
    ['400 with a page: from somebody between', { status: 400, body: '<html>' }, 'http/status', 'unknown', 'never'],
    ['401: the logon was forgotten', { status: 401 }, 'auth/refused', 'none', 'new-session'],
    ['413', { status: 413 }, 'wire/too-large', 'none', 'never'],
    ['500, empty', { status: 500 }, 'http/status', 'unknown', 'never'],
    ['502: a proxy', { status: 502, body: '<html>' }, 'http/status', 'unknown', 'never'],
    ['503', { status: 503 }, 'http/status', 'none', 'same-request'],
    [
      'a seal that is cut',
      { ...sealed('<one/>'), body: sealed('<one/>').body?.slice(0, 200) ?? '' },
      'wire/unsealed',
      'unknown',
      'new-session',
    ],
  ];
  test.each(answers)('%s', async (_name, reply, code, effect, retry) => {
    const { channel } = await channelTo([challenge, sealed('<one/>'), reply]);
    await channel.request('<create/>', asked);
    const failure = await failureOf(channel.request('<command/>', { ...asked, what: 'command' }));
    expect(failure).toMatchObject({ code, effect, retry });
    expect(failure.message).not.toContain('forged');
  });

  test('a sealed fault is an answer, whatever its status', async () => {
    const { channel } = await channelTo([challenge, sealed('<fault/>', 500)]);
    expect(await channel.request('<create/>', asked)).toBe('<fault/>');
    expect(channel.isOpen).toBe(true);
  });
});

describe('without sealing, inside TLS', () => {
  test('basic sends its header with every request', async () => {
    const { channel, seen } = await channelTo(
      [soap('<one/>'), soap('<two/>', 500)],
      createBasicContext('admin', 'pass'),
    );
    expect(await channel.request('<create/>', asked)).toBe('<one/>');
    expect(await channel.request('<command/>', { ...asked, what: 'command' })).toBe('<two/>');
    expect(seen.map((one) => one.headers['authorization'])).toEqual(Array(2).fill(`Basic ${base64('admin:pass')}`));
    expect(seen[0]?.headers['content-type']).toBe('application/soap+xml;charset=UTF-8');
  });

  test('UTF-16 is read as its header says', async () => {
    const reply: Reply = {
      status: 200,
      headers: { 'Content-Type': 'application/soap+xml;charset=UTF-16' },
      body: Buffer.from('\ufeff<größe/>', 'utf16le'),
    };
    const { channel } = await channelTo([reply], createBasicContext('admin', 'pass'));
    expect(await channel.request('<create/>', asked)).toBe('<größe/>');
  });

  test.each([
    ['a page', { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>' }, 'http/not-winrm'],
    ['nothing', { status: 200 }, 'http/not-winrm'],
    ['bad bytes', { ...soap(''), body: Buffer.from([0x3c, 0xff]) }, 'wire/invalid'],
    [
      'an unknown charset',
      { status: 200, headers: { 'Content-Type': 'application/soap+xml;charset=x-odd' }, body: 'x' },
      'wire/invalid',
    ],
  ])('%s is no answer', async (_name, reply, code) => {
    const { channel } = await channelTo([reply], createBasicContext('admin', 'pass'));
    expect(await failureOf(channel.request('<create/>', asked))).toMatchObject({ code, effect: 'unknown' });
  });

  test.each([
    ['Basic realm="WSMAN"', 'auth/refused'],
    ['Negotiate', 'auth/unsupported'],
  ])('401 that offers %s', async (offer, code) => {
    const reply: Reply = { status: 401, headers: { 'WWW-Authenticate': offer } };
    const { channel } = await channelTo([reply], createBasicContext('admin', 'secret-pass'));
    const failure = await failureOf(channel.request('<create/>', asked));
    expect(failure.code).toBe(code);
    expect(JSON.stringify(failure)).not.toContain('secret-pass');
  });
});

test('the affinity cookie goes back with every later request, also on another connection', async () => {
  const affinity: { cookie: string | null } = { cookie: null };
  const cookies = { 'Set-Cookie': ['other=1', 'MS-WSMAN=machine-2; Path=/; HttpOnly'] };
  const reply: Reply = { ...soap('<one/>'), headers: { 'Content-Type': 'application/soap+xml', ...cookies } };
  const { channel, seen } = await channelTo([reply, soap('<two/>')], createBasicContext('admin', 'pass'), affinity);
  await channel.request('<create/>', asked);
  await channel.request('<command/>', asked);
  expect(seen.map((one) => one.headers['cookie'])).toEqual([undefined, 'MS-WSMAN=machine-2']);
  expect(affinity.cookie).toBe('MS-WSMAN=machine-2');
});

test('a request without an answer is traced with its failure', async () => {
  const { channel, trace } = await channelTo([], createBasicContext('admin', 'pass'));
  connection.close();
  await failureOf(channel.request('<create/>', { ...asked, note: 'abandoned' }));
  expect(trace).toMatchObject([{ what: 'create', status: null, answerBytes: 0, note: 'connect/lost; abandoned' }]);
});
