// The life of one remote shell on its host: created, deleted, given up for a new one, and taken away when something breaks in the middle.
// It runs no command lines; it only knows which commands are under way, for a shell with others in it is not deleted. Over a SoapChannel, so it
// knows nothing of sockets and authentication. Sources: MS-WSMV 3.1.4.4; wsman.md sections 1.4, 2.4, 2.8-2.10.
import { asFailure } from '../../model/failure.ts';
import type { Failure } from '../../model/failure.ts';
import type { Clock, ConnectOptions } from '../../model/seams.ts';
import { withEffect } from '../effect.ts';
import { delayAbort } from './delayed-abort.ts';
import { throwIfAborted } from '../abort-failure.ts';
import type { ShellMessages } from './shell-messages.ts';
import { retry } from '../retries.ts';
import type { Tries } from '../retries.ts';

/** Terminate and Delete of a command that was abandoned: best effort, so that a dead host costs no more than this. */
export const abandonMs = 3000;
/** The Delete at close: nobody waits for its answer, but the connection is kept so long for it. */
const closeMs = 2000;
const doubtNote = 'an answer of it was lost';

export interface ShellParts {
  /** `ex01:5985`, for messages. */
  readonly where: string;
  readonly messages: ShellMessages;
  /** A new count of tries for one piece of work. */
  readonly newTries: () => Tries;
  readonly sleep: Clock['sleep'];
  /** Told of every shell that was created, before it is used. */
  readonly onShell?: ((shellId: string) => Promise<void>) | undefined;
  /** Asked right before a `change` is sent. Throws Failure. */
  readonly beforeChange?: (() => void) | undefined;
}

/** A command under way, and the shell it runs in. */
export interface RunningCommand {
  readonly shellId: string;
  readonly commandId: string;
}

export type LeftShells = Pick<ConnectOptions, 'leftBehind' | 'mustEndLeft' | 'onLeftEnded'>;

export class ShellLifecycle {
  readonly #parts: ShellParts;
  #shellId: string | null = null;
  #creating: Promise<string> | null = null;
  #cleanup: Promise<void> = Promise.resolve();
  /** Left to the host with what runs in them. */
  readonly #left: string[] = [];
  /** What was sent into them may not have begun, and must not any more. */
  readonly #doubtful: string[] = [];
  /** Commands whose end was not seen yet. */
  readonly #running = new Set<RunningCommand>();

  constructor(parts: ShellParts) {
    this.#parts = parts;
  }

  /**
   * Creates the shell. A full or not yet ready server is asked again; a host that can't be reached is not. Throws Failure.
   * `leftBehind`: shells that a dead process may have left; they are deleted first, so that they don't count against the quota.
   * `mustEndLeft`: it may be alive; no shell is opened unless each of them is gone.
   */
  async open(
    signal?: AbortSignal,
    { leftBehind = [], mustEndLeft = false, onLeftEnded }: LeftShells = {},
  ): Promise<void> {
    const { where, newTries } = this.#parts;
    const left = [...leftBehind];
    const create = async (): Promise<void> => {
      await this.#deleteLeft(left, mustEndLeft, { signal, note: 'left behind by a run that died' });
      onLeftEnded?.();
      await this.#create(null, signal);
      throwIfAborted(signal, where);
    };
    const canHelp = ({ retry, code }: Failure): boolean =>
      retry === 'same-request' || code === 'wire/quota' || code === 'connect/lost';
    try {
      await retry(create, { tries: newTries(), signal, canHelp });
    } catch (thrown) {
      throw withEffect(asFailure(thrown), 'none', where);
    }
  }

  /** The shell there is, or a new one. Throws Failure. */
  async current(note: string | null, signal: AbortSignal | undefined): Promise<string> {
    return this.#shellId ?? (await this.#create(note, signal));
  }

  /** A command was started; it counts as under way until `markFinished`. */
  markStarted(started: RunningCommand): void {
    this.#running.add(started);
  }

  /** True the first time. */
  markFinished(started: RunningCommand): boolean {
    return this.#running.delete(started);
  }

  /** When what was abandoned is taken away. Never rejects. */
  async waitForCleanup(): Promise<void> {
    await this.#cleanup;
  }

