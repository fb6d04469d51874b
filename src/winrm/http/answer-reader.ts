// One HTTP/1.1 answer from the bytes of a connection, however they are cut. PURE. Its head and its body are bounded and nothing is decoded;
// what comes after its end is never read as another answer. Source: RFC 9112 sections 2.2, 6 and 7, RFC 9110 section 15.2.
import {
  canBecomeStatusLine,
  isKeptAlive,
  readBodyFrame,
  readHeaderLine,
  readKeepAliveMs,
  readStatusLine,
} from './answer-head.ts';
import type { AnswerHeaders, AnswerProblem, StatusLine } from './answer-head.ts';
import { JoinedBytes } from './joined-bytes.ts';

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; a name that came several times has all its values. */
  readonly headers: AnswerHeaders;
  readonly body: Buffer;
}

/** The whole answer, and whether its connection may carry another request. */
export interface WholeAnswer {
  readonly kind: 'whole';
  readonly answer: HttpAnswer;
  /** False: the server closes, or sent more than the answer. */
  readonly isReusable: boolean;
  /** How long the server keeps an idle connection, if it says so. */
  readonly keepAliveMs: number | null;
}

/** `cut`: the server closed before the end. */
export type AnswerProgress =
  WholeAnswer | { readonly kind: 'more' | 'cut' } | { readonly kind: 'unreadable'; readonly problem: AnswerProblem };

export interface AnswerLimits {
  /** Status line, headers and trailers, those of interim answers too. */
  readonly maxHeadBytes: number;
  /** The body, and as much again for the sizes of its chunks. */
  readonly maxBodyBytes: number;
}

type Part = 'status' | 'headers' | 'counted' | 'until-close' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers';

const more: AnswerProgress = { kind: 'more' };
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const emptyBytes: Buffer = Buffer.alloc(0);

export class AnswerReader {
  readonly #limits: AnswerLimits;
  #part: Part = 'status';
  #statusLine: StatusLine = { status: 0, isHttp10: false };
  #headers: Record<string, string[]> = emptyHeaders();
  readonly #body = new JoinedBytes();
  /** Bytes of the body or of the chunk that are still to come. */
  #missing = 0;
  #line = new JoinedBytes();
  #headBytes = 0;
  #chunkLineBytes = 0;
  #bytes = emptyBytes;
  #at = 0;
  #end: AnswerProgress = more;

  constructor(limits: AnswerLimits) {
    this.#limits = limits;
  }

  /** Takes the next bytes of the connection. After anything but `more` there is nothing more to read. */
  push(bytes: Buffer): AnswerProgress {
    this.#bytes = bytes;
    this.#at = 0;
    while (this.#end === more && this.#at < bytes.length) this.#step();
    this.#bytes = emptyBytes;
    return this.#end;
  }

  /** The server sends nothing more. */
  finish(): AnswerProgress {
    if (this.#end === more) this.#end = this.#part === 'until-close' ? this.#whole() : { kind: 'cut' };
    return this.#end;
  }

  #step(): void {
    switch (this.#part) {
      case 'counted':
      case 'chunk':
        this.#takeBody(Math.min(this.#missing, this.#bytes.length - this.#at));
        return;
      case 'until-close':
        this.#takeBody(this.#bytes.length - this.#at);
        return;
      default: {
        const line = this.#takeLine();
        if (line !== null) this.#readLine(line);
      }
    }
  }

  #readLine(line: string): void {
    switch (this.#part) {
      case 'status': {
        const found = readStatusLine(line);
        // Nobody asked for another protocol (101).
        if (found === null || found.status === 101) {
          this.#stop('not-http');
          return;
        }
        this.#statusLine = found;
        this.#part = 'headers';
        return;
      }
      case 'headers':
        if (line === '') this.#finishHead();
        else this.#takeHeader(line, this.#headers);
        return;
      case 'chunk-size':
        this.#startChunk(line);
        return;
      case 'chunk-end':
        if (line === '') this.#part = 'chunk-size';
        else this.#stop('not-http');
        return;
      default:
        // Trailers count for nothing, but have to be some.
        if (line === '') this.#end = this.#whole();
        else this.#takeHeader(line, emptyHeaders());
    }
  }

