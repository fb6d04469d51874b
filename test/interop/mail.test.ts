// Notes as mail, taken by a server that shares no line with nodemailer (aiosmtpd) and read by Python's own email package: login, TLS, signs
// beyond ASCII, long lines and lines that begin with a dot come through as they were written.
import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSendLetter } from '../../src/cli/notify/send-letter.ts';
import { createAuthority } from '../../src/lab/http/certificates.ts';
import type { MailWay } from '../../src/model/notifications/channel.ts';
import { makeNote } from '../../src/model/notifications/note.ts';
import { missingPeer, pythonVenv } from './support/python-venv.ts';

const missing = await missingPeer(['aiosmtpd']);
const program = fileURLToPath(new URL('./servers/smtp_server.py', import.meta.url));
const password = 'Grün-Pass-1!';
const at = '2026-12-05T22:00:00.000Z';
const note = makeNote({
  key: 'run/1/in-doubt',
  event: 'in-doubt',
  at,
  severity: 'alarm',
  title: 'Grün 日本: 2 hosts half changed',
  from: 'operator@jump01',
  run: '20261205-220000-000abc',
  facts: ['.', '.ex01: in-doubt', `ex02: ${'x'.repeat(390)}`],
  meaning: '.Look.',
  next: 'fencepost status 20261205-220000-000abc',
});
const letter = { channel: 'on-call', sequence: 1, writtenAt: at, note };

let folder: string;
const file = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-mail-'));
  const newKeyPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authority = createAuthority({ nowMs: Date.now(), randomBytes, newKeyPair });
  const { certificatePem, privateKeyPem } = authority.certificateFor('mail.lab.example', null);
  await writeFile(file('ca.pem'), authority.caPem);
  await writeFile(file('cert.pem'), certificatePem);
  await writeFile(file('key.pem'), privateKeyPem, { mode: 0o600 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function withServer(
  mode: 'starttls' | 'implicit',
  body: (port: number, nextMail: () => Promise<Readonly<Record<string, unknown>>>) => Promise<void>,
): Promise<void> {
  const { python } = await pythonVenv();
  const flags = ['--tls', mode, '--cert', file('cert.pem'), '--key', file('key.pem')];
  const child = spawn(python, [program, ...flags, '--user', 'fencepost', '--password', password], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONUTF8: '1' },
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const ended = new Promise<void>((resolve) =>
    child.once('close', () => {
      resolve();
    }),
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Readonly<Record<string, unknown>>> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`the mail server ended:\n${complaints}`);
    return JSON.parse(line.value) as Readonly<Record<string, unknown>>;
  };
  try {
    await body((await next())['port'] as number, next);
  } finally {
    child.stdin.end();
    await ended;
  }
}

const send = (port: number, more: Partial<MailWay>) => {
  const login = { username: 'fencepost', password: { kind: 'env', name: 'X' } } as const;
  const way: MailWay = {
    kind: 'mail',
    server: '127.0.0.1',
    port,
    security: 'starttls',
    login,
    from: 'fencepost@corp.example',
    to: ['on-call@corp.example', 'noc@corp.example'],
    caFile: file('ca.pem'),
    ...more,
  };
  return createSendLetter(() => Promise.resolve(password))(
    { name: 'on-call', events: [], way },
    letter,
    new AbortController().signal,
  );
};

describe.skipIf(missing !== null)('aiosmtpd', () => {
  test.each([
    ['starttls', 'starttls'],
    ['implicit', 'tls'],
  ] as const)('takes a mail over %s with a login, whole', async (mode, security) => {
    await withServer(mode, async (port, nextMail) => {
      expect(await send(port, { security })).toEqual({ kind: 'sent' });
      const mail = await nextMail();
      expect(mail).toMatchObject({
        from: 'fencepost@corp.example',
        to: ['on-call@corp.example', 'noc@corp.example'],
        subject: `[fencepost] ALARM: ${note.title}`,
        messageId: expect.stringMatching(/^<[0-9a-f]{40}@fencepost\.invalid>$/) as string,
        autoSubmitted: 'auto-generated',
        type: 'text/plain',
        secure: true,
        defects: [],
      });
      const lines = String(mail['text']).split(/\r?\n/);
      for (const fact of note.facts) expect(lines).toContain(`- ${fact}`);
      expect(lines).toContain('.Look.');
      expect(lines).toContain(`  ${note.next ?? ''}`);
    });
  });

  test('refuses a login that is not its own, and gets nothing from a client that does not trust it', async () => {
    await withServer('starttls', async (port) => {
      expect(await send(port, { login: { username: 'other', password: { kind: 'env', name: 'X' } } })).toEqual({
        kind: 'refused',
        reason: 'the mail server answered 535 to the login',
      });
      expect(await send(port, { login: null })).toMatchObject({ kind: 'refused' });
      expect(await send(port, { caFile: null })).toMatchObject({ kind: 'refused' });
    });
  });
});
