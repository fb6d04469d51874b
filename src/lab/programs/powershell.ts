// powershell.exe, just enough for clients that wrap plain command lines in it (Ansible's `raw` sends -EncodedCommand). It runs
// the command lines of a script one after the other; expressions, cmdlets and modules are not there, and it says so.
// Names: about_Aliases of Windows PowerShell 5.1. `--%`: about_Parsing, and verbatim-command-argument of the language's grammar.
import { printError, joinLines, splitArguments } from './program.ts';
import type { ProgramCall, ProgramResult } from './program.ts';

/** cmd carries these in itself, so PowerShell finds neither a program nor an alias of that name. */
const onlyInCmd = new Set(['ver', 'verify', 'title', 'rem']);
/** `program --% text`: PowerShell hands the text over as it stands, up to the end of the line. */
const verbatim = /^(&\s*)?(\S+)\s+--%\s+([\s\S]*)$/;

interface ScriptState {
  stdout: string;
  stderr: string;
  lastExitCode: number | null;
  succeeded: boolean;
}

/** `powershell [options] -EncodedCommand BASE64 | -Command TEXT | TEXT`. */
export function powershell(call: ProgramCall): ProgramResult {
  const script = readScript(call);
  if (script === null)
    return printError(
      joinLines('Cannot process the command because the value specified with -EncodedCommand is not properly encoded.'),
    );
  const state: ScriptState = { stdout: '', stderr: '', lastExitCode: null, succeeded: true };
  // `--%` came with PowerShell 3.0, Windows Server 2012.
  const { major, minor } = call.machine.windows;
  const stops = major > 6 || (major === 6 && minor >= 2);
  for (const statement of splitStatements(script, stops)) {
    const exit = runStatement(call, statement, stops, state);
    if (exit !== null) return { stdout: state.stdout, stderr: state.stderr, exitCode: exit };
  }
  // A script that doesn't say `exit` ends with 1 when its last command failed, whatever that command's own code was.
  return { stdout: state.stdout, stderr: state.stderr, exitCode: state.succeeded ? 0 : 1 };
}

function readScript(call: ProgramCall): string | null {
  const encoded = /(?:^|\s)-(?:encodedcommand|enc|ec|e)\s+"?([a-z0-9+/=]*)"?/i.exec(call.rawArguments)?.[1];
  if (encoded !== undefined) {
    const bytes = Buffer.from(encoded, 'base64');
    return bytes.length % 2 === 0 ? bytes.toString('utf16le') : null;
  }
  const command = /(?:^|\s)-(?:command|c)\s+([\s\S]*)$/i.exec(call.rawArguments)?.[1];
  const text = command ?? removeOptions(call.rawArguments);
  return text.trim() === '-' ? call.stdin : splitArguments(text).join(' ');
}

/** Options that take a value, and those that don't, before the script text. */
function removeOptions(raw: string): string {
  const option =
    /^\s*-(?:(?:executionpolicy|ep|version|outputformat|inputformat|windowstyle)\s+\S+|noprofile|noninteractive|nologo|sta|mta|noexit)(?=\s|$)/i;
  let rest = raw;
  while (option.test(rest)) rest = rest.replace(option, '');
  return rest;
}

/** Splits at line ends and `;`, outside quotes and outside `{ }`; behind a `--%` that `stops` the parsing, at line ends only. */
function splitStatements(script: string, stops: boolean): string[] {
  const statements: string[] = [];
  let statement = '';
  let quote: string | null = null;
  let depth = 0;
  for (const letter of script) {
    if (quote !== null) quote = letter === quote ? null : quote;
    else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === '{') depth += 1;
    else if (letter === '}') depth -= 1;
    if (
      quote === null &&
      depth === 0 &&
      (letter === '\n' || (letter === ';' && !(stops && verbatim.test(statement))))
    ) {
      statements.push(statement.trim());
      statement = '';
    } else {
      statement += letter;
    }
  }
  statements.push(statement.trim());
  return statements.filter((one) => one !== '' && !one.startsWith('#'));
}

/** The exit code when the statement ends the script; else null. */
function runStatement(call: ProgramCall, statement: string, stops: boolean, state: ScriptState): number | null {
  const last = state.lastExitCode ?? 0;
  const exit = /^exit(?:\s+(\$lastexitcode|-?\d+))?$/i.exec(statement);
  if (exit !== null) return exit[1] === undefined ? 0 : exit[1].startsWith('$') ? last : Number(exit[1]) >>> 0;
  if (/^if\s*\(\s*-not\s+\$\?\s*\)/i.test(statement)) return state.succeeded ? null : last === 0 ? 1 : last;
  // Settings of the session (`$ErrorActionPreference = ...`, `[Console]::OutputEncoding = ...`) have nothing to show.
  if (/^(?:\$[\w:]+|\[[\w.]+\]::\w+)\s*=/.test(statement) || /^set-strictmode\b/i.test(statement)) return null;
  const said = /^(?:write-output|write-host|echo)\s+([\s\S]*)$/i.exec(statement)?.[1];
  if (said !== undefined) return writeOutput(state, splitArguments(said.replaceAll("'", '"')).join(' '));
  if (/^\$lastexitcode$/i.test(statement)) return writeOutput(state, String(last));
  if (/^(?:'[^']*'|"[^"]*")$/.test(statement)) return writeOutput(state, statement.slice(1, -1));
  const word = /^(?:&\s*)?["']?([^\s"']+)/.exec(statement)?.[1] ?? statement;
  if (/^[a-z]+-[a-z]+$/i.test(word) || /^[$[({@]/.test(word) || onlyInCmd.has(word.toLowerCase()))
    return refuseCmdlet(state, word);
  // The alias of Set-Content goes before the program: it writes a file, and says nothing. `sc.exe` is the program.
  if (word.toLowerCase() === 'sc') return writeOutput(state, null);
  const [, , program = '', text = ''] = (stops ? verbatim.exec(statement) : null) ?? [];
  const line = program === '' ? statement.replace(/^&\s*/, '').replaceAll("'", '"') : `${program} ${text}`;
  const result = call.run(line, call.stdin);
  state.stdout += result.stdout;
  state.stderr += result.stderr;
  state.lastExitCode = result.exitCode;
  state.succeeded = result.exitCode === 0;
  return null;
}

/** `text` null: it succeeded without a word. */
function writeOutput(state: ScriptState, text: string | null): null {
  if (text !== null) state.stdout += joinLines(text);
  state.succeeded = true;
  return null;
}

function refuseCmdlet(state: ScriptState, word: string): null {
  state.stderr += joinLines(
    `${word} : The term '${word}' is not recognized as the name of a cmdlet, function, script file, or operable program.`,
  );
  state.succeeded = false;
  return null;
}
