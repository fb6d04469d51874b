// The files that a command line reads and writes. One with a full path is the machine's and stays; any other is that of the shell's own
// folder and goes with it. Rights: facts windows.md section 9 for the task file, icacls C:\Windows\Temp (general knowledge).
import type { CmdState } from './state.ts';

/** Null: there is no such file, or it may not be read. */
export function readTextFile(shell: CmdState, name: string): string | null {
  const key = name.toLowerCase();
  if (!isFullPath(key)) return shell.files.get(key) ?? null;
  const file = shell.machine.files[key];
  return file === undefined || !mayTouch(shell, file.madeByAdministrator) ? null : file.text;
}

/** False: access is denied. */
export function writeTextFile(shell: CmdState, name: string, text: string, appends: boolean): boolean {
  const key = name.toLowerCase();
  if (!isFullPath(key)) {
    shell.files.set(key, appends ? (shell.files.get(key) ?? '') + text : text);
    return true;
  }
  const file = shell.machine.files[key];
  const isOpenFolder = key.startsWith('c:\\windows\\temp\\') || !key.startsWith('c:\\windows\\');
  if (file === undefined ? !shell.elevated && !isOpenFolder : !mayTouch(shell, file.madeByAdministrator)) return false;
  // Who overwrites another's file does not become its owner.
  const madeByAdministrator = file?.madeByAdministrator ?? shell.elevated;
  shell.machine.files[key] = { text: appends ? (file?.text ?? '') + text : text, madeByAdministrator };
  return true;
}

/** `del`: what came of it. */
export function deleteTextFile(shell: CmdState, name: string): 'deleted' | 'not-found' | 'denied' {
  const key = name.toLowerCase();
  if (!isFullPath(key)) return shell.files.delete(key) ? 'deleted' : 'not-found';
  const file = shell.machine.files[key];
  if (file === undefined) return 'not-found';
  if (!mayTouch(shell, file.madeByAdministrator)) return 'denied';
  shell.machine.files = Object.fromEntries(Object.entries(shell.machine.files).filter(([path]) => path !== key));
  return 'deleted';
}

function mayTouch(shell: CmdState, madeByAdministrator: boolean): boolean {
  return shell.elevated || !madeByAdministrator;
}

function isFullPath(name: string): boolean {
  return /^[a-z]:\\/.test(name);
}
