// The life of one remote shell: open it, run command lines in it, close it; and what is done when something breaks in the middle. It knows
// nothing of sockets and authentication: it sends messages over a Link. Whether several commands run at once is the caller's choice.
// Sources: MS-WSMV 3.1.4.4 and 3.1.4.11-14; wsman.md sections 1.4, 2.4-2.9.
import { asFailure, Failure } from '../model/failure.ts';
import type { Answer, Clock } from '../model/world.ts';
import { withEffect } from './effect.ts';
import { withGrace } from './grace.ts';
import { failureOfAbort, throwIfAborted } from './interruption.ts';
import { collectOutput, receiveOutput } from './output.ts';
import type { OutputAnswer } from './output.ts';
import type { ShellMessages } from './shell-messages.ts';
import { sendBytes, sendInput } from './stdin.ts';
import type { Piece } from './stdin.ts';
import type { Tries } from './tries.ts';
import type { SignalCode } from './wire/namespaces.ts';

/** cmd.exe takes no more (wsman.md section 2.5); a longer line fails there in ways that can look like success. */
export const maxCommandLineCharacters = 8191;
/** Terminate and Delete of a command that was abandoned: best effort, so that a dead host costs no more than this. */
const abandonMs = 3000;
/** The Delete at close: nobody waits for its answer, but the connection is kept so long for it. */
const closeMs = 2000;

export interface ShellParts {
  /** `ex01:5985`, for messages. */
  readonly where: string;
  readonly messages: ShellMessages;
  /** A new count of tries for one piece of work. */
  readonly newTries: () => Tries;
  readonly sleep: Clock['sleep'];
  /** Told of every shell that was created, before it is used. */
  readonly onShell?: ((shellId: string) => Promise<void>) | undefined;
}

interface Started {
  readonly shellId: string;
  readonly commandId: string;
}

export interface RunInput {
  readonly signal?: AbortSignal | undefined;
  /** Bytes for the command's stdin, and its end. Left out: the command gets none, and no end either. */
  readonly stdin?: Uint8Array | undefined;
}

/** A command that was started, and is fetched, fed and signalled bit by bit. */
export interface StartedCommand {
  readonly output: AsyncGenerator<OutputAnswer, void, undefined>;
  send(piece: Piece): Promise<void>;
  signal(code: SignalCode): Promise<void>;
  /** Ends it on the host, whatever it does; resolves within seconds and never rejects. */
  end(): Promise<void>;
}

export class Shell {
  readonly #parts: ShellParts;
  #shellId: string | null = null;
  #creating: Promise<string> | null = null;
  #cleanup: Promise<void> = Promise.resolve();
  #lastSend: Promise<unknown> = Promise.resolve();
  /** Commands whose end was not seen yet. */
  readonly #running = new Set<Started>();

  constructor(parts: ShellParts) {
    this.#parts = parts;
  }

  /**
   * Creates the shell. A full or not yet ready server is asked again; a host that can't be reached is not. Throws Failure.
   * `leftBehind`: shells that a dead process may have left; they are deleted first, so that they don't count against the quota.
   */
  async open(signal?: AbortSignal, leftBehind: readonly string[] = []): Promise<void> {
    const { where, newTries } = this.#parts;
    const tries = newTries();
    const left = [...leftBehind];
    for (;;) {
      try {
        await this.#deleteLeft(left, signal);
        await this.#create(null, signal);
        throwIfAborted(signal, where);
        return;
      } catch (thrown) {
        const failure = asFailure(thrown);
        const worthIt =
          failure.retry === 'same-request' || failure.code === 'wire/quota' || failure.code === 'connect/lost';
        if (signal?.aborted === true || !worthIt || !(await tries.next(signal))) {
          throw withEffect(failure, 'none', where);
        }
      }
    }
  }

  /**
   * Runs one command line and returns all it left behind.
   *
   * `ask`: the line changes nothing, so it is run again when its answer was lost. `change`: it is started at most once.
   * Throws Failure; for `change` its `effect` says whether the line may have run. When `signal` aborts while the command runs, the
   * command is terminated and the shell, unless other commands run in it, deleted behind the caller's back, within a few seconds.
   */
  async run(line: string, kind: 'ask' | 'change', { signal, stdin }: RunInput = {}): Promise<Answer> {
    const { where, newTries } = this.#parts;
    await this.#prepare(line);
    const tries = newTries();
    for (;;) {
      const started = await this.#start(line, kind, { tries, signal, hasInput: stdin !== undefined });
      try {
        return await this.#collect(started, { signal, stdin });
      } catch (thrown) {
        const failure = asFailure(thrown);
        const effect = kind === 'change' ? 'unknown' : 'none';
        if (signal?.aborted === true) {
          this.#abandonOnce(started);
          throw failureOfAbort(signal, where, effect);
        }
        if (kind === 'change' || failure.retry === 'never' || !(await tries.next(signal))) {
          throw withEffect(failure, effect, where);
        }
      }
    }
  }