  #takeHeader(line: string, headers: Record<string, string[]>): void {
    const found = readHeaderLine(line);
    if (found === null) {
      this.#stop('not-http');
      return;
    }
    const [name, value] = found;
    (headers[name] ??= []).push(value);
  }

  #finishHead(): void {
    if (this.#statusLine.status < 200) {
      // An interim answer: the real one follows.
      this.#headers = emptyHeaders();
      this.#part = 'status';
      return;
    }
    const frame = readBodyFrame(this.#statusLine, this.#headers);
    if (typeof frame === 'string') {
      this.#stop(frame);
      return;
    }
    switch (frame.kind) {
      case 'empty':
        this.#end = this.#whole();
        return;
      case 'chunks':
        this.#part = 'chunk-size';
        return;
      case 'until-close':
        this.#part = 'until-close';
        return;
      case 'length':
        if (frame.bytes > this.#limits.maxBodyBytes) this.#stop('too-large');
        else if (frame.bytes === 0) this.#end = this.#whole();
        this.#missing = frame.bytes;
        this.#part = 'counted';
    }
  }

  #startChunk(line: string): void {
    const size = /^([0-9a-f]{1,8})(?:;[\t\x20-\x7e\x80-\xff]*)?$/i.exec(line)?.[1];
    if (size === undefined) {
      this.#stop('not-http');
      return;
    }
    this.#missing = parseInt(size, 16);
    this.#part = this.#missing === 0 ? 'trailers' : 'chunk';
    if (this.#body.length + this.#missing > this.#limits.maxBodyBytes) this.#stop('too-large');
  }

  #takeBody(length: number): void {
    if (this.#body.length + length > this.#limits.maxBodyBytes) {
      this.#stop('too-large');
      return;
    }
    this.#body.append(this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
    if (this.#part === 'until-close') return;
    this.#missing -= length;
    if (this.#missing > 0) return;
    if (this.#part === 'chunk') this.#part = 'chunk-end';
    else this.#end = this.#whole();
  }

  /** The next line without its end, which is CR LF and nothing else. Null when it isn't whole yet, or when it can't be one. */
  #takeLine(): string | null {
    const feed = this.#bytes.indexOf(lineFeed, this.#at);
    const next = feed < 0 ? this.#bytes.length : feed + 1;
    if (!this.#count(next - this.#at)) return null;
    const piece = this.#bytes.subarray(this.#at, next);
    this.#at = next;
    const isWhole = feed >= 0;
    if (isWhole && this.#line.length === 0) return this.#withoutEnd(piece);
    this.#line.append(piece);
    const line = this.#line.join();
    if (!isWhole) {
      if (!this.#canGoOn(line)) this.#stop('not-http');
      return null;
    }
    this.#line = new JoinedBytes();
    return this.#withoutEnd(line);
  }

  #withoutEnd(line: Buffer): string | null {
    if (line.at(-2) === carriageReturn) return line.toString('latin1', 0, line.length - 2);
    this.#stop('not-http');
    return null;
  }

  /** False: what has come of a line shows already that it is none, and nothing has to be waited for. */
  #canGoOn(start: Buffer): boolean {
    if (this.#part === 'status') return canBecomeStatusLine(start.toString('latin1', 0, 16));
    return this.#part !== 'chunk-end' || (start.length === 1 && start[0] === carriageReturn);
  }

  #count(bytes: number): boolean {
    const isChunkLine = this.#part === 'chunk-size' || this.#part === 'chunk-end';
    if (isChunkLine) this.#chunkLineBytes += bytes;
    else this.#headBytes += bytes;
    const { maxHeadBytes, maxBodyBytes } = this.#limits;
    if (this.#headBytes <= maxHeadBytes && this.#chunkLineBytes <= maxBodyBytes) return true;
    this.#stop('too-large');
    return false;
  }

  #whole(): AnswerProgress {
    const { status } = this.#statusLine;
    const isUntilClose = this.#part === 'until-close';
    return {
      kind: 'whole',
      answer: { status, headers: this.#headers, body: this.#body.join() },
      isReusable: !isUntilClose && this.#at === this.#bytes.length && isKeptAlive(this.#statusLine, this.#headers),
      keepAliveMs: readKeepAliveMs(this.#headers),
    };
  }

  #stop(problem: AnswerProblem): void {
    this.#end = { kind: 'unreadable', problem };
  }
}

/** Without the names that every object has: a header may be called `constructor`. */
function emptyHeaders(): Record<string, string[]> {
  return Object.create(null) as Record<string, string[]>;
}
