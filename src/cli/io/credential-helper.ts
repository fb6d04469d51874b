// I/O: programs and stores that keep passwords for others. Nothing they print is shown.
import { execFile } from 'node:child_process';
import type { HelperResult } from '../../inventory/secrets/secret-helpers.ts';
import { readErrnoCode } from '../../model/failures/errno-code.ts';
import { helperEnvironment } from './helper-environment.ts';
import { runProgram } from './programs/run-program.ts';

const helperMs = 30_000;
const maxBytes = 65_536;

/** Runs a credential helper without a shell and without input. */
export function runHelper(argv: readonly string[]): Promise<HelperResult> {
  const [program = '', ...args] = argv;
  return new Promise((resolve) => {
    const env = helperEnvironment(process.env);
    const child = execFile(program, args, { env, timeout: helperMs, maxBuffer: maxBytes }, (error, stdout) => {
      if (error === null) resolve({ kind: 'exited', exitCode: 0, stdout });
      else if (error.killed === true) resolve({ kind: 'timed-out', afterMs: helperMs });
      else if (typeof error.code === 'number') resolve({ kind: 'exited', exitCode: error.code, stdout: '' });
      else resolve({ kind: 'not-started', reason: error.code ?? 'unknown reason' });
    });
    child.stdin?.end();
  });
}

/**
 * The same beside other work, whose terminal it must not take: it has none on which it could ask, and it ends with the signal, with whatever
 * it started.
 */
export async function runUnattendedHelper(argv: readonly string[], signal: AbortSignal): Promise<HelperResult> {
  const env = { ...helperEnvironment(process.env), GPG_TTY: undefined };
  const limits = { timeoutMs: helperMs, mostLetters: maxBytes };
  const end = await runProgram({ argv, input: [], env, ...limits, talk: null, signal });
  switch (end.kind) {
    case 'timed-out':
      return { kind: 'timed-out', afterMs: helperMs };
    case 'not-started':
      return { kind: 'not-started', reason: readErrnoCode(end.cause) ?? 'unknown reason' };
    case 'exited':
      if (end.exitCode === 0) return { kind: 'exited', exitCode: 0, stdout: end.stdout };
      if (end.exitCode === null) return { kind: 'not-started', reason: 'ended by a signal' };
      return { kind: 'exited', exitCode: end.exitCode, stdout: '' };
  }
}

/** Looks a password up in the desktop's keyring, through the optional native module. */
export async function askKeyring(name: string): Promise<string | null> {
  const { AsyncEntry } = await import('@napi-rs/keyring');
  return (await new AsyncEntry('fencepost', name).getPassword()) ?? null;
}
