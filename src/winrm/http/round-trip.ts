// Requests and their answers on a socket that is connected already, one at a time: it writes, hands what comes to the reader, and says how
// the answer ended. It keeps no time, words no failure, and never opens another socket. Source: RFC 9112 sections 9.3 to 9.6.
import type * as net from 'node:net';
import { AnswerReader } from './answer-reader.ts';
import type { AnswerLimits, AnswerProgress, HttpAnswer, WholeAnswer } from './answer-reader.ts';
import type { AnswerProblem } from './answer-head.ts';

/** What came is no answer. After it the socket is closed. */
export class UnreadableAnswer extends Error {
  readonly problem: AnswerProblem;

  constructor(problem: AnswerProblem) {
    super(`unreadable answer: ${problem}`);
    this.problem = problem;
  }
}

interface Waiting {
  readonly reader: AnswerReader;
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (reason: Error) => void;
}

export class RoundTripSocket {
  readonly #socket: net.Socket;
  readonly #limits: AnswerLimits;
  #waiting: Waiting | null = null;
  #broken: Error | null = null;
  #keepAliveMs: number | null = null;

  constructor(socket: net.Socket, limits: AnswerLimits) {
    this.#socket = socket;
    this.#limits = limits;
    socket
      .on('data', (bytes: Buffer) => {
        this.#take(bytes);
      })
      .on('end', () => {
        this.#settle(this.#waiting?.reader.finish());
        this.#socket.destroy();
      })
      .on('error', (error) => {
        this.stop(error);
      })
      .on('close', () => {
        this.stop(new Error('closed'));
      });
  }

  /** False when a request would surely fail. */
  get isOpen(): boolean {
    const socket = this.#socket;
    return this.#broken === null && !socket.destroyed && !socket.readableEnded && socket.writable;
  }

  /** How long the server keeps this connection when it is idle, by its last answer. Null: it did not say. */
  get keepAliveMs(): number | null {
    return this.#keepAliveMs;
  }

  /**
   * Writes one request. `onFlushed` is called when all of it is with the operating system, or when the socket is destroyed. Rejects with
   * UnreadableAnswer, with the socket's error, or with what `stop` was given.
   */
  send(request: Uint8Array, onFlushed?: () => void): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { reader: new AnswerReader(this.#limits), resolve, reject };
      this.#socket.write(request, onFlushed);
    });
  }

  /** Closes at once; what is under way is rejected with `reason`. */
  stop(reason: Error): void {
    this.#broken ??= reason;
    const waiting = this.#waiting;
    this.#waiting = null;
    this.#socket.destroy();
    waiting?.reject(this.#broken);
  }

  #take(bytes: Buffer): void {
    // Nothing was asked: whatever this is, it must not become the answer to the next request.
    if (this.#waiting === null) this.stop(new UnreadableAnswer('not-http'));
    else this.#settle(this.#waiting.reader.push(bytes));
  }

  #settle(progress: AnswerProgress | undefined): void {
    switch (progress?.kind) {
      case 'whole':
        this.#deliver(progress);
        return;
      case 'unreadable':
        this.stop(new UnreadableAnswer(progress.problem));
        return;
      case 'cut':
        this.stop(new Error('closed before the answer was whole'));
        return;
      default:
    }
  }

  #deliver({ answer, isReusable, keepAliveMs }: WholeAnswer): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    this.#keepAliveMs = keepAliveMs;
    const close = (): void => {
      this.stop(new Error('closed after the answer'));
    };
    if (!isReusable) {
      close();
      waiting?.resolve(answer);
      return;
    }
    // A server may close right behind its answer without having said so. One whole turn of the event loop later that has been seen, and
    // the next request is not sent into it, where nobody could tell whether it was carried out.
    setImmediate(() =>
      setImmediate(() => {
        // An answer to half a request: nobody knows where the server takes the next one to start. Not asked before, for TLS says only in a
        // later turn that all was written.
        if (this.#socket.writableLength > 0) close();
        waiting?.resolve(answer);
      }),
    );
  }
}

/** The value of the header; empty when there is none. */
export function readContentType(answer: HttpAnswer): string {
  return answer.headers['content-type']?.[0] ?? '';
}
