// I/O: puts a shell's completion script where that shell loads it, and takes it away again: a marked block in the file it reads at its
// start, for fish a file of its own. It starts no shell but PowerShell, which alone knows where its profile is.
// Sources: bash(1), zsh(1) and fish's completions page; about_Profiles.
import { readFile, realpath, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { makeDirectory } from '../../../files/make-directory.ts';
import { Failure } from '../../../model/failure.ts';
import { readErrnoCode } from '../../../model/failures/errno-code.ts';
import { runProgram } from '../../io/programs/run-program.ts';
import { replaceFile } from '../../io/replace-file.ts';
import { completionScript, type Shell } from './completion-scripts.ts';
import { putBlock, removeBlock } from './marked-block.ts';

export interface CompletionFile {
  readonly path: string;
  readonly change: 'written' | 'unchanged' | 'removed' | 'not-there';
}

/** Throws Failure `usage/invalid` for a file that cannot be read or written, or of which nobody can tell what is ours. */
export async function installCompletion(shell: Shell): Promise<readonly CompletionFile[]> {
  const content = completionContent(shell);
  const change = (text: string): string | null => {
    if (shell !== 'fish') return putBlock(text, content);
    return text === '' || isOurs(text) ? content : null;
  };
  const files: CompletionFile[] = [];
  for (const path of await filesOf(shell)) {
    const isChanged = await changeFile(path, change);
    files.push({ path, change: isChanged ? 'written' : 'unchanged' });
  }
  return files;
}

/** Throws like `installCompletion`. */
export async function uninstallCompletion(shell: Shell): Promise<readonly CompletionFile[]> {
  const files: CompletionFile[] = [];
  for (const path of await filesOf(shell)) {
    const isChanged = shell === 'fish' ? await deleteFile(path) : await changeFile(path, removeBlock);
    files.push({ path, change: isChanged ? 'removed' : 'not-there' });
  }
  return files;
}

function completionContent(shell: Shell): string {
  const script = completionScript(shell);
  // Before compinit has run there is no compdef, and each start of the shell would complain.
  return shell === 'zsh' ? `(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }\n${script}` : script;
}

async function filesOf(shell: Shell): Promise<readonly string[]> {
  if (shell === 'bash') return [join(homedir(), '.bashrc')];
  if (shell === 'zsh') return [join(fromEnvironment('ZDOTDIR', homedir()), '.zshrc')];
  if (shell === 'powershell') return powershellProfiles();
  return [join(fromEnvironment('XDG_CONFIG_HOME', join(homedir(), '.config')), 'fish/completions/fencepost.fish')];
}

function fromEnvironment(name: string, usual: string): string {
  const named = process.env[name] ?? '';
  return isAbsolute(named) ? named : usual;
}

/** Of PowerShell 7 and of Windows PowerShell 5, where they are; a Documents folder may be anywhere. */
async function powershellProfiles(): Promise<readonly string[]> {
  const profiles = new Set<string>();
  for (const program of ['pwsh', 'powershell']) {
    const argv = [program, '-NoProfile', '-NonInteractive', '-Command', '[Console]::Out.Write([string]$PROFILE)'];
    const ended = await runProgram({ argv, input: [], env: process.env, timeoutMs: 30_000, talk: null });
    if (ended.kind === 'exited' && ended.exitCode === 0 && isAbsolute(ended.stdout)) profiles.add(ended.stdout);
  }
  if (profiles.size > 0) return [...profiles];
  throw new Failure('usage/invalid', 'PowerShell did not print the path of its profile', {
    hint: 'in PowerShell: fencepost completion powershell >> $PROFILE',
  });
}

/** False: it is as it should be already. */
async function changeFile(path: string, change: (text: string) => string | null): Promise<boolean> {
  const before = (await readText(path)) ?? '';
  const after = change(before);
  if (after === null) throw unusable(path, 'holds text that Fencepost cannot tell apart from its own');
  if (after === before) return false;
  await writeText(path, after);
  return true;
}

/** False: there is none of ours. */
async function deleteFile(path: string): Promise<boolean> {
  const text = await readText(path);
  if (text === null || !isOurs(text)) return false;
  await rm(path).catch((cause: unknown) => {
    throw unusable(path, `cannot be deleted (${readErrnoCode(cause) ?? 'unknown'})`, cause);
  });
  return true;
}

function isOurs(text: string): boolean {
  return text.includes('--get-yargs-completions');
}

/** Bytes as letters, so that whatever encoding the rest of the file has comes back as it was; what we add is ASCII. */
async function readText(path: string): Promise<string | null> {
  const text = await readFile(path, 'latin1').catch((cause: unknown) => {
    const code = readErrnoCode(cause);
    if (code === 'ENOENT') return null;
    throw unusable(path, `cannot be read (${code ?? 'unknown'})`, cause);
  });
  if (text !== null && /^(?:\xff\xfe|\xfe\xff)/.test(text)) throw unusable(path, 'is in UTF-16');
  return text;
}

/** Behind a link the file is replaced, not the link: people keep these files elsewhere. */
async function writeText(path: string, text: string): Promise<void> {
  const file = await realpath(path).catch(() => path);
  const found = await stat(file).catch(() => null);
  await makeDirectory(dirname(file)).catch((cause: unknown) => {
    throw unusable(path, `cannot be written (${readErrnoCode(cause) ?? 'unknown'})`, cause);
  });
  // A string would be written as UTF-8.
  await replaceFile(file, Buffer.from(text, 'latin1'), found === null ? 0o644 : found.mode & 0o777);
}

function unusable(path: string, what: string, cause?: unknown): Failure {
  return new Failure('usage/invalid', `the file ${what}`, {
    where: path,
    hint: 'add the script yourself: fencepost completion --help',
    cause,
  });
}
