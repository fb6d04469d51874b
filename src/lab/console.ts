// A command line in, what Windows prints out: `cmd.exe /c <line>` as a WinRM shell runs it, on one simulated machine.
// Pure apart from the machine it alters. Nothing here reads src/windows/: the lab prints what recordings show.
import type { Machine } from './machine.ts';

export interface ConsoleOptions {
  /** The code page of the shell (WINRS_CODEPAGE): 65001, 437, 850, ... */
  readonly codePage: number;
  /** Whether the login's token may change the system. */
  readonly elevated: boolean;
}

export interface ConsoleResult {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
}

/** Runs one line on the machine. Never throws: whatever the line is, cmd has something to say about it. */
export function runCommandLine(machine: Machine, line: string, options: ConsoleOptions): ConsoleResult {
  void machine;
  void options;
  const message = `'${line}' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n`;
  return { stdout: new Uint8Array(), stderr: new TextEncoder().encode(message), exitCode: 1 };
}