  /** Starts a line, at most once, and leaves the rest to the caller. `hasInput`: stdin will be sent. Throws Failure. */
  async begin(
    line: string,
    { signal, hasInput }: { readonly signal: AbortSignal | undefined; readonly hasInput: boolean },
  ): Promise<StartedCommand> {
    await this.#prepare(line);
    const started = await this.#start(line, 'change', { tries: this.#parts.newTries(), signal, hasInput });
    const { shellId, commandId } = started;
    const { messages } = this.#parts;
    return {
      output: this.#outputOf(started, signal),
      send: (piece) => this.#send(started, piece, signal),
      signal: (code) => messages.signal(shellId, commandId, code, { signal }),
      end: async () => {
        if (!this.#running.delete(started)) return;
        const options = { signal: AbortSignal.timeout(abandonMs), note: 'ended early' };
        await messages.signal(shellId, commandId, 'terminate', options).catch(() => undefined);
      },
    };
  }

  /**
   * Deletes the shell and closes the connection. Resolves as soon as the Delete is with the operating system, which delivers it even
   * when the process ends at once; the answer is read in the background. Never rejects; does nothing the second time.
   */
  async close(): Promise<void> {
    const { messages } = this.#parts;
    await this.#cleanup;
    const shellId = this.#shellId;
    this.#shellId = null;
    if (shellId === null) {
      messages.disconnect();
      return;
    }
    await new Promise<void>((resolve) => {
      messages
        .delete(shellId, { signal: AbortSignal.timeout(closeMs), onFlushed: resolve, background: true })
        .catch(() => undefined)
        .finally(() => {
          messages.disconnect();
          resolve();
        });
    });
  }

  async #prepare(line: string): Promise<void> {
    const { where } = this.#parts;
    if (line.length > maxCommandLineCharacters) {
      throw new Failure(
        'command/too-long',
        `${where}: a command line of ${line.length} characters, and Windows takes ${maxCommandLineCharacters}`,
        { where, hint: 'ask for fewer ports at once' },
      );
    }
    await this.#cleanup;
  }

