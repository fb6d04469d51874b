// cmd.exe at work: it walks the tree of line-grammar.ts on one machine, expands variables and pipes. It knows no
// program but its own built-in commands (builtins.ts); the others are handed in.
import { isElsewhere, readCommand, readProgramName } from './command.ts';
import { readTextFile } from './files.ts';
import type { Condition } from './line-conditions.ts';
import { parseCommandLine } from './line-grammar.ts';
import type { CommandNode } from './line-grammar.ts';
import { readInput, redirectOutput } from './redirects.ts';
import { expandDelayed, expandPercent, readVariable } from './variables.ts';
import { fail, finishWork, type CmdState, type Streams, type Work } from './state.ts';
import { fillPhrase, findWording } from '../phrases/wordings.ts';
import { printError, splitArguments } from '../programs/program.ts';
import type { Program, ProgramResult } from '../programs/program.ts';

/** Exit code of the shell itself, and ERRORLEVEL inside it, when a program isn't there. */
const notFoundOutside = 1;
const notFoundInside = 9009;
/** A `cmd` that starts a `cmd` that starts ...: deeper than any script goes. */
const deepestShell = 20;
/** The longest line cmd takes (wsman.md section 2.5). */
const longestLine = 8191;

/** What cmd says of a program that a policy of the domain keeps from starting (AppLocker, software restriction): not recorded. */
const blockedByPolicy =
  'This program is blocked by group policy. For more information, contact your system administrator.';

/** Runs one line in `shell`; its exit code is the ERRORLEVEL at the end, but 1 when the last program was not there. */
export function* runLine(shell: CmdState, line: string, stdin: string): Work<ProgramResult> {
  if (shell.ended) return { stdout: '', stderr: '', exitCode: shell.errorLevel };
  const expanded = expandPercent(shell, line);
  // As typed and as expanded.
  if (Math.max(line.length, expanded.length) > longestLine) {
    return { stdout: '', stderr: 'The command line is too long.\r\n', exitCode: 1 };
  }
  const parsed = parseCommandLine(expanded);
  if (!parsed.ok) {
    shell.errorLevel = 255;
    return { stdout: '', stderr: `${parsed.unexpected} was unexpected at this time.\r\n`, exitCode: 255 };
  }
  const result = yield* runNode(shell, parsed.node, stdin);
  return { ...result, exitCode: shell.lastMissing ? notFoundOutside : shell.errorLevel };
}

/** What a cmd without /D does before its own line; what that sets (variables, the code page) stays. */
export function* runAutoRun(shell: CmdState): Work<Streams> {
  const line = shell.machine.quirks.cmdAutoRun;
  if (line === null) return { stdout: '', stderr: '' };
  const { stdout, stderr } = yield* runLine(shell, line, '');
  shell.errorLevel = 0;
  shell.lastMissing = false;
  return { stdout, stderr };
}

/** A shell inside a shell, as `cmd /c` and each end of a pipe are: it inherits, and gives back only its exit code. */
function createNestedState(shell: CmdState, delayed: boolean): CmdState {
  return {
    ...shell,
    variables: new Map(shell.variables),
    loopVariables: new Map(),
    level: shell.level + 1,
    delayed,
    errorLevel: 0,
    ended: false,
    lastMissing: false,
  };
}

function* runNode(shell: CmdState, node: CommandNode, stdin: string): Work<Streams> {
  switch (node.kind) {
    case 'simple': {
      const input = readInput(shell, node.redirects, stdin);
      if (input === null) return fail(shell, 'The system cannot find the file specified.');
      return redirectOutput(shell, node.redirects, yield* runSimple(shell, node.text, input));
    }
    case 'group':
      return redirectOutput(shell, node.redirects, yield* runNode(shell, node.body, stdin));
    case 'pipe':
      return yield* runPipe(shell, node.parts, stdin);
    case 'if': {
      const chosen = isMet(shell, node.condition) ? node.body : node.otherwise;
      return chosen === null ? silent : yield* runNode(shell, chosen, stdin);
    }
    case 'for':
      return yield* runLoop(shell, node, stdin);
    default: {
      let stdout = '';
      let stderr = '';
      for (const [index, part] of node.parts.entries()) {
        if (shell.ended) break;
        const succeeded = shell.errorLevel === 0;
        if (index > 0 && node.kind === 'both' && !succeeded) break;
        if (index > 0 && node.kind === 'either' && succeeded) break;
        // `&&` and `||` ask how the command before them went, not about an older ERRORLEVEL.
        if (index === 0 && node.kind !== 'each') shell.errorLevel = 0;
        const isPlain = part.kind === 'simple' && part.redirects.length === 0;
        const done = isPlain ? runWithoutWaiting(shell, part.text, stdin) : null;
        const result = done ?? (yield* runNode(shell, part, stdin));
        stdout += result.stdout;
        stderr += result.stderr;
      }
      return { stdout, stderr };
    }
  }
}

