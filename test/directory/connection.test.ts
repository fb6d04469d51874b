// What a server may send that is no whole answer: it is refused in words, the connection is closed, and nobody waits for ever.
import * as net from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { openConnection, type LdapConnection } from '../../src/directory/connection.ts';
import { writeSimpleBind, writeStartTls } from '../../src/directory/messages.ts';
import { failureOf } from '../support/failure-of.ts';
import { openStandIn, resultTags, writeResult, type StandIn } from '../support/ldap-stand-in.ts';

const where = 'dc01.corp.example:389';
const timeoutMs = 150;
const largest = 16 * 1024 * 1024;
const opened: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

interface Asked {
  readonly connection: LdapConnection;
  readonly socket: net.Socket;
  readonly server: StandIn;
}

async function connect(react: Parameters<typeof openStandIn>[0]): Promise<Asked> {
  const server = await openStandIn(react);
  const socket = net.connect(server.port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  opened.push(() => {
    socket.destroy();
    return server.close();
  });
  return { connection: openConnection(socket, where, timeoutMs), socket, server };
}

const ask = (connection: LdapConnection) => connection.ask((id) => writeSimpleBind(id, 'cn=reader', 'x'));

/** Four bytes of length, as BER and as a SASL frame have it. */
function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}

describe('an answer', () => {
  test('arrives whole, however it is cut', async () => {
    const { connection } = await connect((socket, id) => {
      const bytes = writeResult(id, resultTags.bind, 49, 'data 52e');
      socket.setNoDelay(true);
      const sendFrom = (at: number): void => {
        if (at >= bytes.length) return;
        socket.write(bytes.subarray(at, at + 1), () => setImmediate(sendFrom, at + 1));
      };
      sendFrom(0);
    });
    const { result } = await ask(connection);
    expect(result).toMatchObject({ code: 49, words: 'data 52e' });
  });

  test.each<[string, Buffer, string]>([
    ['that is longer than any page', Buffer.concat([Buffer.from([0x30, 0x84]), lengthOf(largest)]), 'directory/unread'],
    ['of a length of five bytes', Buffer.from([0x30, 0x85, 1, 0, 0, 0, 0]), 'directory/unread'],
    ['of no stated length', Buffer.from([0x30, 0x80, 2, 1, 1]), 'directory/unread'],
    ['of another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'directory/unread'],
    ['whose length is torn', Buffer.from([0x30, 0x84, 0, 0]), 'directory/silent'],
    ['that ends in the middle', writeResult(1, resultTags.bind, 0, 'words').subarray(0, -2), 'directory/silent'],
    ['of nothing at all', Buffer.alloc(0), 'directory/silent'],
    ['to another question', writeResult(9, resultTags.bind, 0), 'directory/silent'],
  ])('%s is refused, and the connection is worth nothing more', async (_, bytes, code) => {
    const { connection, socket } = await connect((one) => one.write(bytes));
    const failure = await failureOf(ask(connection));
    expect(failure).toMatchObject({ code, where });
    expect(socket.destroyed).toBe(true);
    expect(await failureOf(ask(connection))).toBe(failure);
  });

  test('that ends with the connection is lost', async () => {
    const { connection } = await connect((socket, id) => {
      socket.end(writeResult(id, resultTags.bind, 0).subarray(0, 5));
    });
    expect(await failureOf(ask(connection))).toMatchObject({ code: 'connect/lost', where, retry: 'new-session' });
  });
});

describe('between the consent to StartTLS and TLS', () => {
  test.each<[string, (id: number) => Buffer]>([
    ['a byte', () => Buffer.from([0x30])],
    ['a whole message', (id) => writeResult(id + 1, resultTags.bind, 0)],
    ['the same answer again', (id) => writeResult(id, resultTags.extended, 0)],
    ['a notice of the server', () => writeResult(0, resultTags.extended, 52)],
  ])('%s in clear is refused, and TLS is not begun', async (_, more) => {
    const { connection, socket } = await connect((one, id) => {
      one.write(Buffer.concat([writeResult(id, resultTags.extended, 0), more(id)]));
    });
    await connection.ask(writeStartTls);
    expect(() => connection.release()).toThrow('sent data between its consent to TLS and TLS');
    expect(socket.destroyed).toBe(true);
  });

  test('nothing: the socket is handed over as it is', async () => {
    const { connection, socket } = await connect((one, id) => one.write(writeResult(id, resultTags.extended, 0)));
    await connection.ask(writeStartTls);
    expect(connection.release()).toBe(socket);
    expect(socket.destroyed).toBe(false);
    expect(socket.listenerCount('data')).toBe(0);
  });
});

describe('a sealed connection', () => {
  /** Not sealed at all: what is tested is the frame around it. */
  const sealing = {
    seal: (message: Uint8Array) => ({ signature: Buffer.from('sign'), sealed: message }),
    unseal(signature: Uint8Array, sealed: Uint8Array) {
      if (Buffer.from(signature).toString() !== 'sign') throw new Error('a wrong signature');
      return sealed;
    },
  };
  const frame = (bytes: Uint8Array, sign = 'sign'): Buffer =>
    Buffer.concat([lengthOf(bytes.length + 4), Buffer.from(sign), bytes]);

  async function protect(answer: Buffer): Promise<Asked> {
    const asked = await connect((socket) => socket.write(answer));
    asked.connection.protect(sealing, 4);
    return asked;
  }

  test('opens frames, whether a message has one or several', async () => {
    const bytes = writeResult(1, resultTags.bind, 0, 'over two frames');
    const { connection } = await protect(Buffer.concat([frame(bytes.subarray(0, 7)), frame(bytes.subarray(7))]));
    expect((await ask(connection)).result.words).toBe('over two frames');
  });

  test.each<[string, Buffer, string]>([
    ['a frame over the limit', lengthOf(largest + 1), 'directory/unread'],
    ['a frame of four gigabytes', lengthOf(0xffffffff), 'directory/unread'],
    ['an answer in clear', writeResult(1, resultTags.bind, 0), 'directory/unread'],
    ['half a frame', frame(writeResult(1, resultTags.bind, 0)).subarray(0, 12), 'directory/silent'],
    ['a frame that is signed by nobody', frame(writeResult(1, resultTags.bind, 0), 'forg'), 'internal/bug'],
  ])('%s is refused', async (_, answer, code) => {
    const { connection, socket } = await protect(answer);
    expect((await failureOf(ask(connection))).code).toBe(code);
    expect(socket.destroyed).toBe(true);
  });
});
