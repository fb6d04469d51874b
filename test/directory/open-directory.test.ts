// Many controllers: one that is silent, gone or talks nonsense is passed over and told of; one that refuses the logon ends it.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openDirectory, type Controller, type DirectoryAccess } from '../../src/directory/open-directory.ts';
import { createAuthority } from '../../src/lab/http/certificates.ts';
import type { Failure } from '../../src/model/failure.ts';
import { failureOf } from '../support/failure-of.ts';
import { openStandIn, resultTags, writeResult, type StandIn } from '../support/ldap-stand-in.ts';

const servers: StandIn[] = [];
const authority = createAuthority({
  nowMs: Date.now(),
  randomBytes,
  newKeyPair: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
});
const { certificatePem: cert, privateKeyPem: key } = authority.certificateFor('localhost', null);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-test-'));
  await writeFile(join(folder, 'ca.pem'), authority.caPem);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(react: (socket: Socket, id: number) => void): Promise<StandIn> {
  const server = await openStandIn(react, { cert, key });
  servers.push(server);
  return server;
}

const silent = (): Promise<StandIn> => serve(() => undefined);
const garbage = (): Promise<StandIn> => serve((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'));
const busy = (): Promise<StandIn> => serve((socket, id) => socket.write(writeResult(id, resultTags.bind, 51)));
const refusing = (): Promise<StandIn> =>
  serve((socket, id) => socket.write(writeResult(id, resultTags.bind, 49, 'data 52e')));
const good = (): Promise<StandIn> => serve((socket, id) => socket.write(writeResult(id, resultTags.bind, 0)));

const access = (): DirectoryAccess => ({
  account: { auth: 'simple', username: 'cn=reader', password: { kind: 'env', name: 'PW' }, asksForTicket: true },
  tls: 'ldaps',
  caFile: join(folder, 'ca.pem'),
  timeoutMs: 1000,
});
const never = (): never => {
  throw new Error('a simple bind needs no such thing');
};
const parts = {
  readSecret: () => Promise.resolve('x'),
  random: never,
  now: () => new Date(0),
  loadKerberos: never,
  credentials: never,
  sleep: never,
} as unknown as Parameters<typeof openDirectory>[2];

function open(given: readonly StandIn[]) {
  const controllers = given.map(({ port }): Controller => ({ host: 'localhost', port }));
  const skipped: Failure[] = [];
  const directory = openDirectory(controllers, access(), parts, (failure) => skipped.push(failure));
  return { directory, skipped };
}

test('those that are silent, busy or no directory are passed over, each told once', async () => {
  const given = [await silent(), await garbage(), await busy(), await good(), await good()];
  const { directory, skipped } = open(given);
  const found = await directory;
  found.close();
  expect(found.where).toBe(`localhost:${String(given[3]?.port)}`);
  expect(skipped.map(({ code }) => code)).toEqual(['directory/silent', 'directory/unread', 'directory/refused']);
  expect(skipped.map(({ where }) => where)).toEqual(given.slice(0, 3).map(({ port }) => `localhost:${String(port)}`));
  expect(given.map((one) => one.connections())).toEqual([1, 1, 1, 1, 0]);
});

test('when none answers, the last one is the failure', async () => {
  const { directory, skipped } = open([await silent(), await garbage()]);
  expect((await failureOf(directory)).code).toBe('directory/unread');
  expect(skipped.map(({ code }) => code)).toEqual(['directory/silent']);
});

test('a refused logon is tried nowhere else: the account would get locked', async () => {
  const given = [await silent(), await refusing(), await good()];
  const { directory } = open(given);
  expect((await failureOf(directory)).code).toBe('auth/refused');
  expect(given.map((one) => one.connections())).toEqual([1, 1, 0]);
});
