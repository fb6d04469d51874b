// Command lines in one remote shell: started, fed, fetched, and what is done when something breaks in the middle. Whether several run at
// once is the caller's choice; how the shell itself lives and dies is shell-lifecycle.ts's.
// Sources: MS-WSMV 3.1.4.11-14; wsman.md sections 2.5-2.7.
import { asFailure, Failure } from '../../model/failure.ts';
import type { Answer } from '../../model/seams.ts';
import pLimit from 'p-limit';
import { withEffect } from '../effect.ts';
import { createAbortFailure, throwIfAborted } from '../abort-failure.ts';
import { collectOutput, receiveOutput } from './output.ts';
import type { OutputAnswer, SendReceive } from './output.ts';
import { abandonMs, ShellLifecycle } from './shell-lifecycle.ts';
import type { LeftShells, ShellParts, RunningCommand } from './shell-lifecycle.ts';
import { sendBytes, sendInput } from './stdin.ts';
import type { Piece } from './stdin.ts';
import { retry } from '../retries.ts';
import type { Tries } from '../retries.ts';
import type { SignalCode } from '../soap/namespaces.ts';

/** cmd.exe takes no more (wsman.md section 2.5); a longer line fails there in ways that can look like success. */
export const maxCommandLineCharacters = 8191;

export interface RunInput {
  readonly signal?: AbortSignal | undefined;
  /** Bytes for the command's stdin, and its end. Left out: the command gets none, and no end either. */
  readonly stdin?: Uint8Array | undefined;
  /** Of a `change`: when its answer is lost or not awaited any more, it runs on and its shell is left. Default false. */
  readonly runsOn?: boolean | undefined;
}

/** A command that was started, and is fetched, fed and signalled bit by bit. */
export interface StartedCommand {
  readonly output: AsyncGenerator<OutputAnswer, void, undefined>;
  send(piece: Piece): Promise<void>;
  signal(code: SignalCode): Promise<void>;
  /** Ends it on the host, whatever it does; resolves within seconds and never rejects. */
  end(): Promise<void>;
}

export class CommandShell {
  readonly #parts: ShellParts;
  readonly #life: ShellLifecycle;
  readonly #oneSendAtATime = pLimit(1);

  constructor(parts: ShellParts) {
    this.#parts = parts;
    this.#life = new ShellLifecycle(parts);
  }

  /** See ShellLife. */
  async open(signal?: AbortSignal, left: LeftShells = {}): Promise<void> {
    await this.#life.open(signal, left);
  }

