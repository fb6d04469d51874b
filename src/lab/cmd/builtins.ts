// The commands that cmd.exe carries in itself: echo, ver, set, exit, type, cd, rem and the like. `if` and `for` belong to the
// grammar (line-grammar.ts); goto and call are left out: a remote command line of this product has no use for them. Texts: en.ts and the
// recordings named there.
import { deleteTextFile, readTextFile } from './files.ts';
import type { CmdState, Streams } from './state.ts';
import { findWording } from '../phrases/wordings.ts';
import { joinLines, splitArguments } from '../programs/program.ts';

type Builtin = (shell: CmdState, stdin: string) => Streams;

/** The built-in command that `text` names, ready to run; null when it names none. */
export function findBuiltin(text: string): Builtin | null {
  const [, word = '', rest = ''] = /^([a-z]+)([^a-z0-9_\-][\s\S]*)?$/i.exec(text) ?? [];
  const make = builtins[word.toLowerCase()];
  // `set.exe` or `type\x` name files, not built-ins; echo alone takes almost anything right behind it.
  if (make === undefined || (word.toLowerCase() !== 'echo' && /^[.:\\]/.test(rest) && !/^\.?\\|^\.\./.test(rest))) {
    return null;
  }
  return make(rest);
}

const silent: Streams = { stdout: '', stderr: '' };

const builtins: Readonly<Record<string, ((rest: string) => Builtin) | undefined>> = {
  echo: (rest) => (shell) => runEcho(shell, rest),
  ver: () => (shell) => {
    const { major, minor, build, revision } = shell.machine.windows;
    const numbers = [major, minor, build, ...(revision === null ? [] : [revision])].join('.');
    shell.errorLevel = 0;
    // ver-lines-1; a blank line before it.
    return print(shell, joinLines('', `Microsoft Windows [${findWording(shell.machine).versionWord} ${numbers}]`));
  },
  // A blank behind the value belongs to it.
  set: (rest) => (shell) => runSet(shell, rest.trimStart()),
  exit: (rest) => (shell) => {
    const code = /^\s*(?:\/b\s*)?(-?\d+)/i.exec(rest)?.[1];
    if (code !== undefined) shell.errorLevel = Number(code) >>> 0;
    shell.lastMissing = false;
    shell.ended = true;
    return silent;
  },
  type: (rest) => (shell) => {
    const name = splitArguments(rest)[0] ?? '';
    const text = readTextFile(shell, name);
    if (text !== null) return print(shell, text);
    shell.errorLevel = 1;
    const message =
      name === '' ? 'The syntax of the command is incorrect.' : findWording(shell.machine).system.fileNotFound;
    return { stdout: '', stderr: joinLines(message) };
  },
  del: (rest) => (shell) => {
    const words = splitArguments(rest).filter((word) => !word.startsWith('/'));
    const { system } = findWording(shell.machine);
    // del tells what went wrong and succeeds all the same: ERRORLEVEL stays 0 (general knowledge).
    for (const name of words) {
      const done = deleteTextFile(shell, name);
      if (done === 'denied') return { stdout: '', stderr: joinLines(name, system.accessDenied) };
      if (done === 'not-found') return { stdout: '', stderr: joinLines(`Could Not Find ${name}`) };
    }
    return silent;
  },
  cd: (rest) => (shell) => print(shell, rest.trim() === '' ? joinLines('C:\\Users\\Administrator') : ''),
  rem: () => () => silent,
  cls: () => (shell) => print(shell, '\f'),
  title: () => () => silent,
  verify: () => (shell) => print(shell, joinLines('VERIFY is off.')),
};

function print(shell: CmdState, stdout: string): Streams {
  shell.lastMissing = false;
  return { stdout, stderr: '' };
}

/** `echo X & next` prints `X ` with its trailing blank: cmd cuts only the one letter behind the word. */
function runEcho(shell: CmdState, rest: string): Streams {
  const word = rest.trim();
  // Longer than any word that echo knows.
  if (word.length > 3) return print(shell, joinLines(rest.slice(1)));
  if (word === '')
    return print(
      shell,
      rest === '' || /^\s/.test(rest) ? joinLines(`ECHO is ${shell.echo ? 'on' : 'off'}.`) : joinLines(''),
    );
  if (word === '/?') return print(shell, joinLines('Displays messages, or turns command-echoing on or off.'));
  const state = word.toLowerCase();
  if (state === 'on' || state === 'off') {
    shell.echo = state === 'on';
    return silent;
  }
  return print(shell, joinLines(rest.slice(1)));
}

function runSet(shell: CmdState, text: string): Streams {
  const assignment = /^"?([^="]+)=([^"]*)"?$/.exec(text);
  if (assignment !== null) {
    const [, name = '', value = ''] = assignment;
    const known = [...shell.variables.keys()].find((key) => key.toLowerCase() === name.toLowerCase()) ?? name;
    if (value === '') shell.variables.delete(known);
    else shell.variables.set(known, value);
    return silent;
  }
  const shown = [...shell.variables].filter(([name]) => name.toLowerCase().startsWith(text.trim().toLowerCase()));
  if (shown.length > 0) return print(shell, joinLines(...shown.map(([name, value]) => `${name}=${value}`)));
  shell.errorLevel = 1;
  return { stdout: '', stderr: joinLines(`Environment variable ${text} not defined`) };
}
