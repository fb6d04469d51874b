// A running command as a user of the library holds it: its output as it comes, its input, signals. The next Receive is sent only when
// everybody who took an output stream wants more, so a slow reader slows the command and nothing piles up. It repeats nothing.
import { Readable, Writable } from 'node:stream';
import { asFailure } from '../../model/failure.ts';
import type { Failure } from '../../model/failure.ts';
import type { StartedCommand } from './shell.ts';
import { sendBytes } from './stdin.ts';
import type { SignalCode } from '../soap/namespaces.ts';

/** Bytes as they came: cut anywhere, also inside a character. */
export interface OutputPart {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Uint8Array;
}

/**
 * Output that nobody takes is thrown away: take `stdout`, `stderr` or the iterator before waiting for `exitCode`. As with a local child
 * process, a stream that was taken must be read, or the command waits.
 */
export interface RemoteCommand extends AsyncIterable<OutputPart>, AsyncDisposable {
  /** Bytes; `setEncoding('utf8')` makes them text. */
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Null unless the command was started with `stdin: true`. */
  readonly stdin: Writable | null;
  /** Resolves when the command has ended and its output is fetched. Unsigned 32 bit. Rejects with a Failure. */
  readonly exitCode: Promise<number>;
  /** Ctrl-C by default. `terminate` ends the command at once; its streams then end with a Failure. */
  signal(code?: SignalCode): Promise<void>;
  /** Terminates the command if it still runs. Never rejects. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Somebody who takes output. */
interface Taker {
  readonly stream: 'stdout' | 'stderr' | 'both';
  wantsMore(): boolean;
  take(part: OutputPart): void;
  /** Null: the output has ended as it should. */
  end(failure: Failure | null): void;
}

/** `hasInput`: whether it was started with input to come. */
export function createRemoteCommand(started: StartedCommand, hasInput: boolean): RemoteCommand {
  const takers = new Set<Taker>();
  const streams: { stdout?: Readable; stderr?: Readable } = {};
  let isAwaited = false;
  let wake: (() => void) | null = null;
  let pumping: Promise<void> | null = null;
  let ended: { readonly failure: Failure | null } | null = null;
  let resolveExit: (code: number) => void;
  let rejectExit: (failure: Failure) => void;
  const exit = new Promise<number>((resolve, reject) => {
    [resolveExit, rejectExit] = [resolve, reject];
  });
  // Whoever reads the streams learns of it there.
  exit.catch(() => undefined);

  function isWanted(): boolean {
    return takers.size === 0 ? isAwaited : [...takers].every((one) => one.wantsMore());
  }

  function poke(): void {
    pumping ??= pump();
    wake?.();
  }

  async function pump(): Promise<void> {
    try {
      for (;;) {
        while (!isWanted()) await new Promise<void>((resolve) => (wake = resolve));
        const next = await started.output.next();
        if (next.done === true) return;
        for (const part of next.value.chunks) {
          for (const one of takers) if (one.stream === 'both' || one.stream === part.stream) one.take(part);
        }
        if (next.value.exitCode === null) continue;
        resolveExit(next.value.exitCode);
        finish(null);
        await started.output.next();
        return;
      }
    } catch (thrown) {
      const failure = asFailure(thrown);
      rejectExit(failure);
      finish(failure);
    }
  }

  function finish(failure: Failure | null): void {
    ended = { failure };
    for (const one of takers) one.end(failure);
    takers.clear();
  }

  function add(taker: Taker): void {
    if (ended === null) takers.add(taker);
    else taker.end(ended.failure);
  }

  function createStream(name: 'stdout' | 'stderr'): Readable {
    const known = streams[name];
    if (known !== undefined) return known;
    let wants = true;
    const stream: Readable = new Readable({
      read() {
        wants = true;
        poke();
      },
      destroy(error, done) {
        if (takers.delete(taker)) poke();
        done(error);
      },
    });
    const taker: Taker = {
      stream: name,
      wantsMore: () => wants,
      take: ({ data }) => void (wants = stream.push(data)),
      end(failure) {
        if (failure === null) stream.push(null);
        else stream.destroy(failure);
      },
    };
    // The failure is `exitCode`'s as well; a stream that nobody listens to must not end the process.
    stream.on('error', () => undefined);
    streams[name] = stream;
    add(taker);
    return stream;
  }

  return {
    get stdout() {
      return createStream('stdout');
    },
    get stderr() {
      return createStream('stderr');
    },
    stdin: hasInput ? createInput(started) : null,
    get exitCode() {
      isAwaited = true;
      if (ended === null) poke();
      return exit;
    },
    signal: (code = 'ctrl_c') => started.signal(code),
    [Symbol.asyncIterator]: () => iterate({ add, remove: (one) => takers.delete(one), poke }),
    async [Symbol.asyncDispose]() {
      for (const stream of Object.values(streams)) stream.destroy();
      if (ended === null) await started.end();
    },
  };
}

interface Takers {
  readonly add: (taker: Taker) => void;
  readonly remove: (taker: Taker) => void;
  readonly poke: () => void;
}

/** Both streams in the order in which they came; asks for more when what came is used up. */
async function* iterate({ add, remove, poke }: Takers): AsyncGenerator<OutputPart, void, undefined> {
  const parts: OutputPart[] = [];
  let end: { readonly failure: Failure | null } | null = null;
  let wake: () => void = () => undefined;
  const taker: Taker = {
    stream: 'both',
    wantsMore: () => parts.length === 0,
    take(part) {
      parts.push(part);
      wake();
    },
    end(failure) {
      end = { failure };
      wake();
    },
  };
  add(taker);
  try {
    for (;;) {
      const part = parts.shift();
      if (part !== undefined) {
        yield part;
        continue;
      }
      const over = end as { readonly failure: Failure | null } | null;
      if (over !== null) {
        if (over.failure !== null) throw over.failure;
        return;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        poke();
      });
    }
  } finally {
    remove(taker);
    poke();
  }
}

function createInput(started: StartedCommand): Writable {
  return new Writable({
    highWaterMark: sendBytes,
    write(chunk: Uint8Array, _encoding, done) {
      started.send({ data: chunk, end: false }).then(() => {
        done();
      }, done);
    },
    final(done) {
      started.send({ data: new Uint8Array(), end: true }).then(() => {
        done();
      }, done);
    },
  });
}
