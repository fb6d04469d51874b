// One LDAP connection over a socket that is handed in: questions out, all answers to one back, one question at a time. After a SASL logon
// that agreed on a layer, everything goes sealed through it. It opens no socket and knows no entries. Source: RFC 4511, RFC 4422 section 3.7.
import type { Socket } from 'node:net';
import { asFailure, Failure } from '../model/failure.ts';
import type { Sealing } from '../winrm/auth/security-context.ts';
import { createLostFailure, createSilentFailure } from './failures.ts';
import { measureMessage, readMessage, writeUnbind, type LdapAnswer, type LdapResult } from './messages.ts';

export interface LdapConnection {
  /** All that is answered, the result last. Rejects with Failure `directory/...` or `connect/lost`; the connection is then closed. */
  ask(write: (id: number) => Uint8Array): Promise<LdapReply>;
  /** From now on everything is sealed. `signatureBytes`: how much of a sealed message its signature is. */
  protect(sealing: Sealing, signatureBytes: number): void;
  /** The socket, to put TLS on it. Throws when bytes came that nobody asked for: they are from before TLS. */
  release(): Socket;
  close(): void;
}

interface LdapReply {
  readonly answers: readonly LdapAnswer[];
  readonly result: LdapResult;
}

interface Layer {
  readonly sealing: Sealing;
  readonly signatureBytes: number;
}

interface Pending {
  readonly id: number;
  readonly answers: LdapAnswer[];
  readonly settle: (outcome: LdapReply | Failure) => void;
}

/** A page of entries is far below; what is longer is not kept waiting for. */
const maxMessageBytes = 16 * 1024 * 1024;
const lengthBytes = 4;

/** `timeoutMs`: for the answer to one question, from its last sign of life on. */
export function openConnection(socket: Socket, where: string, timeoutMs: number): LdapConnection {
  let lastId = 0;
  let layer: Layer | null = null;
  let pending: Pending | null = null;
  let broken: Failure | null = null;
  let timer: NodeJS.Timeout | undefined;
  /** A message came that answers no question, since the last one was asked. */
  let hasStray = false;
  /** As they came; and, behind the layer, opened. */
  let received: Buffer = Buffer.alloc(0);
  let opened: Buffer = Buffer.alloc(0);

  function fail(failure: Failure): void {
    broken ??= failure;
    clearTimeout(timer);
    socket.destroy();
    const waiting = pending;
    pending = null;
    waiting?.settle(broken);
  }
  function waitForMore(): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      fail(createSilentFailure(where, timeoutMs));
    }, timeoutMs);
  }
  const onData = (bytes: Buffer): void => {
    if (pending !== null) waitForMore();
    try {
      received = Buffer.concat([received, bytes]);
      if (layer === null) opened = takeAll(received);
      else while (received.length >= lengthBytes && openFrame(layer)) continue;
      while (readNext()) continue;
    } catch (thrown) {
      fail(addPlace(asFailure(thrown), where));
    }
  };
  const onError = (error: Error): void => {
    fail(createLostFailure(where, error));
  };
  const onClose = (): void => {
    fail(createLostFailure(where));
  };
  socket.on('data', onData);
  socket.on('error', onError);
  socket.on('close', onClose);

  /** Without a layer both are one. */
  function takeAll(bytes: Buffer): Buffer {
    const all = opened.length === 0 ? bytes : Buffer.concat([opened, bytes]);
    received = Buffer.alloc(0);
    return all;
  }
  function openFrame({ sealing, signatureBytes }: Layer): boolean {
    const length = received.readUInt32BE(0);
    if (length > maxMessageBytes) throw tooLong();
    if (received.length < lengthBytes + length) return false;
    const token = received.subarray(lengthBytes, lengthBytes + length);
    received = received.subarray(lengthBytes + length);
    opened = Buffer.concat([opened, sealing.unseal(token.subarray(0, signatureBytes), token.subarray(signatureBytes))]);
    return true;
  }
  function readNext(): boolean {
    const length = measureMessage(opened);
    if (length !== null && length > maxMessageBytes) throw tooLong();
    if (length === null || opened.length < length) return false;
    const { id, answer } = readMessage(opened.subarray(0, length));
    opened = opened.subarray(length);
    // Message 0 is the server's own: it is about to close (RFC 4511 section 4.4.1), which is told by the close.
    if (pending?.id !== id) {
      hasStray = true;
      return true;
    }
    if (answer.kind !== 'result') {
      pending.answers.push(answer);
      return true;
    }
    clearTimeout(timer);
    const done = pending;
    pending = null;
    done.settle({ answers: done.answers, result: answer.result });
    return true;
  }
  function send(message: Uint8Array): void {
    if (layer === null) {
      socket.write(message);
      return;
    }
    const { signature, sealed } = layer.sealing.seal(message);
    const length = Buffer.alloc(lengthBytes);
    length.writeUInt32BE(signature.length + sealed.length);
    socket.write(Buffer.concat([length, signature, sealed]));
  }

  return {
    ask(write) {
      return new Promise((resolve, reject) => {
        const refusal = broken ?? (pending === null ? null : new Failure('internal/bug', 'two LDAP questions at once'));
        if (refusal !== null) {
          reject(refusal);
          return;
        }
        lastId += 1;
        hasStray = false;
        const settle = (outcome: LdapReply | Failure): void => {
          if (outcome instanceof Failure) reject(outcome);
          else resolve(outcome);
        };
        pending = { id: lastId, answers: [], settle };
        waitForMore();
        send(write(lastId));
      });
    },
    protect(sealing, signatureBytes) {
      layer = { sealing, signatureBytes };
    },
    release() {
      socket.off('data', onData);
      socket.off('error', onError);
      socket.off('close', onClose);
      clearTimeout(timer);
      if (hasStray || opened.length > 0 || received.length > 0) {
        socket.destroy();
        throw new Failure('directory/unread', 'the server sent data between its consent to TLS and TLS', { where });
      }
      return socket;
    },
    close() {
      if (broken !== null) return;
      broken = new Failure('interrupted', 'the connection is closed', { where });
      clearTimeout(timer);
      send(writeUnbind(lastId + 1));
      socket.end();
      socket.destroySoon();
    },
  };
}

function tooLong(): Failure {
  return new Failure('directory/unread', `a message of more than ${maxMessageBytes} bytes`);
}

function addPlace(failure: Failure, where: string): Failure {
  const { code, message, hint, cause, retry } = failure;
  return failure.where === null ? new Failure(code, message, { where, hint, cause, retry }) : failure;
}
