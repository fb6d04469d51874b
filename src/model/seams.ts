// What the engine asks of the world. The rooms that do the work see only these seams; cli/compose.ts fills them.
import type { CimObject, CimQuestion } from './cim.ts';
import type { RunEvent } from './outcome.ts';
import type { Target } from './target.ts';

/** What a command line left behind. Exit codes are unsigned 32-bit numbers. */
export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SessionOptions {
  readonly signal?: AbortSignal;
}

interface ChangeOptions extends SessionOptions {
  /**
   * The line carries out an outage to its end: when its answer is lost or nobody waits for it any more, it is neither ended nor is its
   * shell deleted, not by `close` either: `endLeft` does that, or the host in time.
   */
  readonly runsOn?: boolean;
}

/**
 * One shell on one host. Command lines run one after the other; a second call waits for the first.
 *
 * `ask` runs a line that changes nothing: after a lost connection it is asked again on a new one, within the host's deadline.
 * `change` runs a line that changes the host: it is sent at most once. When its answer is lost it rejects with a Failure
 * whose `effect` is `unknown`; when it surely never ran, `effect` is `none`.
 * `list` asks for CIM instances over the same connection, without a command; it changes nothing and is asked again like a line.
 * All reject with a Failure and nothing else. `close` never rejects and may be called twice.
 */
export interface Session {
  ask(line: string, options?: SessionOptions): Promise<Answer>;
  change(line: string, options?: ChangeOptions): Promise<Answer>;
  list(question: CimQuestion, options?: SessionOptions): Promise<readonly CimObject[]>;
  /**
   * Deletes the shells that `runsOn` left, for who knows that their lines are through or have to begin no more, and those in which the answer to
   * a change was lost: its Command may reach the host later, and runs as long as its shell is there. Resolves when none is there any more.
   */
  endLeft(options?: SessionOptions): Promise<void>;
  /** 12 hex digits that nobody could know before: what the answer to one command line is known by. */
  newNonce(): string;
  close(): Promise<void>;
}

export interface ConnectOptions extends SessionOptions {
  /**
   * Told of every shell that is opened for the session, before a line is run in it. Its rejection is that of the call that needed the
   * shell, which is then closed.
   */
  readonly onShell?: (shellId: string) => Promise<void>;
  /** Asked right before a change is sent, each time. What it throws rejects the call, and nothing is sent then. */
  readonly beforeChange?: (() => void) | undefined;
  /** Shells that a dead process may have left on the host: deleted before one is opened. A host that refuses keeps nobody waiting. */
  readonly leftBehind?: readonly string[];
  /** True: who opened them may be alive and asleep. Each is deleted, or known to be gone, before a shell is opened; else it rejects. */
  readonly mustEndLeft?: boolean;
  /** Told once all of them are gone, before a shell is opened. */
  readonly onLeftEnded?: (() => void) | undefined;
}

export interface Connector {
  /** Connects, authenticates and opens a shell. Rejects with a Failure (`connect/...`, `tls/...`, `auth/...`, `wire/...`). */
  connect(target: Target, options?: ConnectOptions): Promise<Session>;
}

export interface Clock {
  /** Now, as ISO 8601 text in UTC. */
  now(): string;
  /** Milliseconds of a clock that never jumps. */
  elapsedMs(): number;
  /** Resolves after that many milliseconds, or at once when the signal is aborted. Never rejects. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

/**
 * Where a run writes what it is about to do and what became of it. When `append` resolves, the event is on disk (fsynced).
 * Rejects with Failure `journal/unwritable`; then nothing more may be changed.
 */
export interface Journal {
  append(event: RunEvent): Promise<void>;
}

/** Told of every event after it was journaled, and of progress that isn't. */
export interface Listener {
  event(event: RunEvent): void;
  progress(progress: Progress): void;
}

declare const isIsolated: unique symbol;

/** One that can harm nobody: whatever it does, the work goes on. Only `isolateListener` (run/isolated-listener.ts) makes one. */
export type SafeListener = Listener & { readonly [isIsolated]: true };
/** A part of the work on a host that a trace has as a span of its own. */
type HostPhase = 'connect' | 'collect' | 'check' | 'guard' | 'verify' | 'roll back';

/** What a host is busy with, for the person who waits. Not journaled. */
export interface Progress {
  /** Empty for what concerns the run as a whole. */
  readonly host: string;
  readonly doing: string;
  /** True: the host is busy with it no more. */
  readonly over?: boolean;
  /** With an empty host: a stage over so many hosts begins. */
  readonly total?: number;
  /** Left out: it belongs to no phase, or to a step, which events tell. */
  readonly phase?: HostPhase;
}
