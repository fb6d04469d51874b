// An LDAP server on loopback that answers what a test says, byte for byte: half messages, silence, garbage. It knows no directory.
import * as net from 'node:net';
import * as tls from 'node:tls';
import { BerWriter } from 'ldapts';

export interface StandIn {
  readonly port: number;
  /** How many have connected. */
  readonly connections: () => number;
  close(): Promise<void>;
}

/** `react`: to the n-th message of a connection, counted from 1. `identity`: TLS from the start; left out: none. */
export async function openStandIn(
  react: (socket: net.Socket, id: number, n: number) => void,
  identity?: { readonly cert: string; readonly key: string },
): Promise<StandIn> {
  const sockets = new Set<net.Socket>();
  let connections = 0;
  const serve = (socket: net.Socket): void => {
    connections += 1;
    sockets.add(socket);
    let messages = 0;
    // What a client asks fits one segment on loopback, and it asks one thing at a time.
    socket.on('data', (bytes) => {
      messages += 1;
      react(socket, readId(bytes), messages);
    });
    socket.on('error', () => undefined);
  };
  const server = identity === undefined ? net.createServer(serve) : tls.createServer(identity, serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Of a message with one id of one byte, whatever the length before it. */
function readId(bytes: Buffer): number {
  const lengthBytes = ((bytes[1] ?? 0) & 0x80) === 0 ? 0 : (bytes[1] ?? 0) & 0x7f;
  return bytes[2 + lengthBytes + 2] ?? 0;
}

export const resultTags = { bind: 0x61, search: 0x65, extended: 0x78 } as const;

export function writeResult(id: number, tag: number, code: number, words = ''): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(tag);
  writer.writeEnumeration(code);
  writer.writeString('');
  writer.writeString(words);
  writer.endSequence();
  writer.endSequence();
  return Buffer.from(writer.buffer);
}
