import { createHash } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFleet, type Fleet } from '../../src/lab/fleet.ts';
import { serverSpec } from '../../src/lab/scenario/server-spec.ts';
import type { Connection } from '../../src/model/target.ts';
import { Tracer, type TraceEntry } from '../../src/winrm/channel/trace.ts';
import { openConnection } from '../../src/winrm/http/http-connection.ts';
import { identifyListener, probeTls } from '../../src/winrm/probe.ts';
import { failureOf } from '../support/failure-of.ts';
import { memoryClock } from '../support/memory-clock.ts';

let fleet: Fleet;
let connection: Connection;
let fingerprint: string;

beforeAll(async () => {
  const account = { user: 'LAB\\operator', password: 'x' };
  fleet = await startFleet({ servers: [serverSpec({ name: 'ex01', listener: 'https' })], account });
  const { port } = fleet.server('ex01');
  connection = {
    address: '127.0.0.1',
    port,
    scheme: 'https',
    path: '/wsman',
    auth: 'ntlm',
    username: 'LAB\\operator',
    password: { kind: 'prompt' },
    caFile: null,
    tlsServerName: null,
    timeouts: { connectMs: 5000, operationMs: 5000, requestMs: 10_000, hostMs: 20_000 },
  };
  fingerprint = await new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      const { raw } = socket.getPeerCertificate();
      socket.destroy();
      resolve(createHash('sha256').update(raw).digest('hex').toUpperCase());
    });
    socket.once('error', reject);
  });
});

afterAll(async () => {
  await fleet.close();
});

const pinned = (pin: string): Connection => ({
  ...connection,
  tls: { fingerprint: pin, minVersion: '1.2', validation: 'validate' },
});

test('a check of TLS trusts what a session would trust: nobody, or the pinned certificate', async () => {
  expect((await failureOf(probeTls(connection))).code).toBe('tls/untrusted');
  expect(await probeTls(pinned(fingerprint))).not.toBeNull();
  expect((await failureOf(probeTls(pinned('AB'.repeat(32))))).code).toMatch(/^tls\//);
});

test('a pinned connection still knows the certificate, for channel bindings', async () => {
  const { timeouts, ...endpoint } = pinned(fingerprint);
  const opened = await openConnection({ ...endpoint, connectMs: timeouts.connectMs });
  opened.close();
  expect(
    createHash('sha256')
      .update(opened.peerCertificate ?? '')
      .digest('hex')
      .toUpperCase(),
  ).toBe(fingerprint);
});

test('who answers is asked over the pinned connection too', async () => {
  const { offers, product } = await identifyListener(pinned(fingerprint));
  expect(offers ?? product).not.toBeNull();
});

test('the question is traced: answered or not, and not at all where it was never sent', async () => {
  const entries: TraceEntry[] = [];
  const options = { tracer: new Tracer('ex01', memoryClock(), (entry) => entries.push(entry)) };
  await identifyListener(pinned(fingerprint), options);
  const silent = createServer((socket) => socket.once('data', () => socket.destroy()));
  const port = await new Promise<number>((resolve) => {
    silent.listen(0, '127.0.0.1', () => {
      resolve((silent.address() as AddressInfo).port);
    });
  });
  await failureOf(identifyListener({ ...connection, scheme: 'http', port }, options));
  await new Promise((resolve) => silent.close(resolve));
  await failureOf(identifyListener({ ...connection, scheme: 'http', port }, options));
  expect(entries.map(({ target, what, status, note }) => ({ target, what, status, note }))).toEqual([
    { target: 'ex01', what: 'identify', status: 200, note: 'before the logon' },
    {
      target: 'ex01',
      what: 'identify',
      status: null,
      note: expect.stringMatching(/^connect\/.*; before the logon$/) as unknown,
    },
  ]);
});
