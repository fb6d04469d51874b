// One cmd.exe as it stands between two commands: what the interpreter, the built-in commands and the variables share. Types, and how the work of one is done at once.
import type { Machine } from '../machine/machine.ts';
import type { Program, ProgramResult } from '../programs/program.ts';

export interface CmdState {
  readonly machine: Machine;
  readonly elevated: boolean;
  readonly programs: ReadonlyMap<string, Program>;
  readonly level: number;
  /** Nobody watches it bit by bit: no program is waited for (finishWork). */
  readonly isAtOnce: boolean;
  /** `%cmdcmdline%`: the line that started the outermost shell. */
  readonly startedAs: string;
  readonly variables: Map<string, string>;
  readonly files: Map<string, string>;
  codePage: number;
  /** `/v:on`: `!name!` is expanded when a command runs. */
  delayed: boolean;
  echo: boolean;
  errorLevel: number;
  /** Set by `exit`: nothing more runs. */
  ended: boolean;
  lastMissing: boolean;
  /** Those of the `for` that is carried out. */
  readonly loopVariables: Map<string, string>;
}

/** A piece of cmd's work: it yields before each program (0), and how many milliseconds pass before it continues. */
export type Work<T> = Generator<number, T, void>;

/** Does it all at once, whatever time it would take. */
export function finishWork<T>(work: Work<T>): T {
  for (;;) {
    const next = work.next();
    if (next.done === true) return next.value;
  }
}

export type Streams = Pick<ProgramResult, 'stdout' | 'stderr'>;

/** What cmd itself refuses. */
export function fail(shell: CmdState, message: string): Streams {
  shell.errorLevel = 1;
  return { stdout: '', stderr: `${message}\r\n` };
}
