import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { holdPort } from '../../src/lab/held-port.ts';

const host = '127.0.0.1';

async function codeOf(port: number): Promise<string | undefined> {
  const socket = connect({ host, port });
  const refused = new Promise<string | undefined>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code);
    });
    socket.on('connect', () => {
      resolve('connected');
    });
  });
  const code = await refused;
  socket.destroy();
  return code;
}

test('whoever connects to it is refused, until it is released and listened on again', async () => {
  const held = await holdPort(0);
  expect(await codeOf(held.port)).toBe('ECONNREFUSED');
  await held.release();
  await held.release();
  const server = createServer((socket) => socket.end());
  server.listen({ host, port: held.port });
  await once(server, 'listening');
  expect(await codeOf(held.port)).toBe('connected');
  server.close();
});

test('the port of a server that has just stopped can be held', async () => {
  const server = createServer().listen({ host, port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const held = await holdPort(port);
  expect([held.port, await codeOf(port)]).toEqual([port, 'ECONNREFUSED']);
  await held.release();
});