const silent: Streams = { stdout: '', stderr: '' };

function* runLoop(shell: CmdState, loop: Extract<CommandNode, { kind: 'for' }>, stdin: string): Work<Streams> {
  let stdout = '';
  let stderr = '';
  for (const value of loop.values) {
    if (shell.ended) break;
    shell.loopVariables.set(loop.variable, String(value));
    const result = yield* runNode(shell, loop.body, stdin);
    stdout += result.stdout;
    stderr += result.stderr;
  }
  shell.loopVariables.delete(loop.variable);
  return { stdout, stderr };
}

function isMet(shell: CmdState, condition: Condition): boolean {
  const isTrue =
    condition.kind === 'defined'
      ? readVariable(shell, condition.name) !== undefined
      : expandRunning(shell, condition.left) === expandRunning(shell, condition.right);
  return isTrue !== condition.isNot;
}

/** What is expanded only when a command is carried out: the variables of loops, and then `!name!`. */
function expandRunning(shell: CmdState, text: string): string {
  let expanded = text;
  if (shell.loopVariables.size > 0)
    for (const [name, value] of shell.loopVariables) expanded = expanded.replaceAll(`%${name}`, value);
  return shell.delayed ? expandDelayed(shell, expanded) : expanded;
}

function* runPipe(shell: CmdState, parts: readonly CommandNode[], stdin: string): Work<Streams> {
  let input = stdin;
  let stderr = '';
  for (const part of parts) {
    // Each end of a pipe is a shell of its own, without delayed expansion.
    const end = createNestedState(shell, false);
    const result = yield* runNode(end, part, input);
    input = result.stdout;
    stderr += result.stderr;
    shell.errorLevel = end.errorLevel;
    shell.lastMissing = end.lastMissing;
  }
  return { stdout: input, stderr };
}

function* runSimple(shell: CmdState, rawText: string, stdin: string): Work<Streams> {
  const done = runWithoutWaiting(shell, rawText, stdin);
  if (done !== null) return done;
  const { program, rawArguments, words } = readCommand(expandSimple(shell, rawText));
  shell.lastMissing = false;
  const run = program === 'cmd' ? undefined : shell.programs.get(program);
  // A program is a process: whoever ends the line ends it before or behind one.
  if (run !== undefined) yield 0;
  const result: ProgramResult =
    run === undefined
      ? yield* runNestedCmd(shell, rawArguments, stdin)
      : run(makeCall(shell, rawArguments, words, stdin));
  if (result.tookMs !== undefined) yield result.tookMs;
  shell.errorLevel = result.exitCode;
  return result;
}

function expandSimple(shell: CmdState, rawText: string): string {
  return expandRunning(shell, rawText).replace(/^[\s@]+/, '');
}

/**
 * All but a program that somebody may end, and a shell in the shell, of which the same is true: null, and nothing was done. Most commands of
 * a line are such, and a generator for each of them took most of a line's time.
 */
function runWithoutWaiting(shell: CmdState, rawText: string, stdin: string): Streams | null {
  const text = expandSimple(shell, rawText);
  if (text === '') return silent;
  const { builtin, name, program, isPath, isElsewhere, rawArguments, words } = readCommand(text);
  if (builtin !== null) return builtin(shell, stdin);
  const { scriptsInFolder, forbiddenPrograms } = shell.machine.quirks;
  if (scriptsInFolder.includes(program) && !isPath) return runFolderScript(shell, program);
  if (forbiddenPrograms.includes(program)) {
    shell.lastMissing = false;
    return fail(shell, blockedByPolicy);
  }
  if (program === 'cmd' && !isElsewhere) return null;
  const run = isElsewhere ? undefined : shell.programs.get(program);
  if (run === undefined) {
    shell.errorLevel = notFoundInside;
    shell.lastMissing = true;
    const phrase = findWording(shell.machine).notRecognized;
    return { stdout: '', stderr: fillPhrase(phrase, { name: name.replaceAll('"', '') }) };
  }
  if (!shell.isAtOnce) return null;
  shell.lastMissing = false;
  const result = run(makeCall(shell, rawArguments, words, stdin));
  shell.errorLevel = result.exitCode;
  return result;
}

