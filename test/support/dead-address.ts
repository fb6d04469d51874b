// An address on loopback that nobody answers: a process listens there, takes no connection, and its queue is full, so that the system
// drops every further attempt without a word, as a host that is switched off does.
import { spawn } from 'node:child_process';
import * as net from 'node:net';

export interface DeadAddress {
  readonly address: string;
  readonly port: number;
  close(): void;
}

const program = `
const server = require('node:net').createServer();
server.listen({ port: Number(process.argv[1]), host: '127.0.0.2', backlog: 1 }, () => {
  process.stdout.write(server.address().port + '\\n', () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60000);
  });
});`;

/** Linux queues one connection more than it is told to. */
const queued = 2;

/** `desiredPort`: 0 for any. */
export async function startDeadAddress(desiredPort = 0): Promise<DeadAddress> {
  const listener = spawn(process.execPath, ['-e', program, String(desiredPort)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((resolve) => {
    listener.stdout.once('data', (text: Buffer) => {
      resolve(Number(text.toString()));
    });
  });
  const address = '127.0.0.2';
  const fillers: net.Socket[] = [];
  for (let count = 0; count < queued; count += 1) {
    const socket = net.connect(port, address);
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('connect', resolve));
    fillers.push(socket);
  }
  return {
    address,
    port,
    close() {
      for (const socket of fillers) socket.destroy();
      listener.kill('SIGKILL');
    },
  };
}
