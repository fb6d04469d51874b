// Variables of cmd.exe: `%name%` when a line is read, `!name!` when a command runs. On a command line an unknown `%name%` stays
// as it is; an unknown `!name!` vanishes. Pure.
import type { CmdState } from './state.ts';

/** The environment a WinRM shell of an administrator starts with, as far as scripts ask for it. */
export function createVariables(computerName: string): Map<string, string> {
  return new Map([
    ['COMPUTERNAME', computerName.split('.', 1)[0]?.toUpperCase() ?? ''],
    ['ComSpec', 'C:\\Windows\\system32\\cmd.exe'],
    ['OS', 'Windows_NT'],
    ['Path', 'C:\\Windows\\system32;C:\\Windows'],
    ['PROMPT', '$P$G'],
    ['SystemDrive', 'C:'],
    ['SystemRoot', 'C:\\Windows'],
    ['TEMP', 'C:\\Users\\Administrator\\AppData\\Local\\Temp'],
    ['USERNAME', 'Administrator'],
    ['USERPROFILE', 'C:\\Users\\Administrator'],
    ['windir', 'C:\\Windows'],
  ]);
}

export function expandPercent(shell: CmdState, line: string): string {
  if (!line.includes('%')) return line;
  return line.replace(/%([^%\s]+)%/g, (all, name: string) => readVariable(shell, name) ?? all);
}

export function expandDelayed(shell: CmdState, text: string): string {
  if (!text.includes('!')) return text;
  return text.replace(/!([^!]*)!/g, (_, name: string) => readVariable(shell, name) ?? '').replaceAll('!', '');
}

export function readVariable(shell: CmdState, name: string): string | undefined {
  // As it is spelt, for most are.
  const asSpelt = shell.variables.get(name);
  if (asSpelt !== undefined) return asSpelt;
  const lower = name.toLowerCase();
  for (const [key, value] of shell.variables) {
    if (key.length === lower.length && key.toLowerCase() === lower) return value;
  }
  if (lower === 'errorlevel') return String(shell.errorLevel);
  if (lower === 'cmdcmdline') return shell.startedAs;
  if (lower === 'cd') return 'C:\\Users\\Administrator';
  return undefined;
}
