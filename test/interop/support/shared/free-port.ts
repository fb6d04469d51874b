// A port of loopback for a server that takes no port 0. It is none of those that a system gives out by itself (from 32768 on), so that nothing
// else that runs here is given it between the question and the server's start.
import { randomInt } from 'node:crypto';
import * as net from 'node:net';

const [first, end] = [20_000, 32_000];
let last = randomInt(first, end);

export async function freePort(): Promise<number> {
  for (let tries = first; tries < end; tries += 1) {
    last = last + 1 < end ? last + 1 : first;
    if (await canListen(last)) return last;
  }
  throw new Error(`no port from ${String(first)} to ${String(end - 1)} is free`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