/** A program started by its path without cmd, as the task scheduler does. Null: there is no such program. */
export function startProgram(shell: CmdState, path: string, rawArguments: string): ProgramResult | null {
  if (isElsewhere(path)) return null;
  const program = readProgramName(path);
  if (shell.machine.quirks.forbiddenPrograms.includes(program)) return printError('', 1);
  if (program === 'cmd') return finishWork(runNestedCmd(shell, rawArguments, ''));
  return shell.programs.get(program)?.(makeCall(shell, rawArguments, splitArguments(rawArguments), '')) ?? null;
}

function makeCall(
  shell: CmdState,
  rawArguments: string,
  words: readonly string[],
  stdin: string,
): Parameters<Program>[0] {
  return {
    machine: shell.machine,
    elevated: shell.elevated,
    rawArguments,
    words,
    stdin,
    readFile: (name) => readTextFile(shell, name),
    run: (line, input) => {
      if (shell.level >= deepestShell) return refuseNesting();
      return finishWork(runLine(createNestedState(shell, false), line, input));
    },
  };
}

function refuseNesting(): ProgramResult {
  return { stdout: '', stderr: 'Not enough memory resources are available to process this command.\r\n', exitCode: 8 };
}

/** Somebody's script that bears the name of a program: it prints a line, succeeds, and does nothing of what was asked. */
function runFolderScript(shell: CmdState, program: string): Streams {
  shell.errorLevel = 0;
  shell.lastMissing = false;
  return { stdout: `this is ${program}.cmd in the current folder\r\n`, stderr: '' };
}

/** `cmd [/v:on] [/s] [/q] [/d] /c line`, or `/k`; without either it reads an empty input and ends. */
function* runNestedCmd(shell: CmdState, rawArguments: string, stdin: string): Work<ProgramResult> {
  const options = /^(?:\s*\/(?!c|k|r)[a-z](?::\w+)?)*/i.exec(rawArguments)?.[0] ?? '';
  const rest = /^\s*\/[ckr]/i.exec(rawArguments.slice(options.length));
  const inner = createNestedState(shell, /\/v(?::on)?(?=[\s/]|$)/i.test(options));
  if (/\/q/i.test(options)) inner.echo = false;
  if (rest === null) return { stdout: '', stderr: '', exitCode: 0 };
  if (inner.level > deepestShell) return refuseNesting();
  const line = rawArguments.slice(options.length + rest[0].length).trim();
  const printedFirst = /\/d/i.test(options) ? { stdout: '', stderr: '' } : yield* runAutoRun(inner);
  const result = yield* runLine(inner, unwrapQuotes(line, /\/s/i.test(options), shell.programs), stdin);
  return {
    stdout: printedFirst.stdout + result.stdout,
    stderr: printedFirst.stderr + result.stderr,
    exitCode: result.exitCode,
  };
}

/**
 * The quote rule of `cmd /?`: the quotes stay only without /S, when there are exactly two, no special letter and at least one
 * blank between them, and what they enclose is a program. Else a leading quote goes, and so does the last one on the line.
 */
export function unwrapQuotes(line: string, strict: boolean, programs: ReadonlyMap<string, Program>): string {
  if (!line.startsWith('"')) return line;
  const inside = /^"([^"]*)"[^"]*$/.exec(line)?.[1];
  const keeps = !strict && inside !== undefined && /\s/.test(inside) && !/[&<>()@^|]/.test(inside);
  if (keeps && (programs.has(readProgramName(inside)) || readProgramName(inside) === 'cmd')) return line;
  const last = line.lastIndexOf('"');
  return last === 0 ? line.slice(1) : line.slice(1, last) + line.slice(last + 1);
}
