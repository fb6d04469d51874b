// A command line in, what Windows prints out: `cmd.exe /c <line>` as a WinRM shell runs it, on one simulated machine.
// Pure apart from the machine it alters. Nothing here reads src/windows/: the lab prints what recordings show.
import { runAutoRun, runLine, startProgram, unwrapQuotes } from './interpreter.ts';
import { finishWork, type CmdState, type Work } from './state.ts';
import { createVariables, expandPercent } from './variables.ts';
import { encodeText } from './code-page.ts';
import type { Machine } from '../machine/machine.ts';
import { listPrograms } from '../programs/programs.ts';

export interface ConsoleOptions {
  /** The code page of the shell (WINRS_CODEPAGE): 65001, 437, 850, ... */
  readonly codePage: number;
  /** Whether the login's token may change the system. */
  readonly elevated: boolean;
  /** Default: nothing, and its end. */
  readonly stdin?: string;
}

export interface ConsoleResult {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Unsigned 32-bit. */
  readonly exitCode: number;
}

/** Runs one line on the machine, at once. Never throws: whatever the line is, cmd has something to say about it. */
export function runCommandLine(machine: Machine, line: string, options: ConsoleOptions): ConsoleResult {
  return finishWork(carryOut(createShell(machine, line, options, true), line, options));
}

/** The same bit by bit: it yields how many milliseconds pass before it continues. Whoever stops asking has ended it where it stands. */
export function startCommandLine(machine: Machine, line: string, options: ConsoleOptions): Work<ConsoleResult> {
  return carryOut(createShell(machine, line, options, false), line, options);
}

function* carryOut(shell: CmdState, line: string, options: ConsoleOptions): Work<ConsoleResult> {
  const printedFirst = yield* runAutoRun(shell);
  const result = yield* runLine(shell, unwrapQuotes(line.trim(), false, shell.programs), options.stdin ?? '');
  return {
    stdout: encodeText(printedFirst.stdout + result.stdout, shell.codePage),
    stderr: encodeText(printedFirst.stderr + result.stderr, shell.codePage),
    exitCode: result.exitCode >>> 0,
  };
}

/** Starts one program as SYSTEM, without cmd. Its exit code; null: there is no such program. */
export function runAsSystem(machine: Machine, command: string, rawArguments: string): number | null {
  const shell = createShell(machine, command, { codePage: 437, elevated: true }, true);
  const path = expandPercent(shell, command);
  return startProgram(shell, path, rawArguments)?.exitCode ?? null;
}

function createShell(machine: Machine, line: string, options: ConsoleOptions, isAtOnce: boolean): CmdState {
  const shell: CmdState = {
    machine,
    elevated: options.elevated,
    programs: listPrograms(
      () => shell.codePage,
      (page) => {
        shell.codePage = page;
      },
    ),
    level: 0,
    isAtOnce,
    startedAs: `C:\\Windows\\system32\\cmd.exe /c ${line}`,
    variables: createVariables(machine.name),
    files: new Map(),
    codePage: options.codePage,
    delayed: false,
    echo: true,
    errorLevel: 0,
    ended: false,
    lastMissing: false,
    loopVariables: new Map(),
  };
  return shell;
}
