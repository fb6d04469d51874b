// The life of one remote shell: open it, run command lines in it one after the other, close it; and what is done when something breaks
// in the middle. It knows nothing of sockets and authentication: it sends messages over a Link, one at a time.
// Sources: MS-WSMV 3.1.4.4 and 3.1.4.11-14; wsman.md sections 1.4, 2.4-2.9.
import { asFailure, Failure } from '../model/failure.ts';
import type { Answer, Clock } from '../model/world.ts';
import { withEffect } from './effect.ts';
import { withGrace } from './grace.ts';
import { failureOfAbort, throwIfAborted } from './interruption.ts';
import { collectOutput } from './output.ts';
import type { ShellMessages } from './shell-messages.ts';
import type { Tries } from './tries.ts';

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

export class Shell {
  readonly #parts: ShellParts;
  #shellId: string | null = null;
  #cleanup: Promise<void> = Promise.resolve();

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
   * command is terminated and the shell deleted behind the caller's back, within a few seconds.
   */
  async run(line: string, kind: 'ask' | 'change', signal?: AbortSignal): Promise<Answer> {
    const { where, newTries } = this.#parts;
    if (line.length > maxCommandLineCharacters) {
      throw new Failure(
        'command/too-long',
        `${where}: a command line of ${line.length} characters, and Windows takes ${maxCommandLineCharacters}`,
        { where, hint: 'ask for fewer ports at once' },
      );
    }
    await this.#cleanup;
    const tries = newTries();
    for (;;) {
      const commandId = await this.#start(line, kind, tries, signal);
      try {
        return await this.#collect(commandId, signal);
      } catch (thrown) {
        const failure = asFailure(thrown);
        const effect = kind === 'change' ? 'unknown' : 'none';
        if (signal?.aborted === true) {
          this.#abandon(commandId);
          throw failureOfAbort(signal, where, effect);
        }
        if (failure.code === 'wire/shell-gone') this.#shellId = null;
        if (kind === 'change' || failure.retry === 'never' || !(await tries.next(signal))) {
          throw withEffect(failure, effect, where);
        }
      }
    }
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

  async #create(note: string | null, signal: AbortSignal | undefined): Promise<string> {
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

  /** The id of the started command. After a lost answer an `ask` is started again, a `change` never. */
  async #start(line: string, kind: 'ask' | 'change', tries: Tries, signal: AbortSignal | undefined): Promise<string> {
    const { where, messages } = this.#parts;
    let note: string | null = null;
    let sent = false;
    for (;;) {
      try {
        throwIfAborted(signal, where);
        const shellId = this.#shellId ?? (await this.#create(note, signal));
        sent = true;
        return await messages.command(shellId, line, { signal, note, careful: kind === 'change' });
      } catch (thrown) {
        // What happened before the Command was sent, even a lost Create, can't have run it.
        const failure = withEffect(asFailure(thrown), sent ? asFailure(thrown).effect : 'none', where);
        const started = failure.effect === 'unknown';
        if (signal?.aborted === true) {
          if (started) this.#abandon(null);
          throw kind === 'change' ? failure : withEffect(failure, 'none', where);
        }
        if (kind === 'change' && started) throw failure;
        if (failure.code === 'wire/shell-gone') this.#shellId = null;
        if (failure.code === 'wire/quota') await this.#giveUpShell();
        if (failure.retry === 'never' || !(await tries.next(signal))) throw withEffect(failure, 'none', where);
        note = `again after ${failure.code}`;
        sent = false;
      }
    }
  }

  /**
   * Every command ever started in a shell counts against the user's operations until the shell is gone, and Windows 2008 R2 and 2012
   * allow 15 (wsman.md section 2.10; MS-WSMV note 118): after that only a new shell takes another.
   */
  async #giveUpShell(): Promise<void> {
    const shellId = this.#shellId;
    this.#shellId = null;
    if (shellId === null) return;
    const options = { signal: AbortSignal.timeout(abandonMs), note: 'its operations are used up' };
    await this.#parts.messages.delete(shellId, options).catch(() => undefined);
  }

  async #collect(commandId: string, signal: AbortSignal | undefined): Promise<Answer> {
    const { where, messages, newTries, sleep } = this.#parts;
    const shellId = this.#shellId ?? '';
    return await collectOutput({
      where,
      receive: (note) => messages.receive(shellId, commandId, { signal, note }),
      newTries,
      sleep,
      signal,
    });
  }

  /** Ends what runs (when its id is known) and the shell. The next command waits for it and begins with a new shell. */
  #abandon(commandId: string | null): void {
    const shellId = this.#shellId;
    this.#shellId = null;
    if (shellId === null) return;
    const { messages } = this.#parts;
    const options = { signal: AbortSignal.timeout(abandonMs), note: 'abandoned' };
    const ended = commandId === null ? Promise.resolve() : messages.terminate(shellId, commandId, options);
    this.#cleanup = ended
      .catch(() => undefined)
      .then(() => messages.delete(shellId, options))
      .catch(() => undefined);
  }
}
