// One letter, sent once, to servers that are not ours: Node's HTTP server and smtp-server, on loopback. What came back decides whether trying
// again makes sense; nothing of what the receiver said, and no secret, is in the words for it.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createSendLetter } from '../../../src/cli/notify/send-letter.ts';
import { judgeMailError } from '../../../src/cli/notify/send-mail.ts';
import { judgeStatus } from '../../../src/cli/notify/send-webhook.ts';
import { createAuthority } from '../../../src/lab/http/certificates.ts';
import type { Channel, MailWay, WebhookWay } from '../../../src/model/notifications/channel.ts';
import type { Letter } from '../../../src/model/notifications/letter.ts';
import { makeNote } from '../../../src/model/notifications/note.ts';
import type { SecretRef } from '../../../src/model/target.ts';
import { openEndpoint, type HttpEndpoint } from '../../support/http-endpoint.ts';

const at = '2026-12-05T22:00:00.000Z';
const letter: Letter = {
  channel: 'room',
  sequence: 1,
  writtenAt: at,
  note: makeNote({
    key: 'run/1/in-doubt',
    event: 'in-doubt',
    at,
    severity: 'alarm',
    title: 'Grün: 1 host half changed',
    from: 'operator@jump01',
    run: '20261205-220000-000abc',
    facts: ['ex01: in-doubt'],
    meaning: 'Look.',
    next: 'fencepost status 20261205-220000-000abc',
  }),
};
const secrets = (ref: SecretRef): Promise<string> => Promise.resolve(ref.kind === 'inline' ? ref.value : 'S3CR3T');
const send = (way: Channel['way'], signal = new AbortController().signal) =>
  createSendLetter(secrets)({ name: 'room', events: [], way }, letter, signal);