  /**
   * Every command ever started in a shell counts against the user's operations until the shell is gone, and Windows 2008 R2 and 2012
   * allow 15 (wsman.md section 2.10; MS-WSMV note 118): after that only a new shell takes another.
   */
  async replaceWhenUsedUp(): Promise<void> {
    const shellId = this.#shellId;
    if (shellId === null || this.#isBusy(shellId)) return;
    this.#shellId = null;
    const options = { signal: AbortSignal.timeout(abandonMs), note: 'its operations are used up' };
    await this.#parts.messages.delete(shellId, options).catch(() => undefined);
  }

  /** The shell is gone, or left to the host with what runs in it: the next command begins with a new one, and `close` deletes only that. */
  forget(shellId: string | null): void {
    if (this.#shellId === shellId) this.#shellId = null;
  }

  /** The same, until `endLeft`. */
  leave(shellId: string | null): void {
    this.forget(shellId);
    if (shellId !== null && !this.#left.includes(shellId)) this.#left.push(shellId);
  }

  /**
   * A change was sent into it and its answer is lost: it may still be on its way, or wait on the host, and a look at the host would come before
   * it. So no other shell is opened until this one is gone. One in which other commands run is kept: to them it belongs as well.
   */
  doubt(shellId: string): void {
    if (this.#isBusy(shellId)) return;
    this.forget(shellId);
    if (!this.#doubtful.includes(shellId)) this.#doubtful.push(shellId);
  }

  /** Deletes the shells that were left. Throws Failure where one of them may still be there; called again, it begins with that one. */
  async endLeft(signal: AbortSignal | undefined): Promise<void> {
    const { where, newTries } = this.#parts;
    const canHelp = ({ retry, code }: Failure): boolean => retry === 'same-request' || code === 'connect/lost';
    try {
      await retry(() => this.#deleteLeft(this.#left, true, { signal, note: 'its command is not awaited any more' }), {
        tries: newTries(),
        signal,
        canHelp,
      });
    } catch (thrown) {
      throw withEffect(asFailure(thrown), 'none', where);
    }
  }

  /**
   * Ends what runs (when its id is known) and the shell, unless others run in it. The next command waits for that and begins with a new
   * shell; after a change only once this one is gone.
   */
  abandon(shellId: string, commandId: string | null, kind: 'ask' | 'change'): void {
    const { messages } = this.#parts;
    const options = { signal: AbortSignal.timeout(abandonMs), note: 'abandoned' };
    const isShared = this.#isBusy(shellId);
    if (!isShared) this.forget(shellId);
    const ended = commandId === null ? Promise.resolve() : messages.signal(shellId, commandId, 'terminate', options);
    const cleaned = ended
      .catch(() => undefined)
      .then(() => (isShared ? undefined : messages.delete(shellId, options)))
      .catch((thrown: unknown) => {
        if (kind === 'change' && asFailure(thrown).code !== 'wire/shell-gone') this.doubt(shellId);
      });
    this.#cleanup = Promise.all([this.#cleanup, cleaned]).then(() => undefined);
  }

  /**
   * Deletes its shells and closes the connection. Resolves as soon as the Delete is with the operating system, which delivers it even
   * when the process ends at once; the answer is read in the background. Never rejects; does nothing the second time.
   */
  async close(): Promise<void> {
    const { messages } = this.#parts;
    await this.#cleanup;
    const shellId = this.#shellId ?? this.#doubtful.pop() ?? null;
    this.#shellId = null;
    for (const doubtful of this.#doubtful.splice(0)) {
      await messages.delete(doubtful, { signal: AbortSignal.timeout(closeMs), note: doubtNote }).catch(() => undefined);
    }
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

  /** Commands that begin at the same time share the shell that one of them opens. */
  async #create(note: string | null, signal: AbortSignal | undefined): Promise<string> {
    this.#creating ??= this.#createOne(note, signal).finally(() => {
      this.#creating = null;
    });
    return await this.#creating;
  }

  async #createOne(note: string | null, signal: AbortSignal | undefined): Promise<string> {
    const { messages, onShell } = this.#parts;
    const grace = delayAbort(signal, abandonMs);
    try {
      await this.#deleteLeft(this.#doubtful, true, { signal, note: doubtNote });
      const shellId = await messages.create({ signal: grace.signal, note, onFlushed: grace.onFlushed });
      this.#shellId = shellId;
      await onShell?.(shellId);
      return shellId;
    } finally {
      grace.end();
    }
  }

  /** Each is tried once. A shell that is gone, or another account's, is not an error; an unreachable host is. */
  async #deleteLeft(
    left: string[],
    mustEnd: boolean,
    options: { readonly signal: AbortSignal | undefined; readonly note: string },
  ): Promise<void> {
    for (let shellId = left.shift(); shellId !== undefined; shellId = left.shift()) {
      try {
        await this.#parts.messages.delete(shellId, options);
      } catch (thrown) {
        const failure = asFailure(thrown);
        if (mustEnd && failure.code !== 'wire/shell-gone') {
          // The next try begins with it.
          left.unshift(shellId);
          throw failure;
        }
        const isAnswered = failure.effect === 'unknown' || failure.code.startsWith('wire/');
        if (options.signal?.aborted === true || !isAnswered) throw failure;
      }
    }
  }

  #isBusy(shellId: string): boolean {
    return [...this.#running].some((one) => one.shellId === shellId);
  }
}