  /**
   * Runs one command line and returns all it left behind.
   *
   * `ask`: the line changes nothing, so it is run again when its answer was lost. `change`: it is started at most once.
   * Throws Failure; for `change` its `effect` says whether the line may have run. When `signal` aborts while the command runs, the
   * command is terminated and the shell, unless other commands run in it, deleted behind the caller's back, within a few seconds.
   */
  async run(line: string, kind: 'ask' | 'change', { signal, stdin, runsOn = false }: RunInput = {}): Promise<Answer> {
    const { where, newTries } = this.#parts;
    await this.#prepare(line);
    const tries = newTries();
    const runOnce = async (): Promise<Answer> => {
      const started = await this.#start(line, kind, { tries, signal, hasInput: stdin !== undefined, runsOn });
      try {
        return await this.#collect(started, kind, { signal, stdin, runsOn });
      } catch (thrown) {
        const effect = kind === 'change' ? 'unknown' : 'none';
        const failure = asFailure(thrown);
        if (runsOn) this.#life.leave(started.shellId);
        else if (kind === 'change' && failure.code !== 'wire/shell-gone') this.#life.doubt(started.shellId);
        if (signal?.aborted !== true) throw withEffect(failure, effect, where);
        if (!runsOn) this.#abandonOnce(started);
        throw createAbortFailure(signal, where, effect);
      }
    };
    if (kind === 'change') return await runOnce();
    return await retry(runOnce, { tries, signal });
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
        if (!this.#life.markFinished(started)) return;
        const options = { signal: AbortSignal.timeout(abandonMs), note: 'ended early' };
        await messages.signal(shellId, commandId, 'terminate', options).catch(() => undefined);
      },
    };
  }

  /** See ShellLife. */
  async endLeft(signal?: AbortSignal): Promise<void> {
    await this.#life.endLeft(signal);
  }

  /** See ShellLife. */
  async close(): Promise<void> {
    await this.#life.close();
  }

  async #prepare(line: string): Promise<void> {
    const { where } = this.#parts;
    if (line.length > maxCommandLineCharacters) {
      throw new Failure(
        'command/too-long',
        `the command line has ${line.length} characters; Windows allows ${maxCommandLineCharacters}`,
        { where, hint: 'request fewer ports at once' },
      );
    }
    await this.#life.waitForCleanup();
  }

  /** After a lost answer an `ask` is started again, a `change` never. */
  async #start(
    line: string,
    kind: 'ask' | 'change',
    {
      tries,
      signal,
      hasInput,
      runsOn = false,
    }: {
      readonly tries: Tries;
      readonly signal: AbortSignal | undefined;
      readonly hasInput: boolean;
      readonly runsOn?: boolean;
    },
  ): Promise<RunningCommand> {
    const startOnce = (note: string | null): Promise<RunningCommand> =>
      this.#startOnce(line, { note, signal, hasInput, runsOn, careful: kind === 'change' });
    const canHelp = ({ retry, effect }: Failure): boolean => retry !== 'never' && (kind === 'ask' || effect === 'none');
    try {
      return await retry(startOnce, { tries, signal, canHelp });
    } catch (thrown) {
      const failure = asFailure(thrown);
      throw kind === 'change' ? failure : withEffect(failure, 'none', this.#parts.where);
    }
  }

  async #startOnce(
    line: string,
    options: {
      readonly note: string | null;
      readonly signal: AbortSignal | undefined;
      readonly hasInput: boolean;
      readonly runsOn: boolean;
      readonly careful: boolean;
    },
  ): Promise<RunningCommand> {
    const { where, messages } = this.#parts;
    const { note, signal } = options;
    let sent: string | null = null;
    try {
      throwIfAborted(signal, where);
      const shellId = await this.#life.current(note, signal);
      sent = shellId;
      if (options.careful) this.#parts.beforeChange?.();
      const commandId = await messages.command(shellId, line, options);
      const started = { shellId, commandId };
      this.#life.markStarted(started);
      return started;
    } catch (thrown) {
      // What happened before the Command was sent, even a lost Create, can't have run it.
      const failure = withEffect(asFailure(thrown), sent === null ? 'none' : asFailure(thrown).effect, where);
      if (options.careful && failure.effect === 'unknown') {
        if (options.runsOn) this.#life.leave(sent);
        else this.#life.doubt(sent);
      }
      if (signal?.aborted === true) {
        if (!options.runsOn && failure.effect === 'unknown' && sent !== null) this.#life.abandon(sent, null);
        throw failure;
      }
      if (failure.code === 'wire/shell-gone') this.#life.forget(sent);
      if (failure.code === 'wire/quota') await this.#life.replaceWhenUsedUp();
      throw failure;
    }
  }

  async #collect(
    started: RunningCommand,
    kind: 'ask' | 'change',
    { signal, stdin, runsOn = false }: RunInput,
  ): Promise<Answer> {
    const { where } = this.#parts;
    const output = this.#outputOf(started, signal, runsOn);
    // A question is asked again after a lost answer; what a change printed decides nothing, and it must not be sent twice.
    const collect = (): Promise<Answer> => collectOutput(where, output, { requireUnbroken: kind === 'ask' });
    if (stdin === undefined) return await collect();
    const sending = this.#send(started, { data: stdin, end: true }, signal);
    // What fits one message is sent first, on the one connection. More goes along with the output: a program that prints while it reads
    // would wait for ever for somebody to read.
    if (stdin.length <= sendBytes) {
      await sending;
      return await collect();
    }
    const [answer, sent] = await Promise.allSettled([collect(), sending]);
    if (answer.status === 'rejected') throw answer.reason;
    // A program may end before it has read all.
    if (sent.status === 'rejected' && asFailure(sent.reason).code !== 'wire/shell-gone') throw sent.reason;
    return answer.value;
  }

  async *#outputOf(
    started: RunningCommand,
    signal: AbortSignal | undefined,
    runsOn = false,
  ): AsyncGenerator<OutputAnswer, void, undefined> {
    const { where, messages, newTries, sleep } = this.#parts;
    const { shellId, commandId } = started;
    const newReceive = (): SendReceive => {
      const receive = messages.prepareReceive(shellId, commandId);
      return (note) => receive({ signal, note });
    };
    try {
      yield* receiveOutput({ where, newReceive, newTries, sleep, signal });
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (signal?.aborted === true) {
        if (!runsOn) this.#abandonOnce(started);
        throw createAbortFailure(signal, where, 'unknown');
      }
      if (failure.code === 'wire/shell-gone') this.#life.forget(shellId);
      throw failure;
    } finally {
      this.#life.markFinished(started);
    }
  }

  /** One Send at a time in a shell [MS-WSMV 3.1.4.13]. */
  async #send({ shellId, commandId }: RunningCommand, piece: Piece, signal: AbortSignal | undefined): Promise<void> {
    const { messages, newTries } = this.#parts;
    const send = (part: Piece): Promise<void> =>
      this.#oneSendAtATime(() => messages.send(shellId, commandId, part, { signal }));
    await sendInput({ send, newTries, signal }, piece);
  }

  #abandonOnce(started: RunningCommand): void {
    if (this.#life.markFinished(started)) this.#life.abandon(started.shellId, started.commandId);
  }
}
