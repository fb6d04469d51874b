// From the parts of a Command request to the one line that cmd.exe gets, and the programs that wait for their stdin: PowerShell that
// reads its script from there, as Ansible drives it, and the filters. Nothing is run here. Pure.
// Source: facts wsman.md sections 2.5 and 2.7; pypsrp/test_winrs_send.01 (`powershell.exe -`).
import type { EnvironmentVariable } from './shells.ts';

/** Longest line CreateProcess takes, in characters (wsman.md section 2.5). */
export const longestLine = 32_767;

/** The server joins command and arguments with blanks; quoting is the client's business. */
export function joinLine(command: string, args: readonly string[]): string {
  return [command, ...args].join(' ');
}

/** `%NAME%` replaced by the shell's own variables, names without regard to case; what is unknown stays as it is. */
export function expandVariables(line: string, environment: readonly EnvironmentVariable[]): string {
  if (environment.length === 0) return line;
  const values = new Map(environment.map(({ name, value }) => [name.toUpperCase(), value]));
  return line.replace(/%([^%\s]+)%/g, (whole, name: string) => values.get(name.toUpperCase()) ?? whole);
}

/** True for PowerShell whose script is `-`: standard input. */
export function isScriptFromStdin(line: string): boolean {
  return /^\s*"?(?:[^"\s]*\\)?powershell(?:\.exe)?"?\s(?:.*\s)?-["\s]*$/i.test(line);
}

/** True for a line that begins with a program which reads its input to the end before anything else. */
export function isReadingStdin(line: string): boolean {
  return isScriptFromStdin(line) || /^\s*"?(?:[^"\s]*\\)?(?:findstr|find|more)(?:\.exe|\.com)?(?=["\s]|$)/i.test(line);
}

/** The line that runs a script which came over stdin. */
export function writeScriptLine(script: Uint8Array): string {
  const text = Buffer.from(script).toString('utf8');
  return `powershell.exe -NoProfile -EncodedCommand ${Buffer.from(text, 'utf16le').toString('base64')}`;
}