let folder: string;
const authority = createAuthority({
  nowMs: Date.now(),
  randomBytes,
  newKeyPair: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
});
const { privateKeyPem: key, certificatePem: cert } = authority.certificateFor('mail.lab.example', null);
let caFile: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-send-'));
  caFile = join(folder, 'ca.pem');
  await writeFile(caFile, authority.caPem);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a webhook', () => {
  let endpoint: HttpEndpoint;
  const way = (more: Partial<WebhookWay> = {}): WebhookWay => ({
    kind: 'webhook',
    url: { kind: 'inline', value: endpoint.url },
    token: null,
    caFile: null,
    proxy: null,
    ...more,
  });
  afterEach(() => endpoint.close());

  test('gets one POST with JSON, a token and a key by which it can tell a second one', async () => {
    endpoint = await openEndpoint(200);
    const token = { kind: 'env', name: 'TOKEN' } as const;
    expect(await send(way({ token }))).toEqual({ kind: 'sent' });
    expect(await send(way({ token }))).toEqual({ kind: 'sent' });
    const [first, second] = endpoint.requests;
    expect(first?.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      authorization: 'Bearer S3CR3T',
      'idempotency-key': expect.stringMatching(/^[0-9a-f]{40}$/) as string,
    });
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
    expect(JSON.parse(first?.body ?? '')).toMatchObject({
      ...letter.note,
      schema: 'fencepost/notification',
      version: 1,
    });
  });

  test.each([
    [500, 'later', /HTTP 500/],
    [503, 'later', /HTTP 503/],
    [408, 'later', /HTTP 408/],
    ['reset', 'later', /./],
    ['endless', 'later', /./],
    [400, 'refused', /HTTP 400/],
    [401, 'refused', /HTTP 401/],
    [404, 'refused', /HTTP 404/],
  ] as const)('that answers %s: %s', async (answer, kind, reason) => {
    endpoint = await openEndpoint(answer);
    const result = await send(way());
    expect(result).toMatchObject({ kind, reason: expect.stringMatching(reason) as string });
    expect(JSON.stringify(result)).not.toContain('S3CR3T');
    expect(endpoint.requests).toHaveLength(1);
  });

  test('that redirects is not followed, for the note and its token would go elsewhere', async () => {
    endpoint = await openEndpoint({ status: 307, headers: { location: '/elsewhere' } }, 200);
    expect(await send(way())).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/redirect/) as string });
    expect(endpoint.requests.map((one) => one.path)).toEqual(['/hook']);
  });

  test('that is busy says for how long', async () => {
    endpoint = await openEndpoint({ status: 429, headers: { 'retry-after': '7' } });
    expect(await send(way())).toEqual({ kind: 'later', reason: 'it answered HTTP 429', afterMs: 7000 });
  });

  test('that hangs is given up with the signal', async () => {
    endpoint = await openEndpoint('hang');
    expect(await send(way(), AbortSignal.timeout(300))).toMatchObject({ kind: 'later' });
  });

  test('whose secret never comes is given up with the signal', async () => {
    endpoint = await openEndpoint(200);
    const hanging = createSendLetter(() => new Promise<string>(() => undefined));
    const channel: Channel = { name: 'room', events: [], way: way() };
    expect(await hanging(channel, letter, AbortSignal.timeout(50))).toMatchObject({ kind: 'later' });
    expect(await hanging(channel, letter, AbortSignal.abort())).toMatchObject({ kind: 'later' });
    expect(endpoint.requests).toEqual([]);
  });

  test('that is not there, has no usable address or a token that no header takes', async () => {
    endpoint = await openEndpoint(200);
    const gone = await openEndpoint(200);
    await gone.close();
    const url = (value: string) => ({ url: { kind: 'inline', value } }) as const;
    expect(await send(way(url(gone.url)))).toMatchObject({ kind: 'later' });
    expect(await send(way(url('http://hooks.example/s3cr3t')))).toEqual({
      kind: 'refused',
      reason: 'its address: expected https: http is for this machine (localhost) only',
    });
    const bad = await send(way({ token: { kind: 'inline', value: 'two\r\nx-evil: 1' } }));
    expect(bad).toEqual({ kind: 'refused', reason: 'its token has signs that no header takes' });
    expect(endpoint.requests).toEqual([]);
  });

  test('over https is sent to only where the certificate is trusted and bears its name', async () => {
    endpoint = await openEndpoint(200);
    let requests = 0;
    const server: Server = createServer({ key, cert }, (request, response) => {
      request.resume().on('end', () => {
        requests += 1;
        response.writeHead(202).end();
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const url = (host: string) => ({ kind: 'inline', value: `https://${host}:${String(port)}/x` }) as const;
    try {
      expect(await send(way({ url: url('127.0.0.1') }))).toMatchObject({ kind: 'refused' });
      expect(requests).toBe(0);
      expect(await send(way({ url: url('127.0.0.1'), caFile }))).toEqual({ kind: 'sent' });
      expect(requests).toBe(1);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('mail', () => {
  interface Got {
    readonly from: string;
    readonly to: readonly string[];
    readonly text: string;
    readonly secure: boolean;
    readonly user: string | undefined;
  }

  async function withServer(
    options: SMTPServerOptions,
    body: (port: number, got: Got[]) => Promise<void>,
  ): Promise<void> {
    const got: Got[] = [];
    const server = new SMTPServer({
      key,
      cert,
      authOptional: true,
      logger: false,
      onAuth(auth, _session, done) {
        if (auth.username === 'fencepost' && auth.password === 'S3CR3T') done(null, { user: auth.username });
        else done(new Error('no'));
      },
      onData(stream, session, done) {
        let text = '';
        stream.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          got.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map((one) => one.address),
            text,
            secure: session.secure,
            user: session.user as string | undefined,
          });
          done();
        });
      },
      ...options,
    });
    // Clients that do not trust it hang up in the middle.
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    try {
      await body((server.server.address() as AddressInfo).port, got);
    } finally {
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    }
  }

  const way = (port: number, more: Partial<MailWay> = {}): MailWay => ({
    kind: 'mail',
    server: '127.0.0.1',
    port,
    security: 'starttls',
    login: { username: 'fencepost', password: { kind: 'env', name: 'SMTP' } },
    from: 'fencepost@corp.example',
    to: ['a@corp.example', 'b@corp.example'],
    caFile,
    ...more,
  });

  test('goes out over STARTTLS with a login, as text, with headers by which it is known', async () => {
    await withServer({}, async (port, got) => {
      expect(await send(way(port))).toEqual({ kind: 'sent' });
      expect(got).toMatchObject([
        { from: 'fencepost@corp.example', to: ['a@corp.example', 'b@corp.example'], secure: true, user: 'fencepost' },
      ]);
      const text = got[0]?.text ?? '';
      expect(text).toMatch(/^Subject: =\?UTF-8\?/m);
      expect(text).toMatch(/^Message-ID: <[0-9a-f]{40}@fencepost\.invalid>\r?$/m);
      expect(text).toMatch(/^Auto-Submitted: auto-generated\r?$/m);
      expect(text).toContain('fencepost status 20261205-220000-000abc');
    });
  });

  test('goes out over TLS from the first byte, and in clear to this machine', async () => {
    await withServer({ secure: true }, async (port, got) => {
      expect(await send(way(port, { security: 'tls' }))).toEqual({ kind: 'sent' });
      expect(got).toMatchObject([{ secure: true }]);
    });
    await withServer({ disabledCommands: ['STARTTLS'] }, async (port, got) => {
      expect(await send(way(port, { security: 'none', login: null, caFile: null }))).toEqual({ kind: 'sent' });
      expect(got).toMatchObject([{ secure: false }]);
    });
  });

  test('is refused, not sent in clear, by a server without STARTTLS, and not sent to one that nobody vouches for', async () => {
    await withServer({ disabledCommands: ['STARTTLS'] }, async (port, got) => {
      expect(await send(way(port))).toMatchObject({ kind: 'refused' });
      expect(got).toEqual([]);
    });
    for (const security of ['starttls', 'tls'] as const) {
      await withServer({ secure: security === 'tls' }, async (port, got) => {
        const result = await send(way(port, { caFile: null, security }));
        expect([security, result]).toMatchObject([security, { kind: 'refused' }]);
        expect(got).toEqual([]);
      });
    }
  });

  test('with a login that the server does not take is refused, and the password is in no word of it', async () => {
    const onAuth: SMTPServerOptions['onAuth'] = (_auth, _session, done) => {
      done(new Error('no'));
    };
    await withServer({ onAuth }, async (port, got) => {
      const result = await send(way(port));
      expect(result.kind).toBe('refused');
      expect(result).toMatchObject({ reason: 'the mail server answered 535 to the login' });
      expect(JSON.stringify(result)).not.toMatch(/S3CR3T|UzNDUjNU/);
      expect(got).toEqual([]);
    });
  });

  test('tries a refused login once, however many notes wait, and a new password at once', async () => {
    const logins: (string | null | undefined)[] = [];
    const onAuth: SMTPServerOptions['onAuth'] = ({ password }, _session, done) => {
      logins.push(password);
      done(new Error('no'));
    };
    await withServer({ onAuth }, async (port) => {
      const passwords = ['old', 'old', 'old', 'new'];
      const sendAgain = createSendLetter(() => Promise.resolve(passwords.shift() ?? ''));
      const channel: Channel = { name: 'room', events: [], way: way(port) };
      for (let count = 0; count < 4; count += 1) {
        expect(await sendAgain(channel, letter, new AbortController().signal)).toMatchObject({ kind: 'refused' });
      }
      expect(logins).toEqual(['old', 'new']);
    });
  });

  test('to a server that speaks something else: what it said is not repeated', () => {
    const thrown = Object.assign(new Error('Invalid greeting. response=S3CR3T: S3CR3T'), {
      code: 'EPROTOCOL',
      response: 'S3CR3T',
    });
    const result = judgeMailError(thrown);
    expect(result).toMatchObject({ kind: 'later', reason: expect.stringMatching(/EPROTOCOL/) as string });
    expect(JSON.stringify(result)).not.toContain('S3CR3T');
  });

  test.each([
    [451, 'later'],
    [550, 'refused'],
  ])('of which the server says %i', async (responseCode, kind) => {
    const onRcptTo: SMTPServerOptions['onRcptTo'] = (_address, _session, done) => {
      done(Object.assign(new Error('no'), { responseCode }));
    };
    await withServer({ onRcptTo }, async (port, got) => {
      expect(await send(way(port))).toMatchObject({ kind });
      expect(got).toEqual([]);
    });
  });

  test('to a server that is not there, or hangs, may work later', async () => {
    const gone = await openEndpoint(200);
    const port = Number(new URL(gone.url).port);
    await gone.close();
    expect(await send(way(port))).toMatchObject({ kind: 'later' });
    const onConnect: SMTPServerOptions['onConnect'] = () => undefined;
    await withServer({ onConnect, closeTimeout: 50 }, async (open) => {
      expect(await send(way(open), AbortSignal.timeout(300))).toMatchObject({ kind: 'later' });
    });
  });
});

describe('judgement', () => {
  const nowMs = Date.parse(at);
  test.each([
    [200, undefined, { kind: 'sent' }],
    [202, undefined, { kind: 'sent' }],
    [429, '120', { kind: 'later', afterMs: 120_000 }],
    [503, 'Sat, 05 Dec 2026 22:00:30 GMT', { kind: 'later', afterMs: 30_000 }],
    [503, 'Sat, 05 Dec 2026 21:00:30 GMT', { kind: 'later', afterMs: 0 }],
    [503, 'soon', { kind: 'later', afterMs: null }],
    [302, '5', { kind: 'refused' }],
    [100, undefined, { kind: 'refused' }],
  ])('HTTP %i with Retry-After %s', (status, retryAfter, expected) => {
    expect(judgeStatus(status, retryAfter, nowMs)).toMatchObject(expected);
  });

  test.each([
    ['EAUTH', undefined, 'refused'],
    ['EAUTH', 454, 'later'],
    ['ESOCKET', undefined, 'later'],
    ['ECONNECTION', undefined, 'later'],
    ['ETIMEDOUT', undefined, 'later'],
    ['ETLS', undefined, 'refused'],
    ['EENVELOPE', 550, 'refused'],
    ['EENVELOPE', 450, 'later'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', undefined, 'refused'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', undefined, 'refused'],
  ])('mail: %s with %s', (code, responseCode, kind) => {
    expect(judgeMailError(Object.assign(new Error('x'), { code, responseCode }))).toMatchObject({ kind });
  });
});
