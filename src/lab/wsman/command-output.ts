// What one command has written and not yet delivered. A Receive takes the next part and may have to wait for it; a part
// counts as delivered only when its answer has left, so a repeated Receive gets the same bytes (wsman.md section 8, item 9), unless the
// server is stricter about lost answers (quirk lostOutput).
// Source: MS-WSMV 3.1.4.14 and 2.2.4.32-33; piece sizes are the lab's own and cut anywhere, as Windows does.
import type { ConsoleResult } from '../cmd/console.ts';
import { usualQuirks, type Quirks } from '../machine/quirks.ts';
import type { LabClock } from '../lab-clock.ts';

interface OutputPiece {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

/** What a Receive gets. `exitCode` is null while more is to come. */
export type ReceiveResult =
  | { readonly kind: 'output'; readonly pieces: readonly OutputPiece[]; readonly exitCode: number | null }
  /** The operation's time is over and nothing was there. */
  | { readonly kind: 'timed-out' }
  /** The shell or the command was ended while the Receive waited. */
  | { readonly kind: 'aborted' }
  /** Everything including the exit code was delivered before. */
  | { readonly kind: 'completed' };

/** STATUS_CONTROL_C_EXIT, 0xC000013A: how a program ends that was sent ctrl-c. */
const controlCExit = 3_221_225_786;

/** Bytes of one rsp:Stream. A prime, so that cuts fall inside lines and inside characters of every code page. */
const pieceBytes = 1021;

type State =
  | { readonly kind: 'running' }
  | { readonly kind: 'ended'; readonly queue: readonly OutputPiece[]; readonly exitCode: number }
  | { readonly kind: 'completed' }
  | { readonly kind: 'aborted' };

export class PendingOutput {
  readonly #clock: LabClock;
  #state: State = { kind: 'running' };
  #cancelEnd: (() => void) | null = null;
  #wake: ((aborted: boolean) => void) | null = null;
  readonly #lostOutput: Quirks['lostOutput'];
  /** The last part that a strict server gave, and to which message. */
  #given: { readonly messageId: string | null; readonly received: ReceiveResult } | null = null;

  constructor(clock: LabClock, lostOutput: Quirks['lostOutput'] = usualQuirks.lostOutput) {
    this.#clock = clock;
    this.#lostOutput = lostOutput;
  }

  get isRunning(): boolean {
    return this.#state.kind === 'running';
  }

  /** True while a Receive waits. */
  get isAwaited(): boolean {
    return this.#wake !== null;
  }

  /** The command will have ended with this result, `afterMs` from now; at once for 0. */
  endWith(result: ConsoleResult, afterMs: number): void {
    const end = (): void => {
      this.#cancelEnd = null;
      if (this.#state.kind !== 'running') return;
      const queue = [...cutPieces('stdout', result.stdout), ...cutPieces('stderr', result.stderr)];
      this.#state = { kind: 'ended', queue, exitCode: result.exitCode };
      this.#wake?.(false);
    };
    if (afterMs <= 0) end();
    else this.#cancelEnd = this.#clock.after(afterMs, end);
  }

  /** The command runs until `endWith`; `cancel` ends it where it stands. */
  runUntil(cancel: () => void): void {
    if (this.isRunning) this.#cancelEnd = cancel;
  }

  /** ctrl-c: a running program ends without output. */
  interrupt(): void {
    if (!this.isRunning) return;
    this.#cancelEnd?.();
    this.endWith({ stdout: new Uint8Array(), stderr: new Uint8Array(), exitCode: controlCExit }, 0);
  }

  /** The command is taken away; a Receive that waits is told so. */
  abort(): void {
    this.#cancelEnd?.();
    this.#cancelEnd = null;
    this.#state = { kind: 'aborted' };
    this.#wake?.(true);
  }

  /**
   * The next part, at most `maxBytes` of output; waits up to `timeoutMs` for the command to end. A Receive that still waits
   * when another one comes is aborted. Call `delivered` with the answer once it has left.
   */
  async receive(timeoutMs: number, maxBytes: number, messageId: string | null = null): Promise<ReceiveResult> {
    this.#wake?.(true);
    const isRepeat = messageId !== null && this.#given?.messageId === messageId;
    if (isRepeat && this.#given !== null && this.#lostOutput === 'same-message-only') return this.#given.received;
    if (this.isRunning) {
      const waited = await this.#wait(timeoutMs);
      if (waited !== 'ended') return { kind: waited };
    }
    const state = this.#state;
    if (state.kind === 'completed' || state.kind === 'aborted') return { kind: state.kind };
    if (state.kind === 'running') return { kind: 'timed-out' };
    const pieces = takeFitting(state.queue, maxBytes);
    const isLast = pieces.length === state.queue.length;
    const received: ReceiveResult = { kind: 'output', pieces, exitCode: isLast ? state.exitCode : null };
    if (this.#lostOutput !== 'given-again') {
      // Given is given: only the end of the command is still told, to a Receive that comes after a lost one.
      this.#state = { ...state, queue: state.queue.slice(pieces.length) };
      this.#given = { messageId, received };
    }
    return received;
  }

  delivered(received: ReceiveResult): void {
    if (received.kind !== 'output' || this.#state.kind !== 'ended') return;
    if (this.#lostOutput !== 'given-again') {
      if (received.exitCode !== null) this.#state = { kind: 'completed' };
      return;
    }
    const isRepeat = received.pieces[0] !== this.#state.queue[0];
    if (isRepeat) return;
    this.#state =
      received.exitCode === null
        ? { ...this.#state, queue: this.#state.queue.slice(received.pieces.length) }
        : { kind: 'completed' };
  }

  #wait(timeoutMs: number): Promise<'ended' | 'timed-out' | 'aborted'> {
    return new Promise((resolve) => {
      const finish = (outcome: 'ended' | 'timed-out' | 'aborted'): void => {
        cancelTimer();
        if (this.#wake === wake) this.#wake = null;
        resolve(outcome);
      };
      const wake = (aborted: boolean): void => {
        finish(aborted ? 'aborted' : 'ended');
      };
      const cancelTimer = this.#clock.after(timeoutMs, () => {
        finish('timed-out');
      });
      this.#wake = wake;
    });
  }
}

function cutPieces(stream: OutputPiece['stream'], bytes: Uint8Array): OutputPiece[] {
  const pieces: OutputPiece[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    pieces.push({ stream, bytes: bytes.subarray(at, at + pieceBytes) });
  }
  return pieces;
}

/** As many pieces from the front as fit; always one, or a small envelope would never get anything. */
function takeFitting(queue: readonly OutputPiece[], maxBytes: number): OutputPiece[] {
  const pieces: OutputPiece[] = [];
  let total = 0;
  for (const piece of queue) {
    if (pieces.length > 0 && total + piece.bytes.length > maxBytes) break;
    pieces.push(piece);
    total += piece.bytes.length;
  }
  return pieces;
}
