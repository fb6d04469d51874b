// Where Windows keeps the programs that our lines call. A person is shown `netsh ...`; what is sent names the file, for cmd looks for a
// bare name in the current folder and along PATH first, where somebody else's script may bear it. It writes no arguments.
// Source: Microsoft's pages of the commands `cmd` and `path`; System32 holds each of them since Windows 2008.
import { Failure } from '../../model/failure.ts';

const system32 = '%SystemRoot%\\System32';

const programs = ['findstr', 'netsh', 'netstat', 'ping', 'reg', 'sc', 'schtasks', 'tasklist', 'whoami'] as const;
/** Commands that cmd carries in itself. */
const builtins = ['ver'] as const;

/** `netsh`, as it is sent. */
export function programPath(name: (typeof programs)[number]): string {
  return `${system32}\\${name}.exe`;
}

/** The cmd that carries a script out: without AutoRun (/d), with `!errorlevel!` (/v:on), and all between the outermost quotes (/s /c). */
export const cmdCall = `${system32}\\cmd.exe /d /v:on /s /c`;

/** The exit code of what a line left out because it was not needed; no program that is known here ends with it. */
export const skippedExitCode = 4711;
export const skipCall = `${system32}\\cmd.exe /d /c exit ${skippedExitCode}`;

/** A line as it is sent: every program in it called by its path. Throws Failure `internal/bug` for a program that is not known here. */
export function callByPath(line: string): string {
  return line
    .split('|')
    .map((command) => {
      const [, blanks = '', name = '', rest = ''] = /^(\s*)(\S+)(.*)$/s.exec(command) ?? [];
      if (builtins.some((one) => one === name)) return command;
      if (programs.some((one) => one === name)) return `${blanks}${system32}\\${name}.exe${rest}`;
      throw new Failure('internal/bug', `no program of Windows that is known here: ${JSON.stringify(command)}`);
    })
    .join('|');
}
