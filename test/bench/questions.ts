// What collect asks, taken from the command line that it sent, so that no list can drift from it; and the same as PowerShell takes it, which is
// what Ansible's raw runs. Pure. Form of the line: src/windows/script.ts.
import { withPlainNames } from '../support/plain-names.ts';

const callOfCmd = '%SystemRoot%\\System32\\cmd.exe';

/** The questions of collect's command line, in order and with the plain names of their programs. Throws when the line has another form than the one known here. */
export function questionsOf(commandLine: string): readonly string[] {
  const script =
    /^%SystemRoot%\\System32\\cmd\.exe \/d \/v:on \/s \/c "echo #fencepost:[0-9a-f]{12}:0:!errorlevel!# & (.*)"$/s.exec(
      commandLine,
    )?.[1];
  if (script === undefined) throw new Error(`collect's command line has an unknown form: ${commandLine}`);
  const marker = / & echo #fencepost:[0-9a-f]{12}:(\d+):!errorlevel!#(?: & |$)/;
  const pieces = withPlainNames(script).split(marker);
  const questions = pieces.filter((_, index) => index % 2 === 0).slice(0, -1);
  const numbers = pieces.filter((_, index) => index % 2 === 1);
  const whole = pieces.at(-1) === '' && numbers.every((number, index) => Number(number) === index + 1);
  if (!whole || questions.length === 0) throw new Error(`collect's command line has an unknown form: ${commandLine}`);
  return questions;
}

/** What stands at the end of an answer to the whole command line, its exit code left open. */
export function lastMark(commandLine: string): string {
  const nonce = /#fencepost:([0-9a-f]{12}):0:/.exec(commandLine)?.[1] ?? '';
  return `#fencepost:${nonce}:${String(questionsOf(commandLine).length)}:`;
}

/** How PowerShell 5.1 is asked: `ver` is cmd's own command, `sc` the alias of Set-Content; programs are called as they are. */
const forms: Readonly<Record<string, (line: string) => string>> = {
  ver: (line) => `cmd /c ${line}`,
  sc: (line) => line.replace(/^sc /, 'sc.exe '),
  netsh: (line) => line,
  netstat: (line) => line,
  reg: (line) => line,
  schtasks: (line) => line,
  tasklist: (line) => line,
  whoami: (line) => line,
};

/** One question for PowerShell. Throws for a program that is not known here: then the bench would no longer ask the same. */
export function inPowerShell(question: string): string {
  const [program = ''] = question.split(' ');
  const form = Object.hasOwn(forms, program) ? forms[program] : undefined;
  if (form === undefined) {
    throw new Error(`collect asks "${question}": say in test/bench/questions.ts how PowerShell is asked that`);
  }
  return form(question);
}

/** The whole line for PowerShell: behind `--%` nothing is parsed, so that quotes and `&` reach cmd as they are. */
export function wholeInPowerShell(commandLine: string): string {
  return commandLine.replace(callOfCmd, 'cmd --%');
}
