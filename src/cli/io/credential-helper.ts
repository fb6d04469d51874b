// I/O: programs and stores that keep passwords for others. Nothing they print is shown.
import { execFile } from 'node:child_process';
import type { HelperResult } from '../../inventory/secrets/secret-helpers.ts';
import { helperEnvironment } from './helper-environment.ts';

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

/** Looks a password up in the desktop's keyring, through the optional native module. */
export async function askKeyring(name: string): Promise<string | null> {
  const { AsyncEntry } = await import('@napi-rs/keyring');
  return (await new AsyncEntry('fencepost', name).getPassword()) ?? null;
}
