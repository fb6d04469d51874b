// One cmd.exe as it stands between two commands: what the interpreter, the built-in commands and the variables share. Types only.
import type { Machine } from '../machine/machine.ts';
import type { Program, ProgramResult } from '../programs/program.ts';

export interface CmdState {
  readonly machine: Machine;
  readonly elevated: boolean;
  readonly programs: ReadonlyMap<string, Program>;
  readonly level: number;
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
}

export type Streams = Pick<ProgramResult, 'stdout' | 'stderr'>;