  /** Commands that begin at the same time share the shell that one of them opens. */
  async #create(note: string | null, signal: AbortSignal | undefined): Promise<string> {
    this.#creating ??= this.#createOne(note, signal).finally(() => {
      this.#creating = null;
    });
    return await this.#creating;
  }

  async #createOne(note: string | null, signal: AbortSignal | undefined): Promise<string> {
    const { messages, onShell } = this.#parts;
    const grace = withGrace(signal, abandonMs);
    try {
      const shellId = await messages.create({ signal: grace.signal, note, onFlushed: grace.onFlushed });
      this.#shellId = shellId;
      await onShell?.(shellId);
      return shellId;
    } finally {
      grace.end();
    }
  }

  /** Each is tried once. A shell that is gone, or another account's, is nobody's trouble; a host that can't be reached is. */
  async #deleteLeft(left: string[], signal: AbortSignal | undefined): Promise<void> {
    for (let shellId = left.shift(); shellId !== undefined; shellId = left.shift()) {
      try {
        await this.#parts.messages.delete(shellId, { signal, note: 'left behind by a run that died' });
      } catch (thrown) {
        const failure = asFailure(thrown);
        const isAnswered = failure.effect === 'unknown' || failure.code.startsWith('wire/');
        if (signal?.aborted === true || !isAnswered) throw failure;
      }
    }
  }

  /** After a lost answer an `ask` is started again, a `change` never. */
  async #start(
    line: string,
    kind: 'ask' | 'change',
    {
      tries,
      signal,
      hasInput,
    }: { readonly tries: Tries; readonly signal: AbortSignal | undefined; readonly hasInput: boolean },
  ): Promise<Started> {
    const { where, messages } = this.#parts;
    let note: string | null = null;
    let sent: string | null = null;
    for (;;) {
      try {
        throwIfAborted(signal, where);
        const shellId = this.#shellId ?? (await this.#create(note, signal));
        sent = shellId;
        const commandId = await messages.command(shellId, line, { signal, note, careful: kind === 'change', hasInput });
        const started = { shellId, commandId };
        this.#running.add(started);
        return started;
      } catch (thrown) {
        // What happened before the Command was sent, even a lost Create, can't have run it.
        const failure = withEffect(asFailure(thrown), sent === null ? 'none' : asFailure(thrown).effect, where);
        const started = failure.effect === 'unknown';
        if (signal?.aborted === true) {
          if (started && sent !== null) this.#abandon(sent, null);
          throw kind === 'change' ? failure : withEffect(failure, 'none', where);
        }
        if (kind === 'change' && started) throw failure;
        if (failure.code === 'wire/shell-gone') this.#forget(sent);
        if (failure.code === 'wire/quota') await this.#giveUpShell();
        if (failure.retry === 'never' || !(await tries.next(signal))) throw withEffect(failure, 'none', where);
        note = `again after ${failure.code}`;
        sent = null;
      }
    }
  }

  /**
   * Every command ever started in a shell counts against the user's operations until the shell is gone, and Windows 2008 R2 and 2012
   * allow 15 (wsman.md section 2.10; MS-WSMV note 118): after that only a new shell takes another.
   */
  async #giveUpShell(): Promise<void> {
    const shellId = this.#shellId;
    if (shellId === null || this.#isBusy(shellId)) return;
    this.#shellId = null;
    const options = { signal: AbortSignal.timeout(abandonMs), note: 'its operations are used up' };
    await this.#parts.messages.delete(shellId, options).catch(() => undefined);
  }

  async #collect(started: Started, { signal, stdin }: RunInput): Promise<Answer> {
    const { where } = this.#parts;
    const output = this.#outputOf(started, signal);
    if (stdin === undefined) return await collectOutput(where, output);
    const sending = this.#send(started, { data: stdin, end: true }, signal);
    // What fits one message is sent first, on the one connection. More goes along with the output: a program that prints while it reads
    // would wait for ever for somebody to read.
    if (stdin.length <= sendBytes) {
      await sending;
      return await collectOutput(where, output);
    }
    const [answer, sent] = await Promise.allSettled([collectOutput(where, output), sending]);
    if (answer.status === 'rejected') throw answer.reason;
    // A program may end before it has read all.
    if (sent.status === 'rejected' && asFailure(sent.reason).code !== 'wire/shell-gone') throw sent.reason;
    return answer.value;
  }

  async *#outputOf(started: Started, signal: AbortSignal | undefined): AsyncGenerator<OutputAnswer, void, undefined> {
    const { where, messages, newTries, sleep } = this.#parts;
    const { shellId, commandId } = started;
    const receive: Parameters<typeof receiveOutput>[0]['receive'] = (note) =>
      messages.receive(shellId, commandId, { signal, note });
    try {
      yield* receiveOutput({ where, receive, newTries, sleep, signal });
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (signal?.aborted === true) {
        this.#abandonOnce(started);
        throw failureOfAbort(signal, where, 'unknown');
      }
      if (failure.code === 'wire/shell-gone') this.#forget(shellId);
      throw failure;
    } finally {
      this.#running.delete(started);
    }
  }

  /** One Send at a time in a shell [MS-WSMV 3.1.4.13]. */
  async #send({ shellId, commandId }: Started, piece: Piece, signal: AbortSignal | undefined): Promise<void> {
    const { messages, newTries } = this.#parts;
    const send = async (part: Piece): Promise<void> => {
      const mine = this.#lastSend.then(() => messages.send(shellId, commandId, part, { signal }));
      this.#lastSend = mine.catch(() => undefined);
      await mine;
    };
    await sendInput({ send, newTries, signal }, piece);
  }

  #forget(shellId: string | null): void {
    if (this.#shellId === shellId) this.#shellId = null;
  }

  #isBusy(shellId: string): boolean {
    return [...this.#running].some((one) => one.shellId === shellId);
  }

  #abandonOnce(started: Started): void {
    if (this.#running.delete(started)) this.#abandon(started.shellId, started.commandId);
  }

  /**
   * Ends what runs (when its id is known) and the shell, unless others run in it. The next command waits for that and begins with a new
   * shell.
   */
  #abandon(shellId: string, commandId: string | null): void {
    const { messages } = this.#parts;
    const options = { signal: AbortSignal.timeout(abandonMs), note: 'abandoned' };
    const isShared = this.#isBusy(shellId);
    if (!isShared) this.#forget(shellId);
    const ended = commandId === null ? Promise.resolve() : messages.signal(shellId, commandId, 'terminate', options);
    const cleaned = ended
      .catch(() => undefined)
      .then(() => (isShared ? undefined : messages.delete(shellId, options)))
      .catch(() => undefined);
    this.#cleanup = Promise.all([this.#cleanup, cleaned]).then(() => undefined);
  }
}
