// What a name led to is told before a connection is tried, and resolution itself stays the system's.
import { connect, createServer, isIP } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { createConnector } from '../../../src/winrm/connect.ts';
import { createReportingLookup } from '../../../src/winrm/http/reporting-lookup.ts';
import { systemClock } from '../../../src/cli/io/clock.ts';
import type { Target } from '../../../src/model/target.ts';

test('the addresses of a name are told, and the connection is made as without', async () => {
  const server = createServer((socket) => socket.end());
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const told: (readonly string[])[] = [];
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: 'localhost', port, lookup: createReportingLookup((found) => told.push(found)) });
  await once(socket, 'connect');
  const [addresses = []] = told;
  expect(told).toHaveLength(1);
  expect(addresses.every((one) => isIP(one) !== 0)).toBe(true);
  expect(addresses).toContain(socket.remoteAddress);
  socket.destroy();
  server.close();
});

test('a name that leads nowhere is told of by the error alone', async () => {
  const told: unknown[] = [];
  const socket = connect({
    host: 'no-such-host.invalid',
    port: 5985,
    lookup: createReportingLookup((found) => told.push(found)),
  });
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
  expect(told).toEqual([]);
});

test.each([
  ['a name', { address: 'localhost' }, true],
  ['an address', { address: '127.0.0.1' }, false],
  ['a name behind a proxy', { address: 'localhost', proxy: { host: 'localhost', port: 9 }, scheme: 'https' }, false],
] as const)('a connector tells of %s, also of a host that nobody answers for', async (_, connection, isTold) => {
  const told: string[] = [];
  const connector = createConnector({
    readSecret: () => Promise.resolve('secret'),
    random: (bytes) => new Uint8Array(bytes),
    clock: { ...systemClock, sleep: () => Promise.resolve() },
    resolved: ({ name }, addresses) => told.push(`${name}: ${addresses.length > 0 ? 'found' : 'nothing'}`),
  });
  // Nobody listens on the discard port here.
  const target: Target = {
    name: 'ex01',
    connection: {
      port: 9,
      scheme: 'http',
      path: '/wsman',
      auth: 'ntlm',
      username: 'LAB\\operator',
      password: { kind: 'prompt' },
      caFile: null,
      tlsServerName: null,
      timeouts: { connectMs: 2000, operationMs: 1000, requestMs: 2000, hostMs: 5000 },
      ...connection,
    },
    groups: [],
    variables: {},
    origin: { file: 'inventory.yml', line: 1, column: 1 },
  };
  await expect(connector.connect(target)).rejects.toMatchObject({
    code: expect.stringMatching(/^connect\//) as string,
  });
  expect([...new Set(told)]).toEqual(isTold ? ['ex01: found'] : []);
});
