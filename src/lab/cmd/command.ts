// One command of a line as cmd takes it apart: a built-in command, or the name of a program and its words. It runs nothing and looks at no
// machine, so that what it made of a text is true of that text for good.
import { findBuiltin } from './builtins.ts';
import { splitArguments } from '../programs/program.ts';

/** A command as it is carried out: a built-in one, or a program by its name. */
export interface Command {
  readonly builtin: ReturnType<typeof findBuiltin>;
  readonly name: string;
  readonly program: string;
  readonly isPath: boolean;
  readonly isElsewhere: boolean;
  readonly rawArguments: string;
  readonly words: readonly string[];
}

/** The same few commands make up every line that a fleet is sent. */
const commandsBefore = new Map<string, Command>();
const mostCommands = 500;

export function readCommand(text: string): Command {
  const known = commandsBefore.get(text);
  if (known !== undefined) return known;
  const name = /^(?:"[^"]*"|[^\s"/,;=]|\/(?=[^\s?])(?=.*\.exe))+/i.exec(text)?.[0] ?? text;
  const rawArguments = text.slice(name.length);
  const program = readProgramName(name);
  const command = {
    builtin: findBuiltin(text),
    name,
    program,
    isPath: isPath(name),
    isElsewhere: isElsewhere(name),
    rawArguments,
    // Of a nested cmd they are not asked.
    words: program === 'cmd' ? [] : splitArguments(rawArguments),
  };
  if (commandsBefore.size >= mostCommands) commandsBefore.clear();
  commandsBefore.set(text, command);
  return command;
}

/** `C:\Windows\System32\netsh.exe` and `NETSH` are both `netsh`. */
export function readProgramName(word: string): string {
  const bare = word.replaceAll('"', '').toLowerCase();
  return (bare.split(/[\\/]/).at(-1) ?? bare).replace(/\.(?:exe|com)$/, '');
}

function isPath(word: string): boolean {
  return /[\\/:]/.test(word);
}

/** A path that does not lead to where Windows keeps its programs. */
export function isElsewhere(word: string): boolean {
  return (
    isPath(word) && !/^"?c:[\\/]windows[\\/]system32[\\/](?:windowspowershell[\\/]v1\.0[\\/])?[^\\/]+$/i.test(word)
  );
}
